//! What a logged model and what is logged of it must be.

use super::wire::{CreateLoggedModel, DatasetFilter};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::{names, python};

const FORBIDDEN: [char; 6] = ['/', ':', '.', '%', '"', '\''];
const MAX_NAME: usize = 500;
const MAX_TYPE: usize = 500;
const MAX_RUN_ID: usize = 32;
const MAX_KEY: usize = 255;

/// Checks everything about a new model that needs no database.
pub fn check(request: &CreateLoggedModel) -> Result<()> {
    name(&request.name)?;
    names::length("name", MAX_NAME, &request.name)?;
    names::length("model_type", MAX_TYPE, &request.model_type)?;
    names::length("source_run_id", MAX_RUN_ID, &request.source_run_id)?;
    keys(&request.params)?;
    keys(&request.tags)
}

fn name(name: &str) -> Result<()> {
    if name.contains(FORBIDDEN) {
        return Err(Error::invalid(format!(
            "Invalid model name ({}) provided. Model name must be a non-empty string and cannot contain the following \
             characters: ('/', ':', '.', '%', '\"', \"'\")",
            python::repr(name)
        )));
    }
    Ok(())
}

/// Checks the keys of params or tags, which may be anything of the right length.
pub fn keys(pairs: &[KeyValue]) -> Result<()> {
    pairs.iter().try_for_each(|pair| names::length("key", MAX_KEY, &pair.key))
}

/// Checks the datasets of a search.
pub fn datasets(datasets: &[DatasetFilter]) -> Result<()> {
    if datasets.iter().any(|dataset| dataset.dataset_name.is_empty()) {
        return Err(Error::invalid("`dataset_name` in the `datasets` clause must be specified."));
    }
    Ok(())
}

/// Checks the dataset of a metric, of which name and digest go together; empty ones are absent.
pub fn metric_dataset(name: &str, digest: &str) -> Result<()> {
    if name.is_empty() != digest.is_empty() {
        return Err(Error::invalid("Both dataset_name and dataset_digest must be provided if one is provided"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["", "a b", "é", " ", "a-b_c", "m\\n"] {
            assert!(name(good).is_ok(), "{good}");
        }
        for bad in ["a/b", "a:b", "a.b", "a%b", "a\"b", "a'b"] {
            let message = name(bad).err().map(|error| error.message().to_owned()).unwrap_or_default();
            assert!(message.starts_with(&format!("Invalid model name ({}) provided.", python::repr(bad))), "{bad}");
        }
    }

    #[test]
    fn a_dataset_needs_both() {
        let cases = [("", "", true), ("d", "x", true), ("d", "", false), ("", "x", false)];
        for (name, digest, expected) in cases {
            assert_eq!(metric_dataset(name, digest).is_ok(), expected);
        }
    }
}
