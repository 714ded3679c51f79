//! The language as MLflow reads it, and as it must never be read.

mod golden;
mod robust;
