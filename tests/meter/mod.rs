//! What Prometheus is told is what happened.

mod address;
mod requests;
mod saturation;
