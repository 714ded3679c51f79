//! What Prometheus is told is what happened.

mod address;
mod registry;
mod requests;
mod saturation;

pub(crate) use requests::until;
