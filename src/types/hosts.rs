//! Which URIs make the server connect to a host that they name. Whoever may store such a URI could make the server
//! talk to any host it reaches, so only the hosts that the operator configured are good.

use super::pyurl::{Split, host_and_port, split};

/// Schemes of which a URI names a host that is connected to.
const HOST_ADDRESSED: [&str; 10] =
    ["ftp", "sftp", "hdfs", "viewfs", "http", "https", "mlflow-artifacts", "r2", "b2", "abfss"];

/// The scheme of a URI that names a host other than those of `own`, the server's own roots; `None` for every URI that
/// is fine.
#[must_use]
pub fn foreign_scheme<'a>(uri: &str, own: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let parts = split(uri)?;
    let places = places(&parts)?;
    let own = own.into_iter().filter_map(|root| self::places(&split(root)?)).flatten();
    let is_own = own.into_iter().any(|place| places.contains(&place));
    (!is_own).then_some(parts.scheme)
}

/// What the error for such a URI in `field` says.
#[must_use]
pub fn foreign_message(field: &str, scheme: &str) -> String {
    format!(
        "'{field}' cannot use the '{scheme}' scheme: the '{scheme}' scheme addresses a host other than the tracking \
         server's configured artifact storage, so the server would connect to the host named in the URI. Set the \
         MLFLOW_ALLOWED_HOST_ADDRESSED_ARTIFACT_SCHEMES environment variable on the server to allow it."
    )
}

/// Where a URI may lead: protocol, host and port. Several when the port depends on who connects, none when it cannot
/// be told. `None` for a URI that names no host.
fn places(parts: &Split) -> Option<Vec<(String, String, Option<u16>)>> {
    let scheme = parts.scheme.as_str();
    // `mlflow-artifacts:/path` is a path of this server.
    if !HOST_ADDRESSED.contains(&scheme) || (scheme == "mlflow-artifacts" && parts.netloc.is_empty()) {
        return None;
    }
    // HTTP clients end an authority at a backslash, so it would not be the host that is read here.
    let readable = !parts.netloc.contains(|c: char| c == '\\' || c.is_whitespace());
    let Some((host, port)) = host_and_port(&parts.netloc).filter(|_| readable) else { return Some(Vec::new()) };
    let protocol = match scheme {
        "viewfs" => "hdfs",
        "https" | "mlflow-artifacts" => "http",
        other => other,
    };
    let usual: &[Option<u16>] = match scheme {
        "ftp" => &[Some(21)],
        "sftp" => &[Some(22)],
        "http" => &[Some(80)],
        "https" | "r2" | "b2" | "abfss" => &[Some(443)],
        "mlflow-artifacts" => &[Some(80), Some(443)],
        _ => &[None],
    };
    let reached = if port.is_some() { vec![port] } else { usual.to_vec() };
    Some(reached.into_iter().map(|port| (protocol.to_owned(), host.clone(), port)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_of_others_are_foreign() {
        let own = ["http://store.example/api", "s3://bucket/x", "mlflow-artifacts:/"];
        let table = [
            ("http://store.example/x", None),
            ("HTTP://user@STORE.example:80/x", None),
            ("mlflow-artifacts://store.example/x", None),
            ("https://store.example/x", Some("https")),
            ("https://store.example:80/x", None),
            ("http://store.example:8080/x", Some("http")),
            ("http://store.example.evil/x", Some("http")),
            ("http://store.example\\.evil/x", Some("http")),
            ("http://store.example:x/", Some("http")),
            ("http://evil@store.example/x", None),
            ("http://store.example@evil/x", Some("http")),
            ("http:", Some("http")),
            ("hdfs:/x", Some("hdfs")),
            ("ftp://h/x", Some("ftp")),
            ("r2://b@h/x", Some("r2")),
            ("\thttp://h/x", Some("http")),
            ("mlflow-artifacts:/x", None),
            ("mlflow-artifacts:///x", None),
            ("mlflow-artifacts://h/x", Some("mlflow-artifacts")),
            ("s3://any/x", None),
            ("/x", None),
            ("http%3a//h", None),
        ];
        for (uri, expected) in table {
            assert_eq!(foreign_scheme(uri, own).as_deref(), expected, "{uri:?}");
        }
        assert_eq!(foreign_scheme("http://h:/x", ["http://h:x/"]).as_deref(), Some("http"));
        assert_eq!(foreign_scheme("viewfs://h/x", ["hdfs://h/y"]), None);
    }
}
