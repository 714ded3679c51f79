//! Which requests are let in: the `Host` header against DNS rebinding, the `Origin` header against other
//! people's web pages, and the headers that keep browsers from guessing and framing. Pure functions of strings;
//! [`crate::http::middleware::security`] applies them.
//!
//! What a running MLflow 3.18 answers with its defaults, and where this differs on purpose:
//!
//! | request | MLflow | here |
//! |---|---|---|
//! | `Host: localhost`, `127.0.0.1`, `[::1]`, `0.0.0.0`, any port | passed | passed |
//! | `Host: 10.1.2.3:5000`, `192.168.1.1`, `172.16.0.1` to `172.31.255.255` | passed | passed |
//! | `Host: 10.evil.com`, `172.32.1.1`, `10.1.2`, `evil.com`, none | 403 | 403 |
//! | `Host: [fc00::1]:5000` | 403, only the invalid form without brackets passes | passed: it is private |
//! | `Host: 127.0.0.2` | 403 | passed: it is this machine |
//! | `Host: LOCALHOST`, `localhost.` | 403 | passed: names have no case, a final dot means nothing |
//! | `Host: localhost:@evil.com`, `localhost:abc` | passed | 403: not a host |
//! | `--allowed-hosts mlflow.example.com`, `Host: mlflow.example.com:5000` | 403 | passed: a port is no name |
//! | `--allowed-hosts 10.0.0.100:5000`, `Host: 10.0.0.100` | 403 | 403: the operator named the port |
//! | `/health`, `/version` with any `Host` | passed | passed |
//! | `POST` with `Origin: http://localhost:3000` or `https://127.0.0.1` | passed | passed |
//! | `POST` with the origin that `Host` names | 403 unless listed | passed: it is our own page |
//! | `POST` with another `Origin`, `null`, or one that is no origin | 403 | 403 |
//! | the same for `/graphql` and `/v1/traces` | passed | 403: they change state too |
//! | `GET` with another `Origin` | answered, unreadable to the page | the same |
//! | preflight from an allowed origin | 200 `OK` | the same |
//! | preflight from another | 400 `Disallowed CORS origin` | the same |
//! | preflight from `https://localhost` or a pattern such as `https://*.example.com` | 400, though the `POST` passes | 200 |
//! | `OPTIONS` that is no preflight, below `/api/` and `/ajax-api/` | 204 | 204 |
//! | refused host or origin | `text/plain`, no other header | with `nosniff` and the frame option |
//! | response to a request without `Origin` | may name an origin all the same | names none |

mod hosts;
mod origins;
#[cfg(test)]
mod tests;

use crate::config::{FrameOptions, Security};
use hosts::Hosts;
pub use origins::Caller;
use origins::Origins;

/// What a refused `Host` gets to read.
pub const INVALID_HOST: &str = "Invalid Host header - possible DNS rebinding attack detected";
/// What a refused `Origin` gets to read.
pub const CORS_BLOCKED: &str = "Cross-origin request blocked";

/// Methods that change state, which pages of other origins must not use.
const STATE_CHANGING: [&str; 4] = ["POST", "PUT", "DELETE", "PATCH"];
/// Methods that a preflight may announce.
const PREFLIGHT_METHODS: [&str; 6] = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];
/// Paths that answer whatever the `Host`, because probes send none that means anything.
const PROBES: [&str; 2] = ["/health", "/version"];
/// The page that notebooks show in a frame.
const FRAMEABLE: &str = "/static-files/lib/notebook-trace-renderer";

/// A request, as far as the rules look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen<'a> {
    /// The method in capitals.
    pub method: &'a str,
    /// The path, static prefix included.
    pub path: &'a str,
    /// The `Host` header, or `:authority` of HTTP/2. Never a forwarded one: anybody can send those.
    pub host: &'a str,
    /// The `Origin` header.
    pub origin: &'a str,
    /// The `Access-Control-Request-Method` header; with an origin it makes an `OPTIONS` a preflight.
    pub preflight_method: Option<&'a str>,
    /// The `Access-Control-Request-Headers` header.
    pub preflight_headers: Option<&'a str>,
}

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The handler answers.
    Pass,
    /// An empty 204: the question which methods there are.
    NoContent,
    /// The answer to a preflight.
    Preflight {
        /// 200 or 400.
        status: u16,
        /// What is disallowed, or `OK`.
        body: String,
    },
    /// 403 with this text.
    Refuse {
        /// [`INVALID_HOST`] or [`CORS_BLOCKED`].
        body: &'static str,
        /// For the log: what was wrong and which option would let it in.
        reason: &'static str,
    },
}

/// The operator's [`Security`] made ready for comparing.
#[derive(Debug)]
pub struct Rules {
    enabled: bool,
    hosts: Hosts,
    origins: Origins,
    frame_options: Option<&'static str>,
    static_prefix: String,
}

impl Rules {
    /// `static_prefix` is empty or starts with a slash and does not end with one.
    #[must_use]
    pub fn new(security: &Security, static_prefix: &str) -> Self {
        Self {
            enabled: security.enabled,
            hosts: Hosts::new(&security.allowed_hosts),
            origins: Origins::new(&security.cors_allowed_origins),
            frame_options: match security.frame_options {
                FrameOptions::SameOrigin => Some("SAMEORIGIN"),
                FrameOptions::Deny => Some("DENY"),
                FrameOptions::Unrestricted => None,
            },
            static_prefix: static_prefix.to_owned(),
        }
    }

    /// Decides about a request from its headers alone.
    #[must_use]
    pub fn decide(&self, seen: &Seen) -> Verdict {
        if !self.enabled {
            return Verdict::Pass;
        }
        let path = self.inner_path(seen.path);
        if !PROBES.contains(&path) && !self.hosts.allow(seen.host) {
            return Verdict::Refuse {
                body: INVALID_HOST,
                reason: "the Host header is not allowed; --allowed-hosts names the allowed ones",
            };
        }
        let caller = self.caller(seen);
        match (seen.method, seen.preflight_method) {
            ("OPTIONS", Some(method)) if caller != Caller::NoPage => preflight(caller, method),
            ("OPTIONS", _) if path.starts_with("/api/") || path.starts_with("/ajax-api/") => Verdict::NoContent,
            (method, _) if caller == Caller::Foreign && STATE_CHANGING.contains(&method) => Verdict::Refuse {
                body: CORS_BLOCKED,
                reason: "the Origin may not change anything here; --cors-allowed-origins names those that may",
            },
            _ => Verdict::Pass,
        }
    }

    /// The headers that the response to a request carries besides its own. `Vary` adds to what is there, the others
    /// replace it.
    #[must_use]
    pub fn headers(&self, seen: &Seen, verdict: &Verdict) -> Vec<(&'static str, String)> {
        let mut headers = Vec::new();
        if !self.enabled {
            return headers;
        }
        let mut add = |name, value: &str| headers.push((name, value.to_owned()));
        add("x-content-type-options", "nosniff");
        if let Some(option) = self.frame_options.filter(|_| !self.inner_path(seen.path).starts_with(FRAMEABLE)) {
            add("x-frame-options", option);
        }
        add("vary", "Origin");
        if matches!(verdict, Verdict::Refuse { .. }) {
            return headers;
        }
        let caller = self.caller(seen);
        match caller {
            Caller::NoPage | Caller::Foreign => {}
            Caller::Anybody => add("access-control-allow-origin", "*"),
            Caller::OurPage | Caller::Listed => {
                add("access-control-allow-origin", seen.origin);
                add("access-control-allow-credentials", "true");
            }
        }
        match verdict {
            Verdict::Preflight { .. } => {
                add("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
                add("access-control-allow-methods", &PREFLIGHT_METHODS.join(", "));
                add("access-control-max-age", "600");
                if let Some(names) = seen.preflight_headers {
                    add("access-control-allow-headers", names);
                }
            }
            _ if caller.may_read() => add("access-control-expose-headers", "*"),
            _ => {}
        }
        headers
    }

    fn caller(&self, seen: &Seen) -> Caller {
        self.origins.classify(seen.origin, seen.host)
    }

    /// The path behind the static prefix.
    fn inner_path<'a>(&self, path: &'a str) -> &'a str {
        path.strip_prefix(&self.static_prefix).filter(|rest| rest.starts_with('/')).unwrap_or(path)
    }
}

fn preflight(caller: Caller, method: &str) -> Verdict {
    let mut disallowed = Vec::new();
    if !caller.may_read() {
        disallowed.push("origin");
    }
    if !PREFLIGHT_METHODS.contains(&method) {
        disallowed.push("method");
    }
    if disallowed.is_empty() {
        return Verdict::Preflight { status: 200, body: "OK".to_owned() };
    }
    Verdict::Preflight { status: 400, body: format!("Disallowed CORS {}", disallowed.join(", ")) }
}

/// Whether `text` is `pattern`, in which `*` stands for any text. Case counts.
fn matches_glob(pattern: &str, text: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut rest) = text.strip_prefix(head) else { return false };
    let mut pieces: Vec<_> = tail.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
