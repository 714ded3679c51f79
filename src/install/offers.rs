//! What a package index offers: its simple API, as JSON or as a page of links.

use regex::Regex;
use serde::Deserialize;
use url::Url;

/// What to ask for, the best first.
pub(super) const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1";

/// A link: its address and its text, which is the name of a file.
const LINK: &str = r#"(?is)<a\s[^>]*?href\s*=\s*["']([^"']+)["'][^>]*>(.*?)</a>"#;

/// A file that can be downloaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    pub(super) filename: String,
    pub(super) url: Url,
    /// Lower-case hexadecimal.
    pub(super) sha256: Option<String>,
}

#[derive(Deserialize)]
struct Project {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    filename: String,
    url: String,
    #[serde(default)]
    hashes: Hashes,
}

#[derive(Deserialize, Default)]
struct Hashes {
    sha256: Option<String>,
}

/// The files that the index's answer lists; `None` if it is no such answer. Links may be relative to `base`, the address
/// that answered.
pub(super) fn offers(content_type: &str, body: &str, base: &Url) -> Option<Vec<Offer>> {
    let is_json = content_type.split(';').next().is_some_and(|kind| kind.trim().ends_with("json"));
    if is_json {
        let project: Project = serde_json::from_str(body).ok()?;
        return Some(project.files.into_iter().filter_map(|listed| listed.offer(base)).collect());
    }
    if !body.trim_start().starts_with('<') {
        return None;
    }
    let link = Regex::new(LINK).ok()?;
    let linked = |address: &str, name: &str| {
        let mut url = base.join(&address.replace("&amp;", "&")).ok()?;
        let sha256 = url.fragment().and_then(|digest| digest.strip_prefix("sha256=")).map(str::to_ascii_lowercase);
        url.set_fragment(None);
        Some(Offer { filename: name.trim().to_owned(), url, sha256 })
    };
    Some(link.captures_iter(body).filter_map(|link| linked(link.get(1)?.as_str(), link.get(2)?.as_str())).collect())
}

impl Listed {
    fn offer(self, base: &Url) -> Option<Offer> {
        let sha256 = self.hashes.sha256.map(|sha256| sha256.to_ascii_lowercase());
        Some(Offer { filename: self.filename, url: base.join(&self.url).ok()?, sha256 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(content_type: &str, body: &str) -> Option<Vec<(String, String, Option<String>)>> {
        let base = Url::parse("https://index.example/simple/mlflow/").unwrap();
        let offers = offers(content_type, body, &base)?;
        Some(offers.into_iter().map(|offer| (offer.filename, offer.url.to_string(), offer.sha256)).collect())
    }

    fn offer(url: &str, sha256: Option<&str>) -> (String, String, Option<String>) {
        ("mlflow-1-py3-none-any.whl".to_owned(), url.to_owned(), sha256.map(ToOwned::to_owned))
    }

    #[test]
    fn both_kinds_of_indexes_are_read() {
        let json = "application/vnd.pypi.simple.v1+json";
        for (content_type, body, expected) in [
            (
                json,
                r#"{"meta": {}, "files": [{"filename": "mlflow-1-py3-none-any.whl", "url": "../../f/m.whl", "hashes": {"sha256": "AB"}}]}"#,
                Some(vec![offer("https://index.example/f/m.whl", Some("ab"))]),
            ),
            (
                "application/json; charset=utf-8",
                r#"{"files": [{"filename": "mlflow-1-py3-none-any.whl", "url": "https://files.example/m.whl", "hashes": {}}]}"#,
                Some(vec![offer("https://files.example/m.whl", None)]),
            ),
            (json, r#"{"files": []}"#, Some(vec![])),
            (json, r#"{"detail": "not here"}"#, None),
            (json, "<html>", None),
            (
                "text/html",
                "<!DOCTYPE html>\n<A data-requires-python=\"&gt;=3.10\" HREF='../m.whl?a=1&amp;b=2#sha256=CD'>\n\
                 mlflow-1-py3-none-any.whl </a>",
                Some(vec![offer("https://index.example/simple/m.whl?a=1&b=2", Some("cd"))]),
            ),
            (
                "text/html",
                r#"<a href="m.whl#md5=00">mlflow-1-py3-none-any.whl</a>"#,
                Some(vec![offer("https://index.example/simple/mlflow/m.whl", None)]),
            ),
            ("text/html", "<html><form>Log in</form></html>", Some(vec![])),
            ("text/plain", "no index", None),
        ] {
            assert_eq!(found(content_type, body), expected, "{content_type} {body}");
        }
    }
}
