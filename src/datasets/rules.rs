//! What datasets and the tags of their uses may be.

use super::wire::{DatasetInput, SearchDatasets};
use crate::error::{Error, Result};
use crate::types::names;

const MAX_NAME: usize = 500;
const MAX_DIGEST: usize = 36;
const MAX_SOURCE_TYPE: usize = 36;
const MAX_SOURCE: usize = 65_535;
const MAX_SCHEMA: usize = 1_048_575;
const MAX_PROFILE: usize = 16_777_215;
const MAX_TAG_KEY: usize = 255;
const MAX_TAG_VALUE: usize = 500;
const MAX_EXPERIMENTS: usize = 20;

/// Checks the use of a dataset.
pub fn input(input: &DatasetInput) -> Result<()> {
    let dataset = &input.dataset;
    names::length("name", MAX_NAME, &dataset.name)?;
    names::length("digest", MAX_DIGEST, &dataset.digest)?;
    names::length("source", MAX_SOURCE, &dataset.source)?;
    names::length("schema", MAX_SCHEMA, dataset.schema.as_deref().unwrap_or_default())?;
    names::length("profile", MAX_PROFILE, dataset.profile.as_deref().unwrap_or_default())?;
    names::length("source_type", MAX_SOURCE_TYPE, &dataset.source_type)?;
    for tag in &input.tags {
        names::length("key", MAX_TAG_KEY, &tag.key)?;
        names::length("value", MAX_TAG_VALUE, &tag.value)?;
    }
    Ok(())
}

/// The experiments of a search as the numbers that they are in the database.
pub fn experiments(request: &SearchDatasets) -> Result<Vec<i64>> {
    let ids = &request.experiment_ids;
    match ids.len() {
        0 => Err(Error::invalid("SearchDatasets request must specify at least one experiment_id.")),
        1..=MAX_EXPERIMENTS => ids.iter().map(|id| names::experiment_id_number(id)).collect(),
        count => Err(Error::invalid(format!(
            "SearchDatasets request cannot specify more than {MAX_EXPERIMENTS} experiment_ids. \
             Received {count} experiment_ids."
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::wire::{Dataset, InputTag};

    #[test]
    fn lengths_count_characters() {
        let of = |name: usize, source: usize, value: usize| DatasetInput {
            tags: vec![InputTag { key: "k".into(), value: "é".repeat(value) }],
            dataset: Dataset { name: "é".repeat(name), source: "é".repeat(source), ..Dataset::default() },
        };
        let cases = [
            (of(500, 65_535, 500), None),
            (of(501, 0, 0), Some("'name' exceeds the maximum length of 500 characters")),
            (of(0, 65_536, 0), Some("'source' exceeds the maximum length of 65535 characters")),
            (of(0, 0, 501), Some("'value' exceeds the maximum length of 500 characters")),
        ];
        for (given, expected) in cases {
            assert_eq!(input(&given).err().as_ref().map(Error::message), expected);
        }
    }
}
