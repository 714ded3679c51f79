//! Tables whose columns order them.

use maud::{Markup, html};

use super::text::T;
use super::url::Url;
use crate::error::{Error, Result};

/// What a table is ordered by: `loss` upwards, `-loss` downwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    /// The column, empty for the table's own order.
    pub(crate) key: String,
    /// The greatest first.
    pub(crate) descending: bool,
}

impl Sort {
    /// Reads the parameter of an address.
    pub(crate) fn parse(text: &str) -> Self {
        match text.strip_prefix('-') {
            Some(key) => Self { key: key.to_owned(), descending: true },
            None => Self { key: text.to_owned(), descending: false },
        }
    }

    /// The parameter of an address.
    pub(crate) fn shown(&self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.key)
    }

    /// This order, or the table's own where none is chosen.
    #[must_use]
    pub(crate) fn or(self, own: &str) -> Self {
        if self.key.is_empty() { Self::parse(own) } else { self }
    }

    /// `ASC` or `DESC`.
    pub(crate) const fn direction(&self) -> &'static str {
        if self.descending { "DESC" } else { "ASC" }
    }

    /// The order in MLflow's language, empty for the table's own. `columns` are those of the address, each with its name in
    /// that language; `what` is ordered.
    pub(crate) fn order_by(&self, columns: &[(&str, &str)], what: &str) -> Result<Vec<String>> {
        if self.key.is_empty() {
            return Ok(Vec::new());
        }
        let known = columns.iter().find(|(key, _)| *key == self.key);
        let (_, name) = known.ok_or_else(|| Error::invalid(format!("{what} cannot be ordered by '{}'.", self.key)))?;
        Ok(vec![format!("{name} {}", self.direction())])
    }

    /// The order after a click on a heading: the other direction, or this column's first one.
    fn after(&self, key: &str, first_down: bool) -> Self {
        let descending = if self.key == key { !self.descending } else { first_down };
        Self { key: key.to_owned(), descending }
    }
}

/// A heading of a table.
pub(crate) struct Heading<'a> {
    /// What it says.
    pub(crate) label: &'a str,
    /// The column, as in the address.
    pub(crate) key: &'a str,
    /// Numbers and times: right-aligned, the greatest first.
    pub(crate) numeric: bool,
}

impl Heading<'_> {
    /// A heading with a link that orders by it; `url` makes the address of an order.
    pub(crate) fn render(&self, sort: &Sort, url: impl Fn(&Sort) -> Url) -> Markup {
        let order = match (sort.key == self.key, sort.descending) {
            (false, _) => None,
            (true, true) => Some("descending"),
            (true, false) => Some("ascending"),
        };
        html! {
            th scope="col" class=[self.numeric.then_some("n")] aria-sort=[order] {
                a href=(url(&sort.after(self.key, self.numeric))) { bdi { (T(self.label)) } }
            }
        }
    }
}
