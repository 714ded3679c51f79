//! How a request is read: MLflow's JSON rules for protobuf messages, written once.
//!
//! A message accepts `snake_case` and `camelCase` names (not both at once), numbers as strings, enums by name or
//! number; `null` is absence and unknown fields are ignored. A query string becomes the same [`Fields`].
//! Each request type says which fields it has, in the order in which MLflow complains about them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::error::{Error, Result};
use crate::types::python;

const SEE_DOCS: &str = " See the API docs for more information about request parameters.";

/// A request that can be read from JSON or a query string.
pub trait Message: Sized {
    /// Takes what the message needs out of `fields`, complaining about the first field that is wrong.
    fn read(fields: &mut Fields) -> Result<Self>;
}

/// A value of a field.
pub trait FromJson: Sized {
    /// Converts a JSON value that is not `null`; `path` names it in the error.
    fn from_json(value: Value, path: Path<'_>) -> Result<Self>;
}

/// Where a value stands in a request, written only when a message names it: `metrics[3].key`.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    prefix: &'a str,
    name: &'a str,
    index: Option<usize>,
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.prefix, self.name)?;
        self.index.map_or(Ok(()), |index| write!(f, "[{index}]"))
    }
}

/// The fields of a message that are not taken yet.
#[derive(Debug, Default)]
pub struct Fields {
    map: Map<String, Value>,
    /// What the names of the fields follow in messages: empty, or `metrics[3].`.
    prefix: String,
    /// Whether the values are texts from a query string.
    query: bool,
}

impl Fields {
    /// The fields of a JSON object.
    #[must_use]
    pub const fn of_json(map: Map<String, Value>) -> Self {
        Self { map, prefix: String::new(), query: false }
    }

    /// The fields of a query string; a name that occurs again makes a list.
    pub fn of_query(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut map = Map::new();
        for (name, value) in pairs {
            match map.get_mut(&name) {
                None => drop(map.insert(name, Value::String(value))),
                Some(Value::Array(values)) => values.push(Value::String(value)),
                Some(first) => *first = Value::Array(vec![first.take(), Value::String(value)]),
            }
        }
        Self { map, prefix: String::new(), query: true }
    }

    /// The field, if it is there and not `null`.
    pub fn optional<T: FromJson>(&mut self, name: &str) -> Result<Option<T>> {
        match self.take(name)? {
            None => Ok(None),
            Some(value) => T::from_json(self.plain(value), self.path(name)).map(Some),
        }
    }

    /// A number of at most `limit`. MLflow checks that with the types, so its error is that of a wrong type.
    pub fn at_most(&mut self, name: &str, limit: i64) -> Result<Option<i64>> {
        let Some(value) = self.take(name)?.map(|value| self.plain(value)) else { return Ok(None) };
        let number = i64::from_json(value.clone(), self.path(name))?;
        if number > limit { Err(mistyped(&value, self.path(name))) } else { Ok(Some(number)) }
    }

    /// The field, or its type's default: what protobuf reads from an unset field.
    pub fn or_default<T: FromJson + Default>(&mut self, name: &str) -> Result<T> {
        Ok(self.optional(name)?.unwrap_or_default())
    }

    /// The field, which must be there and not be an empty string.
    pub fn required<T: FromJson>(&mut self, name: &str) -> Result<T> {
        match self.take(name)? {
            Some(value) if value.as_str() != Some("") => T::from_json(self.plain(value), self.path(name)),
            _ => Err(self.missing(name)),
        }
    }

    /// The field `name` as a list, also when a query string has it once.
    pub fn list<T: FromJson>(&mut self, name: &str) -> Result<Vec<T>> {
        let Some(value) = self.take(name)? else { return Ok(Vec::new()) };
        let value = if self.query && !value.is_array() { Value::Array(vec![value]) } else { value };
        Vec::from_json(value, self.path(name))
    }

    /// `run_id`, or `run_uuid` as older clients call it.
    pub fn run_id(&mut self) -> Result<String> {
        let older: Option<String> = self.optional("run_uuid")?;
        match self.take("run_id")? {
            Some(value) if value.as_str() != Some("") => String::from_json(self.plain(value), self.path("run_id")),
            None if older.as_deref().is_some_and(|id| !id.is_empty()) => Ok(older.unwrap_or_default()),
            _ => Err(self.missing("run_id")),
        }
    }

    /// A flag. Query strings write it in any case.
    pub fn flag(&mut self, name: &str) -> Result<Option<bool>> {
        match self.take(name)?.map(|value| self.plain(value)) {
            None => Ok(None),
            Some(Value::String(text)) if self.query => match text.to_ascii_lowercase().as_str() {
                "true" => Ok(Some(true)),
                "false" => Ok(Some(false)),
                _ => Err(Error::invalid(format!("Invalid boolean value: {text}, must be 'true' or 'false'."))),
            },
            Some(Value::Bool(flag)) => Ok(Some(flag)),
            Some(other) => Err(mistyped(&other, self.path(name))),
        }
    }

    /// Whether the field is there, `null` or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.map.contains_key(name) || self.map.contains_key(&*camel_case(name))
    }

    fn take(&mut self, name: &str) -> Result<Option<Value>> {
        if self.map.is_empty() {
            return Ok(None);
        }
        let camel = camel_case(name);
        let value = self.map.remove(name);
        let value = match (value, if camel == name { None } else { self.map.remove(&*camel) }) {
            (Some(_), Some(_)) => {
                return Err(Error::invalid(format!(
                    "Request specifies both '{name}' and '{camel}'; provide only one of them."
                )));
            }
            (value, other) => value.or(other),
        };
        Ok(value.filter(|value| !value.is_null()))
    }

    /// The value of a field that is not a list: of several in a query string, the first counts.
    fn plain(&self, value: Value) -> Value {
        match value {
            Value::Array(values) if self.query => values.into_iter().next().unwrap_or_default(),
            other => other,
        }
    }

    fn path<'a>(&'a self, name: &'a str) -> Path<'a> {
        Path { prefix: &self.prefix, name, index: None }
    }

    fn missing(&self, name: &str) -> Error {
        Error::invalid(format!("Missing value for required parameter '{}'.{SEE_DOCS}", self.path(name)))
    }
}

/// The error for a value of the wrong type.
#[must_use]
pub fn mistyped(value: &Value, path: Path<'_>) -> Error {
    let (json, kind) = (python::json(value), python::type_name(value));
    Error::invalid(format!(
        "Invalid value {json} for parameter '{path}' supplied:  Hint: Value was of type '{kind}'.{SEE_DOCS}"
    ))
}

/// The error for a value that its field does not take.
#[must_use]
pub fn refused(value: &Value, name: &str) -> Error {
    mistyped(value, Path { prefix: "", name, index: None })
}

/// The number of an enum value that is given by name or number.
pub fn enum_number(value: Value, path: Path<'_>, names: &[(&str, i32)]) -> Result<i32> {
    let known = |number: &i32| names.iter().any(|(_, known)| known == number);
    if let Some((_, number)) = names.iter().find(|(name, _)| value.as_str() == Some(name)) {
        return Ok(*number);
    }
    i32::from_json(value.clone(), path).ok().filter(known).ok_or_else(|| mistyped(&value, path))
}

fn camel_case(name: &str) -> Cow<'_, str> {
    if !name.contains('_') {
        return Cow::Borrowed(name);
    }
    let mut parts = name.split('_');
    let mut camel = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut chars = part.chars();
        camel.extend(chars.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(chars.as_str());
    }
    Cow::Owned(camel)
}

impl FromJson for String {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match value {
            Value::String(text) if text.contains('\0') => {
                Err(Error::invalid(format!("'{path}' cannot contain NUL (0x00) characters")))
            }
            Value::String(text) => Ok(text),
            other => Err(mistyped(&other, path)),
        }
    }
}

impl FromJson for i64 {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let number = match &value {
            Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(integral)),
            Value::String(text) => text.parse().ok(),
            _ => None,
        };
        number.ok_or_else(|| mistyped(&value, path))
    }
}

/// A float that is an integer, which protobuf takes for one.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
#[must_use]
pub fn integral(number: f64) -> Option<i64> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    (number.fract() == 0.0 && (-LIMIT..LIMIT).contains(&number)).then_some(number as i64)
}

impl FromJson for i32 {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let number = i64::from_json(value.clone(), path)?;
        Self::try_from(number).map_err(|_| mistyped(&value, path))
    }
}

impl FromJson for f64 {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let number = match &value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => match text.as_str() {
                "NaN" => Some(Self::NAN),
                "Infinity" => Some(Self::INFINITY),
                "-Infinity" => Some(Self::NEG_INFINITY),
                text => text.parse().ok().filter(|number: &Self| number.is_finite()),
            },
            _ => None,
        };
        number.ok_or_else(|| mistyped(&value, path))
    }
}

impl FromJson for bool {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        value.as_bool().ok_or_else(|| mistyped(&value, path))
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match value {
            Value::Array(values) => values
                .into_iter()
                .enumerate()
                .map(|(index, value)| T::from_json(value, Path { index: Some(index), ..path }))
                .collect(),
            other => Err(mistyped(&other, path)),
        }
    }
}

impl FromJson for BTreeMap<String, String> {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let Value::Object(map) = value else { return Err(mistyped(&value, path)) };
        let text = |value| String::from_json(value, path);
        map.into_iter().map(|(key, value)| Ok((text(Value::String(key))?, text(value)?))).collect()
    }
}

impl<T: Message> FromJson for T {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        match value {
            Value::Object(map) => T::read(&mut Fields { map, prefix: format!("{path}."), query: false }),
            other => Err(mistyped(&other, path)),
        }
    }
}

/// MLflow's key and value pair, of tags and params alike.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The key.
    pub key: String,
    /// The value; an unset one reads as the empty string.
    pub value: String,
}

impl Message for KeyValue {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { key: fields.or_default("key")?, value: fields.or_default("value")? })
    }
}
