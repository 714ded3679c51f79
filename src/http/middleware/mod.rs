//! What every request passes through.

pub mod access_log;
pub mod measure;
mod record;
pub mod security;
pub mod trace;
