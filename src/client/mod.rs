//! What our clients of other servers share: the connection and whom it trusts, attempts that are repeated, progress, and
//! sentences about what went wrong.

mod answer;
mod failure;
mod progress;
mod retry;
mod server;

pub(crate) use answer::{is_passing, retry_after, unreachable};
pub use failure::Failure;
pub(crate) use failure::{Result, innermost};
pub(crate) use progress::{Progress, duration, files, rate, size};
pub use retry::Retries;
pub use server::{Credentials, Server};
pub(crate) use server::{TRACKING_TRUST, http, http_there};
