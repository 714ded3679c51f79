//! A server as we are told about it, and the connection to it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use reqwest::header::HeaderValue;
use reqwest::redirect::Policy;
use reqwest::{Certificate, Identity};

use super::failure::{Failure, Result, innermost};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// How the certificates of a tracking server are named.
pub(crate) const TRACKING_TRUST: &str =
    "Name the certificates to trust in MLFLOW_TRACKING_SERVER_CERT_PATH, REQUESTS_CA_BUNDLE or SSL_CERT_FILE";

/// A server and how to be let in.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    /// An http or https URL without user, query and last slash; a path is the server's static prefix.
    pub url: String,
    /// What to send in `Authorization`.
    pub credentials: Credentials,
    /// Accept any certificate.
    pub insecure: bool,
    /// A PEM file with the only certificates to trust, and the variable that names it.
    pub ca_bundle: Option<(&'static str, PathBuf)>,
    /// A PEM file with our own certificate and its key, and the variable that names it.
    pub client_certificate: Option<(&'static str, PathBuf)>,
    /// A PEM file with the key, where it is not in the one of the certificate.
    pub client_key: Option<PathBuf>,
    /// How long the server may be silent.
    pub timeout: Duration,
}

/// Who we are.
#[derive(Clone, PartialEq, Eq)]
pub enum Credentials {
    /// Nobody.
    None,
    /// User and password.
    Basic(String, String),
    /// A token.
    Bearer(String),
}

/// Shows no secret.
impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("url", &self.url).finish_non_exhaustive()
    }
}

impl Server {
    /// What `Authorization` says.
    pub(crate) fn authorization(&self) -> Result<Option<HeaderValue>> {
        let text = match &self.credentials {
            Credentials::None => return Ok(None),
            Credentials::Basic(user, password) => {
                let pair = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}"));
                format!("Basic {pair}")
            }
            Credentials::Bearer(token) => format!("Bearer {token}"),
        };
        let mut value = HeaderValue::from_str(&text)
            .map_err(|_| Failure::last("the credentials hold a character that no header can carry"))?;
        value.set_sensitive(true);
        Ok(Some(value))
    }
}

/// A client that trusts whom `server` says.
pub(crate) fn http(server: &Server) -> Result<reqwest::Client> {
    connect(server, Policy::default)
}

/// As [`http`], for what is meant for that server alone: it goes nowhere else, whatever an answer says.
pub(crate) fn http_there(server: &Server) -> Result<reqwest::Client> {
    connect(server, Policy::none)
}

fn connect(server: &Server, redirects: fn() -> Policy) -> Result<reqwest::Client> {
    // Without a provider the TLS client panics. A program that carries this one may have chosen its own.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let own = |(variable, path): &(&str, PathBuf)| identity(variable, path, server.client_key.as_deref());
    let identity = server.client_certificate.as_ref().map(own).transpose()?;
    let roots = server.ca_bundle.as_ref().map(|(variable, path)| certificates(variable, path)).transpose()?;
    let builder = |roots: Option<Vec<Certificate>>| {
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("tracklet/", env!("CARGO_PKG_VERSION")))
            // Parallel files over one HTTP/2 connection would share one window.
            .http1_only()
            .redirect(redirects())
            .connect_timeout(CONNECT)
            .read_timeout(server.timeout)
            .tls_danger_accept_invalid_certs(server.insecure);
        if let Some(roots) = roots {
            builder = builder.tls_certs_only(roots);
        }
        if let Some(identity) = identity.clone() {
            builder = builder.identity(identity);
        }
        builder.build()
    };
    match builder(roots.clone()) {
        // A container without any certificates can still talk to a server beside it.
        Err(_) if roots.is_none() && server.url.starts_with("http://") => builder(Some(Vec::new())),
        built => built,
    }
    .map_err(|error| {
        Failure::last(format!("TLS cannot be used: {}", innermost(&error)))
            .hint("SSL_CERT_FILE can name a file with the certificates to trust")
    })
}

fn certificates(variable: &str, path: &Path) -> Result<Vec<Certificate>> {
    let refuse = |cause: String| Failure::last(format!("{variable}: {}: {cause}", path.display()));
    let pem = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(refuse("there are no certificates in it".to_owned())),
    }
}

fn identity(variable: &str, path: &Path, key: Option<&Path>) -> Result<Identity> {
    let refuse = |path: &Path, cause: &str| Failure::last(format!("{variable}: {}: {cause}", path.display()));
    let mut pem = Vec::new();
    for path in std::iter::once(path).chain(key) {
        pem.extend(std::fs::read(path).map_err(|error| refuse(path, &error.to_string()))?);
        pem.push(b'\n');
    }
    Identity::from_pem(&pem).map_err(|_| refuse(path, "it does not hold a certificate and its key"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let server = Server {
            url: "http://h".into(),
            credentials: Credentials::Basic("user".into(), "hush".into()),
            insecure: false,
            ca_bundle: None,
            client_certificate: None,
            client_key: None,
            timeout: Duration::from_secs(1),
        };
        assert!(!format!("{server:?}").contains("hush"));
        assert!(server.authorization().unwrap().unwrap().is_sensitive());
    }
}
