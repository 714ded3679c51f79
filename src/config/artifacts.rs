//! Where artifacts live and who moves their bytes.

use std::{
    fmt,
    path::{Path, PathBuf},
    time::Duration,
};

/// Where artifacts live and who moves their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the operator's")]
pub struct Artifacts {
    /// What new experiments get as the parent of their artifact location: a URI, or an absolute path.
    /// `mlflow-artifacts:/` sends the clients' bytes through this server to [`Self::destination`].
    pub default_root: String,
    /// Where this server keeps what it serves as `mlflow-artifacts:`: a URI or a path.
    pub destination: String,
    /// Folders of this machine, besides the two above, that experiments may keep artifacts in
    /// (`TRACKLET_LOCAL_ARTIFACT_ROOTS`). Below no other folder does the server read or write a file, wherever
    /// a client says that its artifacts are.
    pub local_roots: Vec<PathBuf>,
    /// Serve the `mlflow-artifacts` endpoints.
    pub serve: bool,
    /// Serve nothing but them, without a database.
    pub only: bool,
    /// Refuse to move bytes: clients transfer them by presigned URLs.
    pub presigned_only: bool,
    /// How long a presigned download URL is good (`MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS`).
    pub presigned_download_ttl: Duration,
    /// Offer multipart uploads past the proxy to clients (`MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD`).
    pub proxy_multipart_upload: bool,
    /// Offer multipart downloads past the proxy to clients (`MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD`).
    pub proxy_multipart_download: bool,
    /// How `s3:` locations are reached. Credentials and region come from the usual `AWS_*` variables.
    pub s3: S3,
}

/// How `s3:` locations are reached.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct S3 {
    /// The endpoint, when it is not AWS (`MLFLOW_S3_ENDPOINT_URL`).
    pub endpoint_url: Option<String>,
    /// The endpoint that presigned URLs name, because clients may reach the store under another address than
    /// this server does (`--s3-public-endpoint-url`).
    pub public_endpoint_url: Option<String>,
    /// Do not verify the store's certificate (`MLFLOW_S3_IGNORE_TLS`).
    pub ignore_tls: bool,
    /// Whether the bucket is part of the path or of the host name (`MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE`).
    pub addressing_style: AddressingStyle,
    /// The AWS account that must own the buckets (`MLFLOW_S3_EXPECTED_BUCKET_OWNER`).
    pub expected_bucket_owner: Option<String>,
    /// A JSON object of boto3's upload arguments, as given (`MLFLOW_S3_UPLOAD_EXTRA_ARGS`). It may hold a key.
    pub upload_extra_args: Option<String>,
}

/// Where a bucket's name stands in a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressingStyle {
    /// In the host name on AWS, in the path at a custom endpoint.
    #[default]
    Auto,
    /// In the path.
    Path,
    /// In the host name.
    Virtual,
}

impl Artifacts {
    /// The root that sends artifacts through the server.
    pub const PROXIED_ROOT: &str = "mlflow-artifacts:/";
    /// MLflow's default for [`Self::destination`].
    pub const DESTINATION: &str = "./mlartifacts";
    /// MLflow's default root when artifacts are not served.
    pub const LOCAL_ROOT: &str = "./mlruns";
}

impl Default for Artifacts {
    fn default() -> Self {
        Self {
            default_root: Self::PROXIED_ROOT.to_owned(),
            destination: Self::DESTINATION.to_owned(),
            local_roots: Vec::new(),
            serve: true,
            only: false,
            presigned_only: false,
            presigned_download_ttl: Duration::from_mins(5),
            proxy_multipart_upload: false,
            proxy_multipart_download: false,
            s3: S3::default(),
        }
    }
}

impl fmt::Debug for S3 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3")
            .field("endpoint_url", &self.endpoint_url)
            .field("public_endpoint_url", &self.public_endpoint_url)
            .field("ignore_tls", &self.ignore_tls)
            .field("addressing_style", &self.addressing_style)
            .field("expected_bucket_owner", &self.expected_bucket_owner)
            .field("upload_extra_args", &self.upload_extra_args.as_ref().map(|_| "***"))
            .finish()
    }
}

/// The form in which a root or destination is kept: a scheme in small letters, and a relative path made absolute
/// against `cwd`, because experiments remember their location longer than the server its directory.
///
/// | given | kept (in `/w`) |
/// |---|---|
/// | `S3://Bucket/p` | `s3://Bucket/p` |
/// | `./mlruns` | `/w/mlruns` |
/// | `file:rel` | `file:///w/rel` |
/// | `/abs/x` | `/abs/x` |
#[must_use]
pub fn artifact_root(given: &str, cwd: &Path) -> String {
    let Some((scheme, rest)) = split_scheme(given) else {
        return absolute(given, cwd);
    };
    match scheme.as_str() {
        "file" if !rest.starts_with('/') => format!("file://{}", absolute(rest, cwd)),
        _ => format!("{scheme}:{rest}"),
    }
}

/// The scheme in small letters and what follows its colon; `None` for a plain path.
fn split_scheme(uri: &str) -> Option<(String, &str)> {
    let (scheme, rest) = uri.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// `path` below `cwd` unless it is absolute already, without `.` components.
fn absolute(path: &str, cwd: &Path) -> String {
    if path.starts_with('/') {
        return path.to_owned();
    }
    let mut absolute = cwd.to_path_buf();
    absolute.extend(Path::new(path).components().filter(|part| !matches!(part, std::path::Component::CurDir)));
    absolute.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_absolute_and_their_schemes_small() {
        // The right column is what MLflow stores for new experiments, except FILE:, which it takes for a folder name.
        for (given, kept) in [
            ("S3://B/p", "s3://B/p"),
            ("s3://b/p/", "s3://b/p/"),
            ("S3://b/p?x=1", "s3://b/p?x=1"),
            ("./mlruns", "/w/mlruns"),
            ("mlruns", "/w/mlruns"),
            ("./a b", "/w/a b"),
            ("../x", "/w/../x"),
            ("~/x", "/w/~/x"),
            ("/abs/x", "/abs/x"),
            ("", "/w"),
            ("file:///abs/x", "file:///abs/x"),
            ("file:rel", "file:///w/rel"),
            ("file:./rel", "file:///w/rel"),
            ("FILE:///x", "file:///x"),
            ("file:///a%20b", "file:///a%20b"),
            ("mlflow-artifacts:/", "mlflow-artifacts:/"),
            ("mlflow-artifacts://h:1/x", "mlflow-artifacts://h:1/x"),
        ] {
            assert_eq!(artifact_root(given, Path::new("/w")), kept, "{given:?}");
        }
    }

    #[test]
    fn a_customer_key_is_not_shown() {
        let s3 = S3 { upload_extra_args: Some(r#"{"SSECustomerKey":"geheim"}"#.to_owned()), ..S3::default() };
        assert!(!format!("{s3:?}").contains("geheim"));
    }
}
