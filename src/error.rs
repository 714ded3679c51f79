//! The one error of Tracklet: a public code and message in MLflow's words, and a private cause.
//!
//! Every layer returns [`Result`]; only `http` turns an [`Error`] into a response, and only there is
//! the cause logged. Messages are compatibility surface: clients match on them, so tests pin them.

use std::fmt;

/// `std::result::Result` with Tracklet's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// MLflow's error codes, as far as Tracklet answers with them.
///
/// See <https://mlflow.org/docs/latest/rest-api.html> for their meaning to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The request is malformed in a way that no parameter is to blame for, or the database refused a value.
    BadRequest,
    /// A parameter is missing, has the wrong type or breaks a rule.
    InvalidParameterValue,
    /// What the request names does not exist.
    ResourceDoesNotExist,
    /// What the request creates exists already.
    ResourceAlreadyExists,
    /// No such URL.
    EndpointNotFound,
    /// The caller may not do this.
    PermissionDenied,
    /// The resource is in a state in which this cannot be done. MLflow answers it with status 500.
    InvalidState,
    /// The server is saturated; the client may try again.
    RequestLimitExceeded,
    /// The storage behind the request cannot do this.
    NotImplemented,
    /// The database or the object store cannot be reached; the client may try again.
    TemporarilyUnavailable,
    /// A defect of the server or of what it stands on.
    InternalError,
}

impl Code {
    /// The code's name on the wire and its HTTP status, the single table of both.
    #[must_use]
    pub const fn wire(self) -> (&'static str, u16) {
        match self {
            Self::BadRequest => ("BAD_REQUEST", 400),
            Self::InvalidParameterValue => ("INVALID_PARAMETER_VALUE", 400),
            Self::ResourceDoesNotExist => ("RESOURCE_DOES_NOT_EXIST", 404),
            Self::ResourceAlreadyExists => ("RESOURCE_ALREADY_EXISTS", 400),
            Self::EndpointNotFound => ("ENDPOINT_NOT_FOUND", 404),
            Self::PermissionDenied => ("PERMISSION_DENIED", 403),
            Self::InvalidState => ("INVALID_STATE", 500),
            Self::RequestLimitExceeded => ("REQUEST_LIMIT_EXCEEDED", 429),
            Self::NotImplemented => ("NOT_IMPLEMENTED", 501),
            Self::TemporarilyUnavailable => ("TEMPORARILY_UNAVAILABLE", 503),
            Self::InternalError => ("INTERNAL_ERROR", 500),
        }
    }
}

/// What went wrong: a [`Code`] and message for the client, and a cause that only the log sees.
#[derive(Debug)]
pub struct Error {
    code: Code,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error that the client sees as `code` and `message`.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), source: None }
    }

    /// [`Code::InvalidParameterValue`], the most frequent answer to bad input.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidParameterValue, message)
    }

    /// [`Code::ResourceDoesNotExist`].
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Code::ResourceDoesNotExist, message)
    }

    /// [`Code::RequestLimitExceeded`]: whoever has waited too long for its turn.
    #[must_use]
    pub fn saturated() -> Self {
        Self::new(Code::RequestLimitExceeded, "The server is saturated. Please try again later.")
    }

    /// [`Code::InternalError`] with a message that betrays nothing; `source` goes to the log.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(Code::InternalError, "Internal error; the server's log has the cause.").caused_by(source)
    }

    /// Attaches the cause, which is logged and never sent.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The public code.
    #[must_use]
    pub const fn code(&self) -> Code {
        self.code
    }

    /// The public message.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}

/// What was looked for, or nothing where the error is that it does not exist.
///
/// # Errors
///
/// All others.
pub fn existing<T>(found: Result<T>) -> Result<Option<T>> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.code == Code::ResourceDoesNotExist => Ok(None),
        Err(error) => Err(error),
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.wire().0, self.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}
