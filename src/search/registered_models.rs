//! Filters and orderings of registered models.

use super::ast::{Condition, OrderBy};
use super::python;
use super::registry::{self, Language};
use crate::error::{Error, Result};

/// What a registered model can be filtered by: its name, a text or a list of texts, or a tag.
pub type Subject = registry::Subject<Attribute>;

/// The columns of a registered model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The model's name; the only column that can be filtered by.
    Name,
    /// Milliseconds since 1970.
    LastUpdatedTimestamp,
}

const LANGUAGE: Language<Attribute> =
    Language { attributes: &[("name", Attribute::Name)], numeric: &[], listed: &["name"], name: "registered model" };

const ORDERABLE: [(&str, Attribute); 3] = [
    ("name", Attribute::Name),
    ("timestamp", Attribute::LastUpdatedTimestamp),
    ("last_updated_timestamp", Attribute::LastUpdatedTimestamp),
];

/// Reads the conditions of a filter; the empty one has none. See [`registry::Filter`] for what they hide.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message.
pub fn filter(filter: &str) -> Result<Vec<Condition<Subject>>> {
    LANGUAGE.conditions(filter)
}

/// Reads an ordering and completes it: by name where it does not say how.
///
/// # Errors
/// `INVALID_PARAMETER_VALUE` with MLflow's message, which for a field that occurs twice is one of status 500 there.
pub fn order_by(order_by: &[String]) -> Result<Vec<OrderBy<Attribute>>> {
    let steps = registry::steps(order_by, |name| {
        ORDERABLE.iter().find_map(|(key, attribute)| (*key == name).then_some(*attribute)).ok_or_else(|| {
            let (name, keys) = (python::echo(name), python::set(&["name", "timestamp"]));
            Error::invalid(format!("Invalid order by key '{name}' specified. Valid keys are '{keys}'"))
        })
    })?;
    Ok(registry::complete(steps, [(Attribute::Name, true)]))
}
