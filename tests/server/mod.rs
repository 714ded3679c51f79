//! The server as a whole: how it starts, what it is asked first, how it stops.

mod example;
mod logging;
mod program;
mod refusal;
mod starting;
mod stopping;
