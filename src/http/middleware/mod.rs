//! What every request passes through.

pub mod access_log;
pub mod measure;
pub mod security;
pub mod trace;
