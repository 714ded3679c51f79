//! What a source says, read as text: references, and URIs inside of others.

use crate::types::pyurl::{path_without_parameters, split, split_without_fragment, unquote_fully, unquote_plus_fully};
use crate::types::uri;

/// The route of the artifact proxy, as segments.
const PROXY_ROUTE: [&str; 4] = ["api", "2.0", "mlflow-artifacts", "artifacts"];

/// What a `models:/…` URI means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) enum Reference {
    /// A logged model, by its id.
    LoggedModel(String),
    /// A version of a registered model.
    Version(Named),
    /// The highest version of a registered model, in a stage or in any.
    Latest(Named),
    /// The version that an alias of a registered model names.
    Alias(Named),
}

/// A registered model and the rest of its URI: a number, a stage (empty for all of them) or an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::registry) struct Named {
    /// The model.
    pub name: String,
    /// A number, a stage, or an alias.
    pub suffix: String,
}

impl Reference {
    /// Reads a `models:/…` URI, in the sense of MLflow's `_parse_model_uri`.
    pub(in crate::registry) fn parse(uri: &str) -> Option<Self> {
        let parts = split_without_fragment(uri).filter(|parts| parts.scheme == "models")?;
        let path = parts.path.strip_prefix('/').filter(|rest| !rest.is_empty())?.trim_start_matches('/');
        let mut segments = path.split('/');
        let (first, second, more) = (segments.next()?, segments.next(), segments.next());
        if first.trim().is_empty() || more.is_some() {
            return None;
        }
        let named = |name: &str, suffix: &str| Named { name: name.to_owned(), suffix: suffix.to_owned() };
        match (second, first.rsplit_once('@')) {
            (Some(suffix), _) if suffix.trim().is_empty() => None,
            (Some(suffix), _) if suffix.chars().all(char::is_numeric) => Some(Self::Version(named(first, suffix))),
            (Some(suffix), _) if suffix.to_lowercase() == "latest" => Some(Self::Latest(named(first, ""))),
            (Some(suffix), _) => Some(Self::Latest(named(first, suffix))),
            (None, Some((_, alias))) if alias.trim().is_empty() => None,
            (None, Some((name, alias))) => Some(Self::Alias(named(name, alias))),
            (None, None) => Some(Self::LoggedModel(first.to_owned())),
        }
    }
}

/// The run and the path in its artifacts that a `runs:/…` URI means.
pub(in crate::registry) fn run_and_path(uri: &str) -> Option<(String, String)> {
    let parts = split(uri).filter(|parts| parts.scheme == "runs")?;
    let path = parts.path.strip_prefix('/')?;
    let (run_id, path) = path.split_once('/').unwrap_or((path, ""));
    (!run_id.is_empty()).then(|| (run_id.to_owned(), path.to_owned()))
}

/// Whether `source` leads anywhere but straight down: `..` anywhere, encoded any number of times, `.`, NUL, or a path
/// that does not begin at a root.
pub(in crate::registry) fn is_relative(source: &str) -> bool {
    let source = unquote_plus_fully(source);
    let Some(parts) = split(&source) else { return true };
    let path = path_without_parameters(&parts).trim_end_matches('/');
    let strays = |segment: &str| matches!(segment, "." | "..");
    !path.starts_with('/')
        || path.contains('\0')
        || path.split('/').any(strays)
        || source.split('/').any(|segment| segment == "..")
}

/// Whether a source is what this or another tracking server proxies.
pub(in crate::registry) fn is_proxied(source: &str) -> bool {
    let (scheme, _, segments) = normal_parts(source);
    let holds_route = segments.windows(PROXY_ROUTE.len()).any(|window| window == PROXY_ROUTE);
    scheme == "mlflow-artifacts" || (matches!(scheme.as_str(), "http" | "https") && holds_route)
}

/// Whether `source` is `root` or below it, host included. A root without a path holds nothing.
pub(in crate::registry) fn is_within(source: &str, root: &str) -> bool {
    let (scheme, host, segments) = normal_parts(source);
    let (root_scheme, root_host, root_segments) = normal_parts(root);
    !root_segments.is_empty() && (scheme, host) == (root_scheme, root_host) && segments.starts_with(&root_segments)
}

/// Scheme, authority and the segments of the path, each decoded on its own.
fn normal_parts(uri: &str) -> (String, String, Vec<String>) {
    let parts = split(uri).unwrap_or_default();
    let segments = parts.path.split('/').filter(|segment| !segment.is_empty()).map(unquote_fully).collect();
    (parts.scheme, parts.netloc.to_lowercase(), segments)
}

/// Whether a source is a place on a disk. `None` if it is a `file:` URI of another machine.
pub(in crate::registry) fn is_local(source: &str) -> Option<bool> {
    let parts = split(source).unwrap_or_default();
    match parts.scheme.as_str() {
        "" => Some(source != "databricks"),
        "file" => uri::is_this_machine(&parts.netloc).then_some(true),
        _ => Some(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references() {
        let named = |name: &str, suffix: &str| Named { name: name.to_owned(), suffix: suffix.to_owned() };
        let table = [
            ("models:/m-1", Some(Reference::LoggedModel("m-1".into()))),
            ("MODELS:///m-1?x", Some(Reference::LoggedModel("m-1".into()))),
            ("models:/m-1#x", Some(Reference::LoggedModel("m-1#x".into()))),
            ("models:/a/1", Some(Reference::Version(named("a", "1")))),
            ("models://h//a/01?b#c", Some(Reference::Version(named("a", "01")))),
            ("models:/a/LATEST", Some(Reference::Latest(named("a", "")))),
            ("models:/a@b/Production", Some(Reference::Latest(named("a@b", "Production")))),
            ("models:/a/1#x", Some(Reference::Latest(named("a", "1#x")))),
            ("models:/a@b@c", Some(Reference::Alias(named("a@b", "c")))),
            ("models:/a@", None),
            ("models:/a/ ", None),
            ("models:/a/1/", None),
            ("models:/ /1", None),
            ("models:/", None),
            ("models:a/1", None),
            ("runs:/a/1", None),
        ];
        for (uri, expected) in table {
            assert_eq!(Reference::parse(uri), expected, "{uri}");
        }
    }

    #[test]
    fn runs() {
        for (uri, expected) in [
            ("runs:/r/a/b", Some(("r", "a/b"))),
            ("runs:/r", Some(("r", ""))),
            ("runs:/r/", Some(("r", ""))),
            ("runs:///r/a//b?x#y", Some(("r", "a//b"))),
            ("runs:////r", None),
            ("runs:r/a", None),
            ("runs:/", None),
        ] {
            let expected = expected.map(|(run_id, path)| (run_id.to_owned(), path.to_owned()));
            assert_eq!(run_and_path(uri), expected, "{uri}");
        }
    }

    #[test]
    fn proxied_places_are_compared_by_segment() {
        let root = "mlflow-artifacts:/0/r/artifacts";
        let table = [
            ("mlflow-artifacts:/0/r/artifacts", true),
            ("MLFLOW-ARTIFACTS:///0//r/artifacts/x/", true),
            ("mlflow-artifacts:/0/r/%2561rtifacts/x", true),
            ("mlflow-artifacts:/0/r%2fartifacts", false),
            ("mlflow-artifacts:/0/r/artifacts2", false),
            ("mlflow-artifacts:/0/r", false),
            ("mlflow-artifacts://h/0/r/artifacts", false),
            ("http:/0/r/artifacts", false),
        ];
        for (source, expected) in table {
            assert_eq!(is_within(source, root), expected, "{source}");
        }
        assert!(!is_within("mlflow-artifacts:/x", "mlflow-artifacts:/"));
        assert!(is_proxied("https://h/a/api/2.0/mlflow-artifacts/%61rtifacts/x"));
        assert!(
            !is_proxied("https://h/api/2.0/mlflow-artifacts/x")
                && !is_proxied("s3://b/api/2.0/mlflow-artifacts/artifacts")
        );
    }
}
