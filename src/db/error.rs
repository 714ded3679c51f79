//! What a database error means to a client.

use diesel::result::{DatabaseErrorKind as Kind, Error as DieselError};

use crate::error::{Code, Error};

/// Beginnings of PostgreSQL's messages for values that cannot be stored. MLflow answers them with
/// `BAD_REQUEST`; `rules` catch what is foreseen, this catches the rest.
const UNSTORABLE: [&str; 11] = [
    "value too long",
    "invalid regular expression",
    "invalid byte sequence",
    "unsupported Unicode escape",
    "integer out of range",
    "bigint out of range",
    "index row",
    "LIKE or GLOB pattern too complex",
    "LIKE pattern must not end",
    "Expression tree is too large",
    "at most 64 tables in a join",
];

/// Parts of messages that say the database is away, not that the statement is wrong.
const UNREACHABLE: [&str; 10] = [
    "server closed the connection",
    "no connection to the server",
    "connection to server",
    "could not connect",
    "terminating connection",
    "the database system is",
    "SSL connection has been closed",
    "could not receive data",
    "could not send data",
    "database is locked",
];

impl From<DieselError> for Error {
    fn from(error: DieselError) -> Self {
        let (code, message) = match &error {
            DieselError::DatabaseError(Kind::ClosedConnection | Kind::SerializationFailure, _) => unavailable(),
            DieselError::DatabaseError(Kind::Unknown, info) => classify(info.message()),
            DieselError::DatabaseError(Kind::ReadOnlyTransaction, info) => {
                (Code::TemporarilyUnavailable, format!("The database is read-only: {}", info.message()))
            }
            DieselError::DatabaseError(_, info) => (Code::BadRequest, info.message().to_owned()),
            _ => return Self::internal(error),
        };
        if code == Code::InternalError { Self::internal(error) } else { Self::new(code, message).caused_by(error) }
    }
}

fn classify(message: &str) -> (Code, String) {
    if UNSTORABLE.iter().any(|start| message.starts_with(start)) {
        (Code::BadRequest, message.to_owned())
    } else if UNREACHABLE.iter().any(|part| message.contains(part)) {
        unavailable()
    } else {
        (Code::InternalError, String::new())
    }
}

fn unavailable() -> (Code, String) {
    (Code::TemporarilyUnavailable, "The database cannot be reached at the moment.".to_owned())
}

/// Whether the whole transaction may be run again: it lost against another and nothing of it stayed.
pub(super) fn is_retryable(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref::<DieselError>() {
        Some(DieselError::DatabaseError(Kind::SerializationFailure, _)) => true,
        Some(DieselError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
        _ => false,
    }
}
