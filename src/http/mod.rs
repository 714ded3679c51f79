//! HTTP furniture that every room uses; it knows no resource.

pub mod error;
pub mod extract;
pub mod reply;
