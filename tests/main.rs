//! One binary for all integration tests, a module per subject: linking is what takes the time.
//!
//! They start the real server with [`tracklet::server::start`] on SQLite, which is no double but one of the two
//! databases. What needs PostgreSQL, S3 or Python lives in `tests/e2e`.

mod artifacts;
mod docs;
mod house;
mod server;
mod support;
