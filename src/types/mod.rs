//! The vocabulary that all rooms share. Pure: no I/O, no database, no HTTP.

pub mod message;
pub mod names;
pub mod python;
pub mod pyurl;
pub mod random_name;
pub mod time;
pub mod uri;
pub mod view;
