//! HTTP furniture that every room uses; it knows no resource.

pub mod error;
pub mod extract;
pub mod infra;
pub mod middleware;
pub mod reply;
pub mod security;
pub mod stream;
pub mod trace;
