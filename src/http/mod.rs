//! HTTP furniture that every room uses; it knows no resource.

pub mod access_log;
pub mod error;
pub mod extract;
pub mod reply;
pub mod stream;
