//! What is wrong with a request, up to a bound.

/// Errors in the order in which they were found.
#[derive(Debug)]
pub struct Errors {
    texts: Vec<String>,
    limit: usize,
    last: &'static str,
}

impl Errors {
    /// For what is wrong with a document.
    #[must_use]
    pub const fn of_document() -> Self {
        let last = "Too many validation errors, error limit reached. Validation aborted.";
        Self { texts: Vec::new(), limit: 100, last }
    }

    /// For what is wrong with the values of variables.
    #[must_use]
    pub const fn of_variables() -> Self {
        let last = "Too many errors processing variables, error limit reached. Execution aborted.";
        Self { texts: Vec::new(), limit: 50, last }
    }

    /// Adds an error, made only if there is room for it.
    pub fn add(&mut self, text: impl FnOnce() -> String) {
        if self.texts.len() < self.limit {
            self.texts.push(text());
        } else if self.texts.len() == self.limit {
            self.texts.push(self.last.to_owned());
        }
    }

    /// All is well, or this is not.
    pub fn result(self) -> Result<(), Vec<String>> {
        if self.texts.is_empty() { Ok(()) } else { Err(self.texts) }
    }
}

/// Names that were there before, in the order in which they come again.
pub fn repeated<'a>(names: impl IntoIterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
    let mut seen = std::collections::HashSet::new();
    names.into_iter().filter(move |name| !seen.insert(*name))
}
