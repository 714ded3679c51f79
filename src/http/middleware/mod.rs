//! What happens to every request before its handler and to every response after it.

pub mod security;
