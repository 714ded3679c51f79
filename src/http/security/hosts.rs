//! The `Host` header: which names and addresses a request may be addressed to.
//!
//! A page on `evil.com` can point that name at our address and then is of our origin, as the browser sees it. What
//! gives it away is that its requests still say `Host: evil.com`.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::matches_glob;

/// The allowed hosts.
#[derive(Debug)]
pub(super) enum Hosts {
    /// This machine and private addresses, MLflow's default.
    Private,
    /// What the operator listed, in small letters.
    Listed(Vec<String>),
    /// Every one, also none at all.
    Every,
}

impl Hosts {
    pub(super) fn new(allowed: &[String]) -> Self {
        if allowed.is_empty() {
            Self::Private
        } else if allowed.iter().any(|entry| entry == "*") {
            Self::Every
        } else {
            Self::Listed(allowed.iter().map(|entry| entry.to_ascii_lowercase()).collect())
        }
    }

    pub(super) fn allow(&self, header: &str) -> bool {
        match self {
            Self::Every => true,
            Self::Private => Host::parse(header).is_some_and(|host| host.is_private()),
            Self::Listed(entries) => {
                Host::parse(header).is_some_and(|host| entries.iter().any(|entry| host.matches(entry)))
            }
        }
    }
}

/// A well-formed `Host` header in small letters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Host {
    /// A name without its final dot, or an address; IPv6 in brackets.
    pub(super) name: String,
    pub(super) port: Option<u16>,
}

impl Host {
    pub(super) fn parse(header: &str) -> Option<Self> {
        let header = header.to_ascii_lowercase();
        if header.parse::<Ipv6Addr>().is_ok() {
            return Some(Self { name: format!("[{header}]"), port: None });
        }
        let end = header.find(']').map_or_else(|| header.find(':').unwrap_or(header.len()), |bracket| bracket + 1);
        let (name, port) = header.split_at(end);
        let port = match port.strip_prefix(':') {
            Some("") => None,
            Some(port) => Some(port.parse().ok()?),
            None if port.is_empty() => None,
            None => return None,
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        let well_formed = match name.strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c)),
        };
        well_formed.then(|| Self { name: name.to_owned(), port })
    }

    /// This machine, or an address that the internet does not route.
    fn is_private(&self) -> bool {
        if let Ok(address) = self.name.parse::<Ipv4Addr>() {
            return address.is_loopback() || address.is_unspecified() || address.is_private();
        }
        let bracketed = self.name.strip_prefix('[').and_then(|name| name.strip_suffix(']'));
        match bracketed.and_then(|address| address.parse::<Ipv6Addr>().ok()) {
            Some(address) => address.is_loopback() || address.is_unique_local(),
            None => self.name == "localhost",
        }
    }

    /// Whether an entry of `--allowed-hosts` means this host. An entry that names no port means every port.
    fn matches(&self, entry: &str) -> bool {
        let with_port = self.port.map(|port| format!("{}:{port}", self.name));
        let found = [Some(&self.name), with_port.as_ref()].into_iter().flatten().any(|host| matches_glob(entry, host));
        found && (!is_address_pattern(entry) || self.name.parse::<Ipv4Addr>().is_ok())
    }
}

/// `10.*` means addresses. It must not let in `10.evil.com`.
fn is_address_pattern(entry: &str) -> bool {
    let name = entry.split(':').next().unwrap_or_default();
    let numeric = name.chars().all(|c| c.is_ascii_digit() || c == '.' || c == '*');
    numeric && name.contains('*') && name.contains('.') && name.starts_with(|c: char| c.is_ascii_digit())
}
