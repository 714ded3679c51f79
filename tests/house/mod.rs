//! The house holds itself to what ARCHITECTURE.md says of it.

mod layers;
mod licences;
mod tidiness;
