//! What the files of a bundle are.

const TYPES: &[(&str, &[&str])] = &[
    ("text/html; charset=utf-8", &["html", "htm"]),
    ("text/css; charset=utf-8", &["css"]),
    ("text/javascript; charset=utf-8", &["js", "mjs", "cjs"]),
    ("text/plain; charset=utf-8", &["txt"]),
    ("application/json", &["json", "map"]),
    ("application/wasm", &["wasm"]),
    ("application/vnd.ms-fontobject", &["eot"]),
    ("font/ttf", &["ttf"]),
    ("font/woff", &["woff"]),
    ("font/woff2", &["woff2"]),
    ("image/gif", &["gif"]),
    ("image/jpeg", &["jpg", "jpeg"]),
    ("image/png", &["png"]),
    ("image/svg+xml; charset=utf-8", &["svg"]),
    ("image/vnd.microsoft.icon", &["ico"]),
    ("image/webp", &["webp"]),
];

/// The content type of a file, by its name. Browsers run no script and apply no style sheet of another type.
pub(super) fn media_type(name: &str) -> &'static str {
    let extension = name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase()).unwrap_or_default();
    let known = TYPES.iter().find(|(_, extensions)| extensions.contains(&extension.as_str()));
    known.map_or("application/octet-stream", |(media_type, _)| media_type)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_follow_from_names() {
        for (name, expected) in [
            ("main.00d66947.js", "text/javascript; charset=utf-8"),
            ("pdf.worker.mjs", "text/javascript; charset=utf-8"),
            ("Icons.WOFF2", "font/woff2"),
            ("main.js.LICENSE.txt", "text/plain; charset=utf-8"),
            ("main.js.gz", "application/octet-stream"),
            ("js", "application/octet-stream"),
        ] {
            assert_eq!(media_type(name), expected, "{name}");
        }
    }
}
