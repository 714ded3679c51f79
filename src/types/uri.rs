//! URIs of artifact locations, as text.

/// Appends path segments to a URI, before its query and fragment.
#[must_use]
pub fn append(base: &str, segments: &[&str]) -> String {
    let (path, tail) = base.split_at(base.find(['?', '#']).unwrap_or(base.len()));
    let mut uri = path.trim_end_matches('/').to_owned();
    // `scheme:/` and `/` are roots, whose slash belongs to them.
    if path.ends_with('/') && (uri.is_empty() || uri.ends_with(':')) && segments.is_empty() {
        uri.push('/');
    }
    for segment in segments {
        uri.push('/');
        uri.push_str(segment.trim_matches('/'));
    }
    uri.push_str(tail);
    uri
}

#[cfg(test)]
mod tests {
    use super::append;

    #[test]
    fn segments_go_before_the_query() {
        let cases = [
            ("mlflow-artifacts:/", "mlflow-artifacts:/1"),
            ("s3://bucket", "s3://bucket/1"),
            ("s3://bucket/a/", "s3://bucket/a/1"),
            ("s3://bucket/a?x=y#z", "s3://bucket/a/1?x=y#z"),
            ("/", "/1"),
            ("./mlruns", "./mlruns/1"),
        ];
        for (base, expected) in cases {
            assert_eq!(append(base, &["1"]), expected);
        }
    }
}
