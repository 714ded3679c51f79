//! The tracking server as MLflow's client is told about it.

use std::path::PathBuf;
use std::time::Duration;

use percent_encoding::percent_decode_str;
use url::Url;

use super::{args, vars::Vars};
use crate::client::{Credentials, Server};

/// Variables that name certificates to trust instead of the system's, the most specific first.
const CA_BUNDLES: [&str; 3] = ["MLFLOW_TRACKING_SERVER_CERT_PATH", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"];

/// The server; `None` if none is named.
pub(super) fn server(args: &args::Tracking, vars: &Vars) -> Result<Option<Server>, String> {
    let Some(given) = args.tracking_uri.as_deref().filter(|uri| !uri.is_empty()) else { return Ok(None) };
    // The value may hold a password, so it is not repeated.
    let unusable = || "--tracking-uri (MLFLOW_TRACKING_URI) is not an http:// or https:// URL".to_owned();
    let mut url = Url::parse(given).map_err(|_| unusable())?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(unusable());
    }
    let credentials = credentials(&url, vars);
    url.set_query(None);
    url.set_fragment(None);
    let cleaned = url.set_username("").and_then(|()| url.set_password(None));
    cleaned.map_err(|()| unusable())?;
    let file = |name: &'static str| vars.text(name).map(|path| (name, PathBuf::from(path)));
    Ok(Some(Server {
        url: url.as_str().trim_end_matches('/').to_owned(),
        credentials,
        insecure: vars.flag("MLFLOW_TRACKING_INSECURE_TLS")?.unwrap_or(false),
        ca_bundle: CA_BUNDLES.into_iter().find_map(file),
        client_certificate: file("MLFLOW_TRACKING_CLIENT_CERT_PATH"),
        client_key: None,
        timeout: Duration::from_secs(args.timeout.max(1).into()),
    }))
}

/// Those of the URL, else user and password, else the token.
fn credentials(url: &Url, vars: &Vars) -> Credentials {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let basic = vars.text("MLFLOW_TRACKING_USERNAME").zip(vars.text("MLFLOW_TRACKING_PASSWORD"));
    let token = vars.text("MLFLOW_TRACKING_TOKEN");
    match (url.username(), basic, token) {
        ("", None, None) => Credentials::None,
        ("", None, Some(token)) => Credentials::Bearer(token),
        ("", Some((user, password)), _) => Credentials::Basic(user, password),
        (user, ..) => Credentials::Basic(decoded(user), decoded(url.password().unwrap_or_default())),
    }
}
