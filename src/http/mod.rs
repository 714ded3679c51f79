//! What every resource needs of HTTP; knows no resource.

pub mod middleware;
pub mod security;
