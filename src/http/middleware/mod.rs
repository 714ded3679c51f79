//! What every request passes through.

pub mod access_log;
mod answer;
pub mod measure;
mod record;
pub mod security;
pub mod trace;
