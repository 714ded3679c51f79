//! The selected part of a message.

use serde_json::{Map, Value};

use super::plan::{Selected, What};
use super::schema::{Field, Kind};

/// What the plan selects of a message. A message that is not there is one without fields.
#[must_use]
pub fn select(plan: &[Selected], message: &Value) -> Value {
    let line = |selected: &Selected| (selected.key.clone(), line(selected, message));
    Value::Object(plan.iter().map(line).collect::<Map<_, _>>())
}

fn line(selected: &Selected, message: &Value) -> Value {
    match &selected.what {
        What::TypeName(name) => Value::from(*name),
        What::Field { field, source, .. } => {
            let value = message.get(source).unwrap_or(&Value::Null);
            if !field.list {
                return one(field, &selected.inner, value);
            }
            let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
            items.iter().map(|item| one(field, &selected.inner, item)).collect()
        }
    }
}

fn one(field: &Field, inner: &[Selected], value: &Value) -> Value {
    match (field.kind, value) {
        (Kind::Object(_), message) => select(inner, message),
        (Kind::Text, Value::Null) => Value::from(""),
        (Kind::Long, Value::Null) => Value::from("0"),
        (Kind::Long, Value::Number(number)) => Value::from(number.to_string()),
        (Kind::Float, Value::Null) => Value::from(0.0),
        (Kind::Never(_), _) | (Kind::Float, Value::String(_)) => Value::Null,
        (Kind::Flag, Value::Null) => Value::from(false),
        (Kind::Text | Kind::Long | Kind::Float | Kind::Flag | Kind::Enum(_), value) => value.clone(),
    }
}
