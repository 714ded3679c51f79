//! What an assessment must be, and what is made of its value.

use super::wire::{Assessment, Value};
use crate::error::{Error, Result};
use crate::types::names;
use crate::types::python_json::Json;

/// The metadata that names the run that an assessment came from.
pub const SOURCE_RUN: &str = "mlflow.assessment.sourceRunId";

const MAX_ID: usize = 50;
const MAX_NAME: usize = 250;
const MAX_SOURCE_ID: usize = 250;
const MAX_RUN_ID: usize = 32;

/// Checks that an assessment fits.
pub fn check(assessment: &Assessment) -> Result<()> {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    names::length("assessment_id", MAX_ID, &text(&assessment.assessment_id))?;
    name(&assessment.assessment_name)?;
    names::length("span_id", MAX_ID, &text(&assessment.span_id))?;
    names::length("source_id", MAX_SOURCE_ID, &text(&assessment.source.source_id))?;
    names::length("run_id", MAX_RUN_ID, assessment.metadata.get(SOURCE_RUN).map_or("", String::as_str))
}

/// Checks the name of an assessment.
pub fn name(name: &str) -> Result<()> {
    names::length("assessment_name", MAX_NAME, name)
}

/// The number that charts show of a value, and whether the value is a number itself.
#[must_use]
pub fn aggregate(value: &Json) -> (Option<f64>, bool) {
    match value {
        Json::Bool(flag) => (Some(f64::from(u8::from(*flag))), false),
        Json::Text(text) => match text.trim().to_lowercase().as_str() {
            "yes" => (Some(1.0), false),
            "no" => (Some(0.0), false),
            _ => (None, false),
        },
        value => {
            let number = value.number().filter(|number| number.is_finite());
            (number, number.is_some())
        }
    }
}

/// The name of the kind of an assessment in the database.
#[must_use]
pub const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Feedback(_) => "feedback",
        Value::Expectation(_) => "expectation",
        Value::Issue(_) => "issue",
    }
}

/// The error for an assessment whose id is another trace's.
#[must_use]
pub fn of_another_trace(assessment_id: &str) -> Error {
    Error::invalid(format!("Assessment with ID '{assessment_id}' belongs to another trace."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_values() {
        let cases = [
            ("true", Some(1.0), false),
            ("false", Some(0.0), false),
            ("5", Some(5.0), true),
            ("-0.5", Some(-0.5), true),
            ("NaN", None, false),
            ("Infinity", None, false),
            ("1e999", None, false),
            ("\" Yes\"", Some(1.0), false),
            ("\"no\"", Some(0.0), false),
            ("\"1\"", None, false),
            ("null", None, false),
            ("[1]", None, false),
        ];
        for (text, number, is_number) in cases {
            let found = aggregate(&Json::parse(text).unwrap_or_default());
            assert_eq!(found, (number, is_number), "{text}");
        }
    }
}
