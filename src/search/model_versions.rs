//! Filters and orderings of model versions.

use super::ast::{Condition, OrderBy};
use super::registry::{self, Language};
use super::{common, python};
use crate::error::{Error, Result};

/// What a model version can be filtered by. The number is compared with [`super::Value::Int`], the name and the run with
/// texts and lists of texts, the source and tags with texts. It cannot be filtered by its times.
pub type Subject = registry::Subject<Attribute>;

/// The columns of a model version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The name of the registered model.
    Name,
    /// The number of the version; a filter may name one that no column could hold.
    VersionNumber,
    /// The run that the version comes from; cannot be ordered by.
    RunId,
    /// Where the model lies as the client said it; cannot be ordered by.
    SourcePath,
    /// Milliseconds since 1970.
    CreationTimestamp,
    /// Milliseconds since 1970.
    LastUpdatedTimestamp,
}

const LANGUAGE: Language<Attribute> = Language {
    attributes: &[
        ("name", Attribute::Name),
        ("version_number", Attribute::VersionNumber),
        ("run_id", Attribute::RunId),
        ("source_path", Attribute::SourcePath),
    ],
    numeric: &["version_number", "creation_timestamp", "last_updated_timestamp"],
    listed: &["name", "run_id"],
    name: "model version",
};

const ORDERABLE: [(&str, Attribute); 4] = [
    ("name", Attribute::Name),
    ("version_number", Attribute::VersionNumber),
    ("creation_timestamp", Attribute::CreationTimestamp),
    ("last_updated_timestamp", Attribute::LastUpdatedTimestamp),
];

/// Reads the conditions of a filter; the empty one has none. See [`registry::Filter`] for what they hide.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    LANGUAGE.conditions(filter)
}

/// Reads an ordering and completes it: the last updated first when it is empty, then by name, then the greatest number
/// first.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, which for a field that occurs twice is one of status 500 there.
pub fn order_by(order_by: &[String]) -> Result<Vec<OrderBy<Attribute>>> {
    let mut steps = registry::steps(order_by, attribute)?;
    if steps.is_empty() {
        steps.push(OrderBy { subject: Attribute::LastUpdatedTimestamp, ascending: false });
    }
    Ok(registry::complete(steps, [(Attribute::Name, true), (Attribute::VersionNumber, false)]))
}

/// What a step is about. A tag that is named as a column means the column, as it does in MLflow.
fn attribute(name: &str) -> Result<Attribute> {
    let (is_tag, key) = common::tag_or_attribute(name, &["attribute", "attributes", "tag", "tags"])?;
    let key = common::key(key);
    let known = common::known(key, "attribute", &ORDERABLE);
    if !is_tag {
        return known;
    }
    known.map_err(|_| {
        let (key, keys) = (python::echo(key), python::set(&ORDERABLE.map(|(key, _)| key)));
        Error::invalid(format!("Invalid order by key '{key}' specified. Valid keys are {keys}"))
    })
}
