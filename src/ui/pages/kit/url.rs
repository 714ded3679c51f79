//! Addresses of pages: built in one place, so that every part of them is encoded.

use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::types::uri;

/// A value of a query may hold slashes, too.
const VALUE: &AsciiSet = &uri::RESERVED.remove(b'/').remove(b':').remove(b',');

/// An address under construction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Url {
    path: String,
    query: Vec<(String, String)>,
}

impl Url {
    /// The address of a path that is made of constants.
    pub(crate) fn new(path: impl Into<String>) -> Self {
        Self { path: path.into(), query: Vec::new() }
    }

    /// Appends a segment of the path.
    #[must_use]
    pub(crate) fn segment(mut self, segment: &str) -> Self {
        if !self.path.ends_with('/') {
            self.path.push('/');
        }
        self.path.extend(uri::segment(segment));
        self
    }

    /// Appends to the query, unless the value is empty.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.query.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// Appends a value for each of `values`.
    #[must_use]
    pub(crate) fn with_each<S: AsRef<str>>(self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        values.into_iter().fold(self, |url, value| url.with(name, value.as_ref()))
    }

    /// Appends the number of a page, unless it is the first.
    #[must_use]
    pub(crate) fn page(self, page: i64) -> Self {
        if page > 1 { self.with("page", &page.to_string()) } else { self }
    }

    /// The address without its query, for a form's `action`.
    pub(crate) fn action(&self) -> &str {
        &self.path
    }

    /// The pairs of the query, for a form's hidden fields.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.path)?;
        for (place, (name, value)) in self.query.iter().enumerate() {
            let mark = if place == 0 { '?' } else { '&' };
            write!(f, "{mark}{name}={}", utf8_percent_encode(value, VALUE))?;
        }
        Ok(())
    }
}
