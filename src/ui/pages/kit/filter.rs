//! The box in which people write MLflow's filter language.

use maud::{Markup, html};

use super::text::{Exact, T};
use super::url::Url;

/// A search box for MLflow's filter language, which keeps the rest of the address. Below it stands what is wrong with
/// the filter, and a link to a filter that might be meant.
pub(crate) struct FilterBox<'a> {
    /// The address without filter and page.
    pub(crate) url: Url,
    /// The filter as given.
    pub(crate) filter: &'a str,
    /// What the box is for.
    pub(crate) label: &'a str,
    /// A filter that shows how it is done.
    pub(crate) example: &'a str,
    /// Why the filter cannot be used.
    pub(crate) error: Option<&'a str>,
    /// The attribute that a plain word is likely to mean.
    pub(crate) name: &'a str,
}

impl FilterBox<'_> {
    pub(crate) fn render(&self) -> Markup {
        let described = if self.error.is_some() { "filter-error" } else { "filter-help" };
        html! {
            form.search action=(self.url.action()) role="search" {
                @for (name, value) in self.url.pairs() { input type="hidden" name=(name) value=(Exact(value)); }
                input type="search" name="q" value=(Exact(self.filter)) placeholder=(self.example) aria-label=(self.label)
                    aria-describedby=(described) aria-invalid=[self.error.map(|_| "true")] autocomplete="off"
                    autocapitalize="off" spellcheck="false";
                button { "Filter" }
                @if !self.filter.is_empty() { a.button href=(self.url) { "Clear" } }
            }
            @match self.error {
                Some(error) => {
                    div.problem #filter-error role="alert" {
                        p { strong { "This filter cannot be used. " } (T(error)) }
                        @if let Some((before, wrong, after)) = culprit(self.filter, error) {
                            p { code { (T(before)) mark { (T(wrong)) } (T(after)) } }
                        }
                        p { "It could look like " code { (self.example) } "." }
                        @if let Some(meant) = self.meant() {
                            p { "Or look for the name: " a href=(self.url.clone().with("q", &meant)) { code { (T(&meant)) } } }
                        }
                    }
                }
                None => { p.unseen #filter-help { "MLflow’s filter language, such as " code { (self.example) } } }
            }
        }
    }

    /// A plain word is likely to be part of a name.
    fn meant(&self) -> Option<String> {
        let word = self.filter.trim();
        let plain = !word.is_empty() && word.len() <= 200 && !word.contains(['=', '<', '>', '\'', '"', '`', '\\']);
        plain.then(|| format!("{} ILIKE '%{word}%'", self.name))
    }
}

/// The filter cut where the error quotes a part of it: what is before, the part, what is after.
fn culprit<'a>(filter: &'a str, error: &str) -> Option<(&'a str, &'a str, &'a str)> {
    // The pieces of `a 'b' c 'd'` that are quoted are those between every second quote and the next.
    let quoted =
        error.split('\'').skip(1).step_by(2).filter(|piece| !piece.trim().is_empty() && *piece != filter.trim());
    let piece = quoted.filter(|piece| filter.contains(piece)).max_by_key(|piece| piece.len())?;
    let start = filter.find(piece)?;
    let (before, rest) = filter.split_at_checked(start)?;
    let (wrong, after) = rest.split_at_checked(piece.len())?;
    Some((before, wrong, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_error_quotes_is_found_in_the_filter() {
        for (filter, error, expected) in [
            ("a = 1 AND b ~ 2", "Invalid clause(s) in filter string: 'b ~ 2'", Some(("a = 1 AND ", "b ~ 2", ""))),
            ("broken", "Invalid clause(s) in filter string: 'broken'", None),
            ("metric.x = 'é'", "Expected 'float' got 'é'", Some(("metric.x = '", "é", "'"))),
            ("a", "no quotes", None),
            ("", "'' ''", None),
        ] {
            assert_eq!(culprit(filter, error), expected, "{filter}");
        }
    }
}
