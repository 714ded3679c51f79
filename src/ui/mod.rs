//! The house's own pages: HTML from this program alone, without a build chain and with nothing from elsewhere.
//!
//! Every view has a URL worth sharing and works without JavaScript. Whatever a client sent is escaped by construction:
//! templates are [`maud`]'s, which escapes every value, and no value is ever marked as HTML. A content security policy
//! without inline styles and scripts stands behind that. Nothing that was uploaded is served so that it could run as
//! one of these pages.
//!
//! A page is one file in `pages/`: what it reads, its view model and its template. This module owns no tables and
//! writes nothing.

mod assets;
mod chart;
mod csv;
mod filter;
mod layout;
pub mod pages;
mod site;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod time;
mod url;

pub use assets::asset;
