//! What `object_store`'s errors are to a client. Causes go to the log; keys and secrets never into a message.

use std::error::Error as StdError;

use object_store::Error as StoreError;
use object_store::client::HttpError;

use crate::error::{Code, Error};

/// The error of an operation on the artifact at `path`.
pub(super) fn of(error: StoreError, path: &str) -> Error {
    match &error {
        StoreError::NotFound { .. } => Error::missing(format!("No such artifact: '{path}'")).caused_by(error),
        _ => describe(error, &format!("Failed to access artifact '{path}'")),
    }
}

/// The error of completing or aborting an upload that the client started.
pub(super) fn of_upload(error: StoreError, path: &str) -> Error {
    match (&error, status(&error)) {
        (StoreError::NotFound { .. }, _) => {
            Error::missing(format!("No such multipart upload of artifact '{path}'")).caused_by(error)
        }
        (_, Some(400)) => {
            Error::invalid(format!("The object store refused the parts of artifact '{path}'")).caused_by(error)
        }
        _ => of(error, path),
    }
}

/// Any other error: `what` failed, and why as far as it is anybody's business.
pub(super) fn describe(error: StoreError, what: &str) -> Error {
    let (code, why) = match (&error, status(&error)) {
        (StoreError::NotFound { .. }, _) | (_, Some(404)) => {
            (Code::ResourceDoesNotExist, "The specified bucket does not exist")
        }
        (StoreError::PermissionDenied { .. } | StoreError::Unauthenticated { .. }, _) | (_, Some(401 | 403)) => {
            (Code::PermissionDenied, "The object store denied the server access")
        }
        (StoreError::InvalidPath { .. }, _) => {
            (Code::InvalidParameterValue, "The object store holds a key that is no path")
        }
        (_, Some(500..)) => (Code::TemporarilyUnavailable, "The object store failed"),
        _ if chain(&error).any(<dyn StdError>::is::<HttpError>) => {
            (Code::TemporarilyUnavailable, "The object store cannot be reached")
        }
        _ => (Code::InternalError, "The object store refused the request; the server's log has the cause"),
    };
    Error::new(code, format!("{what}: {why}")).caused_by(error)
}

/// The status that the object store answered with. `object_store` keeps the type private, so its text has to do.
fn status(error: &StoreError) -> Option<u16> {
    chain(error).find_map(|cause| {
        let text = cause.to_string();
        let status = text.strip_prefix("Server returned non-2xx status code: ")?;
        status.get(..3)?.parse().ok()
    })
}

fn chain(error: &StoreError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    std::iter::successors(StdError::source(error), |cause| (*cause).source())
}
