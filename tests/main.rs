//! One binary for all integration tests, a module per subject: linking is what takes the time.
//!
//! They start the real server with [`tracklet::server::start`] on SQLite, which is no double but one of the two
//! databases. What needs PostgreSQL, S3 or Python lives in `tests/e2e`.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that fails is a test that fails"
)]
#![allow(clippy::type_complexity, reason = "the rows of a table say what its columns are")]

mod artifacts;
mod docs;
mod graphql;
mod house;
mod kserve;
mod meter;
mod otlp;
mod pages;
mod server;
mod support;
mod ui;
