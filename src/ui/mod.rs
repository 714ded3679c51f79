//! What people look at in a browser.

pub mod pages;
