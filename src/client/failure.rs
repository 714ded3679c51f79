//! Why a client stopped, for the person or Pod log that reads it.

use std::fmt;
use std::time::Duration;

use crate::error::{Code, Error};

/// `std::result::Result` with a [`Failure`].
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// A plain sentence, and whether the same attempt may go well later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    message: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Final,
    Elsewhere,
    Temporary { wait: Duration },
}

impl Failure {
    /// Trying again would end the same way.
    pub(crate) fn last(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: Kind::Final }
    }

    /// The server gives no bytes away, but the addresses of its storage.
    pub(crate) fn elsewhere(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: Kind::Elsewhere }
    }

    /// Whether the storage is to be asked instead.
    pub(crate) fn is_elsewhere(&self) -> bool {
        self.kind == Kind::Elsewhere
    }

    /// The network, or a server in trouble.
    pub(crate) fn temporary(message: impl Into<String>) -> Self {
        Self { message: message.into(), kind: Kind::Temporary { wait: Duration::ZERO } }
    }

    /// The server named the time to wait.
    pub(crate) fn after(mut self, asked: Option<Duration>) -> Self {
        if let Kind::Temporary { wait } = &mut self.kind {
            *wait = asked.unwrap_or_default();
        }
        self
    }

    /// Whether it is worth while to try again, and how long the server wants to be left alone before that.
    pub(crate) const fn again(&self) -> Option<Duration> {
        match self.kind {
            Kind::Final | Kind::Elsewhere => None,
            Kind::Temporary { wait } => Some(wait),
        }
    }

    /// Puts `what` in front, for example the name of the file.
    pub(crate) fn of(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    /// Adds a sentence of advice.
    pub(crate) fn hint(mut self, advice: &str) -> Self {
        self.message = format!("{}. {advice}", self.message);
        self
    }

    /// The exit status: 3 for what may go well later, 1 for the rest.
    #[must_use]
    pub const fn status(&self) -> u8 {
        match self.kind {
            Kind::Final | Kind::Elsewhere => 1,
            Kind::Temporary { .. } => 3,
        }
    }

    /// A failure of the disk, at `path`.
    pub(crate) fn disk(path: &std::path::Path, error: &std::io::Error) -> Self {
        let message = match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                format!("{}: the disk is full ({error})", path.display())
            }
            _ => format!("{}: {error}", path.display()),
        };
        Self::last(message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Failure {}

/// What an artifact store says. Its own messages are for clients of the server and keep the cause back; here the
/// person who reads them is the operator.
impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let cause = std::error::Error::source(&error).map(innermost).filter(|cause| !error.message().contains(cause));
        let cause = cause.map(|cause| format!(" ({cause})")).unwrap_or_default();
        match error.code() {
            Code::TemporarilyUnavailable | Code::RequestLimitExceeded | Code::InternalError => {
                Self::temporary(format!("{}{cause}", error.message()))
            }
            _ => Self::last(format!("{}{cause}", error.message())),
        }
    }
}

/// The first line of the innermost cause, which says the most: "Connection refused".
pub(crate) fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let last = std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error);
    last.to_string().lines().next().unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_well_later_has_a_status_of_its_own() {
        let wait = Duration::from_secs(2);
        for (failure, status, again) in [
            (Failure::last("x"), 1, None),
            (Failure::last("x").after(Some(wait)), 1, None),
            (Failure::temporary("x"), 3, Some(Duration::ZERO)),
            (Failure::temporary("x").after(Some(wait)), 3, Some(wait)),
            (Error::missing("x").into(), 1, None),
            (Error::new(Code::TemporarilyUnavailable, "x").into(), 3, Some(Duration::ZERO)),
            (Error::new(Code::PermissionDenied, "x").into(), 1, None),
        ] {
            assert_eq!((failure.status(), failure.again()), (status, again), "{failure:?}");
        }
    }

    #[test]
    fn the_innermost_cause_is_told() {
        let refused = std::io::Error::other(std::io::Error::from(std::io::ErrorKind::ConnectionRefused));
        let failure = Failure::from(Error::internal(refused)).of("a/b");
        assert!(failure.to_string().starts_with("a/b: Internal error"), "{failure}");
        assert!(failure.to_string().ends_with("(connection refused)"), "{failure}");
    }
}
