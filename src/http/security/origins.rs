//! The `Origin` header: whose web page makes a browser send a request.
//!
//! Browsers send requests for any page, with the user's cookies and from the user's network. They say which page,
//! and let it read the answer only if we agree; what a request *does* must be prevented here.

use super::{hosts::Host, matches_glob};

/// Whose page a request comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// No page: a client program, or a browser going to an address.
    NoPage,
    /// A page of this server.
    OurPage,
    /// A page of this machine, or one that the operator listed.
    Listed,
    /// Some page, where the operator allowed all, without the user's credentials.
    Anybody,
    /// A page that may neither change nor read anything.
    Foreign,
}

impl Caller {
    /// Whether the browser may show the page our answer.
    #[must_use]
    pub fn may_read(self) -> bool {
        matches!(self, Self::OurPage | Self::Listed | Self::Anybody)
    }
}

/// The allowed origins.
#[derive(Debug)]
pub(super) enum Origins {
    /// Every one.
    Every,
    /// Those of this machine and these, in small letters.
    Listed(Vec<String>),
}

impl Origins {
    pub(super) fn new(allowed: &[String]) -> Self {
        if allowed.iter().any(|entry| entry == "*") {
            return Self::Every;
        }
        Self::Listed(allowed.iter().map(|entry| entry.to_ascii_lowercase()).collect())
    }

    pub(super) fn classify(&self, origin: &str, host: &str) -> Caller {
        if origin.is_empty() {
            return Caller::NoPage;
        }
        let Self::Listed(entries) = self else { return Caller::Anybody };
        let Some(origin) = Origin::parse(origin) else { return Caller::Foreign };
        if origin.is_at(host) {
            Caller::OurPage
        } else if origin.is_local() || entries.iter().any(|entry| matches_glob(entry, &origin.text)) {
            Caller::Listed
        } else {
            Caller::Foreign
        }
    }
}

/// A well-formed origin; `null` and anything with a path is none.
struct Origin {
    /// The whole in small letters.
    text: String,
    scheme: String,
    host: Host,
}

impl Origin {
    fn parse(header: &str) -> Option<Self> {
        let text = header.to_ascii_lowercase();
        let (scheme, host) = text.split_once("://")?;
        let (scheme, host) = (scheme.to_owned(), Host::parse(host)?);
        Some(Self { text, scheme, host })
    }

    /// Whether this is the origin that a `Host` header names. Behind a proxy that ends TLS the scheme cannot be
    /// known, so a missing port is the origin's own default.
    fn is_at(&self, host: &str) -> bool {
        let default = match self.scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return false,
        };
        Host::parse(host).is_some_and(|host| {
            host.name == self.host.name && host.port.unwrap_or(default) == self.host.port.unwrap_or(default)
        })
    }

    /// Whether this is a page of the user's own machine.
    fn is_local(&self) -> bool {
        matches!(self.scheme.as_str(), "http" | "https")
            && matches!(self.host.name.as_str(), "localhost" | "127.0.0.1" | "[::1]")
    }
}
