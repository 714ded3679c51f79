//! URLs as Python's `urllib.parse` takes them apart and puts them together.
//!
//! MLflow runs artifact paths and URIs through it, so what it keeps, drops and lowercases decides how an artifact is
//! called on disk. WHATWG parsing (the `url` crate) differs in almost every odd case.

use percent_encoding::percent_decode_str;

/// The parts of a URL. Absent parts are empty, as in Python.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Split {
    /// Lowercase, without the colon.
    pub scheme: String,
    /// Authority: host, and perhaps user and port.
    pub netloc: String,
    /// Path; `;parameters` stay part of it.
    pub path: String,
    /// Without the question mark.
    pub query: String,
    /// Without the hash.
    pub fragment: String,
}

/// Schemes after which Python always writes `//`.
const WITH_AUTHORITY: [&str; 24] = [
    "ftp", "http", "gopher", "nntp", "telnet", "imap", "wais", "file", "mms", "https", "shttp", "snews", "prospero",
    "rtsp", "rtsps", "rtspu", "rsync", "svn", "svn+ssh", "sftp", "nfs", "git", "git+ssh", "ws",
];

/// Schemes (and none) whose last path segment may carry `;parameters`.
const WITH_PARAMETERS: [&str; 16] = [
    "", "ftp", "hdl", "prospero", "http", "imap", "https", "shttp", "rtsp", "rtsps", "rtspu", "sip", "sips", "mms",
    "sftp", "tel",
];

/// Takes `url` apart. `None` where Python raises: an authority with broken brackets or with characters that normalise
/// to delimiters.
#[must_use]
pub fn split(url: &str) -> Option<Split> {
    take_apart(url, true)
}

/// As [`split`] with `allow_fragments=False`: a hash is a character like others.
#[must_use]
pub fn split_without_fragment(url: &str) -> Option<Split> {
    take_apart(url, false)
}

fn take_apart(url: &str, fragments: bool) -> Option<Split> {
    let url: String =
        url.trim_start_matches(|c: char| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
    let (scheme, rest) = split_scheme(&url);
    let (netloc, rest) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
        None => ("", rest),
    };
    if !authority_is_sound(netloc) {
        return None;
    }
    let (rest, fragment) = rest.split_once('#').filter(|_| fragments).unwrap_or((rest, ""));
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Some(Split {
        scheme,
        netloc: netloc.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        fragment: fragment.to_owned(),
    })
}

fn split_scheme(url: &str) -> (String, &str) {
    let Some((head, rest)) = url.split_once(':') else { return (String::new(), url) };
    let starts_well = head.starts_with(|c: char| c.is_ascii_alphabetic());
    if starts_well && head.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')) {
        (head.to_ascii_lowercase(), rest)
    } else {
        (String::new(), url)
    }
}

/// Python refuses more than this finds sound only where compatibility characters hide a delimiter; here every
/// non-ASCII authority with such a character is refused.
fn authority_is_sound(netloc: &str) -> bool {
    let brackets_match = match (netloc.contains('['), netloc.contains(']')) {
        (false, false) => true,
        (true, true) => netloc
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'))
            .is_some_and(|(host, _)| host.parse::<std::net::Ipv6Addr>().is_ok()),
        _ => false,
    };
    brackets_match && !netloc.chars().any(|c| matches!(c, '\u{2048}'..='\u{2049}' | '\u{2100}'..='\u{2106}' | '\u{2a74}' | '\u{fe13}' | '\u{fe16}' | '\u{fe55}'..='\u{fe56}' | '\u{fe5f}' | '\u{fe6b}' | '\u{ff03}' | '\u{ff0f}' | '\u{ff1a}' | '\u{ff1f}' | '\u{ff20}'))
}

/// Puts a URL together again. Empty queries, fragments and parameters vanish.
#[must_use]
pub fn unsplit(parts: &Split) -> String {
    let mut path = parts.path.clone();
    if WITH_PARAMETERS.contains(&parts.scheme.as_str()) && has_empty_parameters(&path) {
        path.pop();
    }
    let always = WITH_AUTHORITY.contains(&parts.scheme.as_str()) || parts.scheme == "wss";
    let mut url = path;
    if !parts.netloc.is_empty() || (always && !url.starts_with("//")) {
        let slash = if url.is_empty() || url.starts_with('/') { "" } else { "/" };
        url = format!("//{}{slash}{url}", parts.netloc);
    }
    if !parts.scheme.is_empty() {
        url = format!("{}:{url}", parts.scheme);
    }
    if !parts.query.is_empty() {
        url = format!("{url}?{}", parts.query);
    }
    if !parts.fragment.is_empty() {
        url = format!("{url}#{}", parts.fragment);
    }
    url
}

/// The host in an authority, in small letters, and the port where there is one. `None` for a port that is no number or
/// too large a one.
#[must_use]
pub fn host_and_port(netloc: &str) -> Option<(String, Option<u16>)> {
    let (_, address) = netloc.rsplit_once('@').unwrap_or(("", netloc));
    let (host, port) = match address.split_once('[') {
        Some((_, bracketed)) => {
            let (host, after) = bracketed.split_once(']').unwrap_or((bracketed, ""));
            (host, after.split_once(':').map_or("", |(_, port)| port))
        }
        None => address.split_once(':').unwrap_or((address, "")),
    };
    let port = if port.is_empty() { None } else { Some(port.parse().ok().filter(|_| !port.starts_with('+'))?) };
    Some((host.to_lowercase(), port))
}

/// The path without the `;parameters` of its last segment.
#[must_use]
pub fn path_without_parameters(parts: &Split) -> &str {
    let path = parts.path.as_str();
    if !WITH_PARAMETERS.contains(&parts.scheme.as_str()) {
        return path;
    }
    let last = path.rfind('/').map_or(0, |slash| slash + 1);
    let parameters = path.get(last..).and_then(|segment| segment.find(';'));
    parameters.and_then(|at| path.get(..last + at)).unwrap_or(path)
}

/// Whether the last segment of the path carries `;parameters`.
#[must_use]
pub fn has_parameters(parts: &Split) -> bool {
    let last = parts.path.rsplit('/').next().unwrap_or_default();
    WITH_PARAMETERS.contains(&parts.scheme.as_str()) && last.split_once(';').is_some_and(|(_, given)| !given.is_empty())
}

/// Whether the last segment's only `;` ends the path.
fn has_empty_parameters(path: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or(path);
    last.find(';') == Some(last.len().wrapping_sub(1))
}

/// `%XX` decoded once; what is not UTF-8 becomes U+FFFD.
#[must_use]
pub fn unquote(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// Decoded until nothing is left to decode, once more in each step.
#[must_use]
pub fn unquote_fully(text: &str) -> String {
    until_stable(text, unquote)
}

/// As [`unquote_fully`], where a plus sign stands for a blank.
#[must_use]
pub fn unquote_plus_fully(text: &str) -> String {
    until_stable(text, |text| unquote(&text.replace('+', " ")))
}

fn until_stable(text: &str, step: impl Fn(&str) -> String) -> String {
    let mut text = text.to_owned();
    loop {
        let next = step(&text);
        if next == text {
            return text;
        }
        text = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_survive_as_python_keeps_them() {
        let table = [
            ("S3://Bucket/a%20b?x=1#f", "s3://Bucket/a%20b?x=1#f"),
            ("file:a", "file:///a"),
            ("a?", "a"),
            ("a;", "a"),
            ("a;b;", "a;b;"),
            ("s3:a;", "s3:a;"),
            ("http:", "http://"),
            ("1:/x", "1:/x"),
            ("\t lead\n", "lead"),
        ];
        for (url, expected) in table {
            assert_eq!(split(url).map(|parts| unsplit(&parts)).as_deref(), Some(expected), "{url:?}");
        }
    }

    #[test]
    fn hosts_and_ports() {
        let table = [
            ("", Some(("", None))),
            ("Host", Some(("host", None))),
            ("user:pw@Host:80", Some(("host", Some(80)))),
            ("a@b@host:", Some(("host", None))),
            ("[::1]:5000", Some(("::1", Some(5000)))),
            ("host:99999", None),
            ("host:+1", None),
            ("host:x", None),
        ];
        for (netloc, expected) in table {
            let expected = expected.map(|(host, port): (&str, _)| (host.to_owned(), port));
            assert_eq!(host_and_port(netloc), expected, "{netloc}");
        }
    }

    #[test]
    fn parameters_are_cut_off_the_last_segment() {
        for (url, expected) in
            [("http://h/a;x/b;y;z", "/a;x/b"), ("http://h/..;y", "/.."), ("s3://b/a;x", "/a;x"), ("http://h/a", "/a")]
        {
            assert_eq!(split(url).as_ref().map(path_without_parameters), Some(expected), "{url}");
        }
    }

    #[test]
    fn text_is_decoded_to_the_end() {
        for (text, expected) in [("%252e%252e", ".."), ("a+b%2Bc", "a+b+c"), ("%25252525", "%"), ("%", "%")] {
            assert_eq!(unquote_fully(text), expected, "{text}");
        }
        assert_eq!(unquote_plus_fully("a+b%2Bc"), "a b c");
    }

    #[test]
    fn broken_authorities_are_refused() {
        for url in ["//[a", "x://a]b/c", "x://[a]/b", "x://[1.2.3.4]/b", "x://h\u{2100}/a", "x://h\u{ff0f}a/b"] {
            assert_eq!(split(url), None, "{url:?}");
        }
        assert!(split("x://[::1]/b").is_some());
    }
}
