//! What pages are made of: the skeleton, addresses, texts, tables and charts.

pub(super) mod assets;
pub(super) mod chart;
pub(super) mod csv;
pub(super) mod filter;
pub(super) mod layout;
pub(super) mod site;
pub(super) mod table;
#[cfg(test)]
mod tests;
pub(super) mod text;
pub(super) mod time;
pub(super) mod url;
