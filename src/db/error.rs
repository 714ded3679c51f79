//! What a database error means to a client.

use diesel::result::{DatabaseErrorKind as Kind, Error as DieselError};

use crate::error::{Code, Error};

/// Beginnings of PostgreSQL's messages for values that cannot be stored or added up. MLflow answers them with
/// `BAD_REQUEST`; `rules` catch what is foreseen, this catches the rest.
const UNSTORABLE: [&str; 12] = [
    "value too long",
    "invalid regular expression",
    "invalid byte sequence",
    "unsupported Unicode escape",
    "integer out of range",
    "bigint out of range",
    "value out of range",
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

/// Parts of messages that say the database is there and can do nothing for now, whatever connection asks.
const EXHAUSTED: [&str; 8] = [
    "database or disk is full",
    "No space left on device",
    "could not extend file",
    "Disk quota exceeded",
    "disk I/O error",
    "readonly database",
    "statement timeout",
    "lock timeout",
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
    } else if is_exhausted(message) {
        (Code::TemporarilyUnavailable, format!("The database cannot do this at the moment: {message}"))
    } else {
        (Code::InternalError, String::new())
    }
}

fn unavailable() -> (Code, String) {
    (Code::TemporarilyUnavailable, "The database cannot be reached at the moment.".to_owned())
}

fn is_exhausted(message: &str) -> bool {
    EXHAUSTED.iter().any(|part| message.contains(part))
}

/// Whether another connection might do what this one could not.
pub(super) fn blames_connection(error: &Error) -> bool {
    let cause = std::error::Error::source(error).and_then(|source| source.downcast_ref::<DieselError>());
    let exhausted = matches!(cause, Some(DieselError::DatabaseError(_, info)) if is_exhausted(info.message()));
    error.code() == Code::TemporarilyUnavailable && !exhausted
}

/// Whether the whole transaction may be run again: it lost against another and nothing of it stayed.
pub(super) fn is_retryable(error: &(dyn std::error::Error + 'static)) -> bool {
    match error.downcast_ref::<DieselError>() {
        Some(DieselError::DatabaseError(Kind::SerializationFailure, _)) => true,
        Some(DieselError::DatabaseError(_, info)) => info.message().contains("deadlock detected"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_database_says_is_whose_fault() {
        let table = [
            ("server closed the connection unexpectedly", Code::TemporarilyUnavailable, true),
            ("FATAL: the database system is shutting down", Code::TemporarilyUnavailable, true),
            ("database or disk is full", Code::TemporarilyUnavailable, false),
            (
                "could not extend file \"base/5/1\": wrote only 4096 of 8192 bytes at block 22",
                Code::TemporarilyUnavailable,
                false,
            ),
            ("attempt to write a readonly database", Code::TemporarilyUnavailable, false),
            ("canceling statement due to statement timeout", Code::TemporarilyUnavailable, false),
            ("value out of range: overflow", Code::BadRequest, false),
            ("value too long for type character varying(250)", Code::BadRequest, false),
            ("syntax error at or near \"SELEC\"", Code::InternalError, false),
        ];
        for (message, code, connection) in table {
            let error = Error::from(DieselError::DatabaseError(Kind::Unknown, Box::new(message.to_owned())));
            assert_eq!((error.code(), blames_connection(&error)), (code, connection), "{message}");
        }
    }
}
