//! The artifact options: MLflow's rules for how they interact.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{args, vars::Vars};
use crate::config::{AddressingStyle, Artifacts, S3, artifact_root};

/// Where artifacts live, and whether that can be.
pub(super) fn artifacts(
    args: args::ArtifactArgs,
    vars: &Vars,
    cwd: &Path,
    notices: &mut Vec<String>,
) -> Result<Artifacts, String> {
    let serve = !args.no_serve_artifacts;
    let root = match args.default_artifact_root.filter(|root| !root.is_empty()) {
        Some(root) => root,
        None if serve => Artifacts::PROXIED_ROOT.to_owned(),
        None => Artifacts::LOCAL_ROOT.to_owned(),
    };
    let default_root = artifact_root(&root, cwd);
    let given = Some(args.artifacts_destination.as_str()).filter(|given| !given.is_empty());
    let given = given.unwrap_or(Artifacts::DESTINATION);
    let destination = artifact_root(given, cwd);
    if !matches!(scheme(&default_root), "" | "file" | "s3" | "mlflow-artifacts" | "http" | "https") {
        notices.push(format!(
            "artifacts below {}: are out of this server's reach: clients can store and load them, the UI cannot list them",
            scheme(&default_root)
        ));
    }
    check_destination(Some(destination.as_str()).filter(|_| serve))?;
    let artifacts = Artifacts {
        serve,
        only: args.artifacts_only,
        presigned_only: args.artifacts_presigned_only,
        presigned_download_ttl: Duration::from_secs(
            vars.number("MLFLOW_PRESIGNED_DOWNLOAD_URL_TTL_SECONDS")?.unwrap_or(300),
        ),
        proxy_multipart_upload: vars.flag("MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD")?.unwrap_or(false),
        proxy_multipart_download: vars.flag("MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD")?.unwrap_or(false),
        s3: s3(args.s3_public_endpoint_url, vars)?,
        local_roots: local_roots(vars)?,
        default_root,
        destination,
    };
    check_presigned(&artifacts, given)?;
    Ok(artifacts)
}

/// Refuses a destination of artifacts that cannot be reached.
pub(super) fn check_destination(destination: Option<&str>) -> Result<(), String> {
    match destination.map(scheme) {
        None | Some("" | "file" | "s3") => Ok(()),
        Some(scheme) => Err(format!(
            "--artifacts-destination {scheme}: is not supported. Tracklet serves artifacts from a folder and from s3://"
        )),
    }
}

/// The folders in `TRACKLET_LOCAL_ARTIFACT_ROOTS`, which are separated by colons.
fn local_roots(vars: &Vars) -> Result<Vec<PathBuf>, String> {
    let text = vars.text("TRACKLET_LOCAL_ARTIFACT_ROOTS").unwrap_or_default();
    let folders = text.split(':').filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let refuse =
        |folder: &PathBuf| format!("TRACKLET_LOCAL_ARTIFACT_ROOTS: '{}' is not an absolute path", folder.display());
    folders.map(|folder| if folder.is_absolute() { Ok(folder) } else { Err(refuse(&folder)) }).collect()
}

/// The scheme of a location made by [`artifact_root`]; empty for a path.
fn scheme(location: &str) -> &str {
    let scheme = location.split_once(':').map_or("", |(scheme, _)| scheme);
    if location.starts_with('/') { "" } else { scheme }
}

fn check_presigned(artifacts: &Artifacts, destination: &str) -> Result<(), String> {
    let multipart = artifacts.proxy_multipart_upload || artifacts.proxy_multipart_download;
    if !(artifacts.presigned_only || artifacts.serve && multipart) {
        return Ok(());
    }
    if !artifacts.serve {
        return Err("--artifacts-presigned-only requires artifact serving to be enabled; --no-serve-artifacts is not \
                    supported."
            .to_owned());
    }
    if artifacts.s3.upload_extra_args.as_ref().is_some_and(|extra| extra.contains("\"SSECustomerKey\"")) {
        let mode =
            if artifacts.presigned_only { "--artifacts-presigned-only" } else { "Presigned multipart transfers" };
        return Err(format!(
            "{mode} cannot be used with SSECustomerKey in MLFLOW_S3_UPLOAD_EXTRA_ARGS because presigned transfers \
             would disclose the key to clients. Remove SSECustomerKey to use presigned transfers."
        ));
    }
    if artifacts.presigned_only && scheme(&artifacts.destination) != "s3" {
        return Err(format!(
            "--artifacts-presigned-only requires an artifacts destination that supports presigned uploads and \
             presigned downloads (got '{destination}')."
        ));
    }
    Ok(())
}

/// How S3 is reached, apart from the `AWS_*` variables.
pub(super) fn s3(public_endpoint_url: Option<String>, vars: &Vars) -> Result<S3, String> {
    let style = vars.text("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE").unwrap_or_default();
    let extra = vars.text("MLFLOW_S3_UPLOAD_EXTRA_ARGS");
    if let Some(Err(error)) = extra.as_deref().map(serde_json::from_str::<serde_json::Map<_, _>>) {
        return Err(format!("MLFLOW_S3_UPLOAD_EXTRA_ARGS is not a JSON object: {error}"));
    }
    Ok(S3 {
        endpoint_url: vars.url("MLFLOW_S3_ENDPOINT_URL")?,
        public_endpoint_url: public_endpoint_url
            .filter(|url| !url.is_empty())
            .map(|url| endpoint("--s3-public-endpoint-url", &url))
            .transpose()?,
        ignore_tls: vars.flag("MLFLOW_S3_IGNORE_TLS")?.unwrap_or(false),
        addressing_style: match style.to_ascii_lowercase().as_str() {
            "" | "auto" => AddressingStyle::Auto,
            "path" => AddressingStyle::Path,
            "virtual" => AddressingStyle::Virtual,
            _ => return Err(format!("MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE: '{style}' is not auto, path or virtual")),
        },
        expected_bucket_owner: vars.text("MLFLOW_S3_EXPECTED_BUCKET_OWNER"),
        upload_extra_args: extra,
    })
}

/// An http(s) URL with a host, without its last slash.
pub(super) fn endpoint(name: &str, value: &str) -> Result<String, String> {
    let url = url::Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    match url {
        Some(_) => Ok(value.trim_end_matches('/').to_owned()),
        None => Err(format!("{name}: '{value}' is not an http:// or https:// URL")),
    }
}
