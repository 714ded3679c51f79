//! Values that come in: checked, and made the JSON of a request.

use serde_json::{Map, Number, Value};

use super::ast::{Literal, TypeRef};
use super::errors::{Errors, repeated};
use super::inputs::{Input, InputObject, Shape};
use crate::types::python;

/// Collects what is wrong with a value in a document.
pub fn check(value: &Literal, shape: Shape, errors: &mut Errors) {
    match (value, shape.list) {
        (Literal::Variable(_) | Literal::Null, _) => {}
        (Literal::List(items), true) => items.iter().for_each(|item| check(item, shape.item(), errors)),
        (value, _) => check_one(value, shape.input, errors),
    }
}

fn check_one(value: &Literal, input: Input, errors: &mut Errors) {
    let problem = match (input, value) {
        (Input::Object(object), Literal::Object(fields)) => return check_fields(object, fields, errors),
        (Input::Text, Literal::Text(_))
        | (Input::Flag, Literal::Flag(_))
        | (Input::Float, Literal::Int(_) | Literal::Float(_))
        | (Input::Long, _) => return,
        (Input::Int, Literal::Int(number)) if number.parse::<i32>().is_ok() => return,
        (Input::Enum(_, words), Literal::Word(word)) if words.contains(&word.as_str()) => return,
        (Input::Object(object), _) => format!("Expected value of type '{}', found {value}.", object.name),
        (Input::Text, _) => format!("String cannot represent a non string value: {value}"),
        (Input::Flag, _) => format!("Boolean cannot represent a non boolean value: {value}"),
        (Input::Float, _) => format!("Float cannot represent non numeric value: {value}"),
        (Input::Int, Literal::Int(_)) => format!("Int cannot represent non 32-bit signed integer value: {value}"),
        (Input::Int, _) => format!("Int cannot represent non-integer value: {value}"),
        (Input::Enum(name, _), Literal::Word(word)) => format!("Value '{word}' does not exist in '{name}' enum."),
        (Input::Enum(name, _), _) => format!("Enum '{name}' cannot represent non-enum value: {value}."),
    };
    errors.add(|| problem);
}

fn check_fields(object: &InputObject, fields: &[(String, Literal)], errors: &mut Errors) {
    for (name, value) in fields {
        match object.field(name) {
            Some(shape) => check(value, shape, errors),
            None => errors.add(|| format!("Field '{name}' is not defined by type '{}'.", object.name)),
        }
    }
    for name in repeated(fields.iter().map(|(name, _)| name.as_str())) {
        errors.add(|| format!("There can be only one input field named '{name}'."));
    }
}

/// The JSON of a checked value; `None` when it is a variable that has no value.
#[must_use]
pub fn json(value: &Literal, shape: Shape, variables: &Map<String, Value>) -> Option<Value> {
    let one = |value: &Literal| json_of_one(value, shape.input, variables);
    match value {
        Literal::Variable(name) => variables.get(name).cloned(),
        Literal::Null => Some(Value::Null),
        Literal::List(items) if shape.list => {
            Some(items.iter().map(|item| json(item, shape.item(), variables).unwrap_or_default()).collect())
        }
        value if shape.list => Some(Value::Array(vec![one(value)?])),
        value => one(value),
    }
}

fn json_of_one(value: &Literal, input: Input, variables: &Map<String, Value>) -> Option<Value> {
    Some(match (value, input) {
        (Literal::Object(fields), Input::Object(object)) => {
            let known = fields.iter().filter_map(|(name, value)| Some((name, value, object.field(name)?)));
            let set = known.filter_map(|(name, value, shape)| Some((name.clone(), json(value, shape, variables)?)));
            Value::Object(set.collect())
        }
        (Literal::Int(number) | Literal::Float(number), Input::Int | Input::Float) => {
            Value::Number(serde_json::from_str::<Number>(number).ok()?)
        }
        // As in MLflow, what is no whole number does not count.
        (Literal::Int(number), Input::Long) => Value::from(number.as_str()),
        (Literal::Text(text) | Literal::Word(text), Input::Text | Input::Enum(..)) => Value::from(text.as_str()),
        (Literal::Flag(flag), Input::Flag) => Value::Bool(*flag),
        _ => return None,
    })
}

/// A variable's value as its type has it. What is wrong goes to `errors`, with `path` saying where.
pub fn coerce(value: &Value, kind: &TypeRef, path: &str, errors: &mut Errors) -> Value {
    match (value, kind) {
        (Value::Null, TypeRef::Required(_)) => {
            wrong(value, path, &format!("Expected non-nullable type '{kind}' not to be None."), errors)
        }
        (Value::Null, _) => Value::Null,
        (value, TypeRef::Required(inner)) => coerce(value, inner, path, errors),
        (Value::Array(items), TypeRef::List(inner)) => {
            let item = |(at, item)| coerce(item, inner, &format!("{path}[{at}]"), errors);
            items.iter().enumerate().map(item).collect()
        }
        (value, TypeRef::List(inner)) => Value::Array(vec![coerce(value, inner, path, errors)]),
        (value, TypeRef::Named(name)) => match Input::named(name) {
            Some(input) => coerce_one(value, input, path, errors),
            None => Value::Null,
        },
    }
}

fn coerce_one(value: &Value, input: Input, path: &str, errors: &mut Errors) -> Value {
    let problem = match (input, value) {
        (Input::Object(object), Value::Object(_)) => return coerce_fields(object, value, path, errors),
        (Input::Text, Value::String(_)) | (Input::Flag, Value::Bool(_)) | (Input::Float, Value::Number(_)) => {
            return value.clone();
        }
        (Input::Long, value) if whole(value).is_some() => return Value::from(whole(value)),
        (Input::Int, Value::Number(number)) => match whole(value) {
            Some(whole) if i32::try_from(whole).is_ok() => return Value::from(whole),
            None if number.is_f64() && number.as_f64().is_none_or(|number| number.fract() != 0.0) => {
                format!("Int cannot represent non-integer value: {}", inspect(value, 0))
            }
            _ => format!("Int cannot represent non 32-bit signed integer value: {}", inspect(value, 0)),
        },
        (Input::Enum(name, words), Value::String(word)) => {
            if words.contains(&word.as_str()) {
                return value.clone();
            }
            format!("Value '{word}' does not exist in '{name}' enum.")
        }
        (Input::Object(object), _) => format!("Expected type '{}' to be a mapping.", object.name),
        (Input::Text, _) => format!("String cannot represent a non string value: {}", inspect(value, 0)),
        (Input::Flag, _) => format!("Boolean cannot represent a non boolean value: {}", inspect(value, 0)),
        (Input::Float, _) => format!("Float cannot represent non numeric value: {}", inspect(value, 0)),
        (Input::Int, _) => format!("Int cannot represent non-integer value: {}", inspect(value, 0)),
        (Input::Long, _) => "Expected type 'LongString'.".to_owned(),
        (Input::Enum(name, _), _) => {
            format!("Enum '{name}' cannot represent non-string value: {}.", inspect(value, 0))
        }
    };
    wrong(value, path, &problem, errors)
}

/// The whole number that a value is or spells.
fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => text.trim().parse().ok(),
        Value::Number(number) => number.as_i64().or_else(|| {
            let text = number.as_f64().filter(|number| number.fract() == 0.0)?.to_string();
            text.parse().ok()
        }),
        _ => None,
    }
}

fn coerce_fields(object: &InputObject, given: &Value, path: &str, errors: &mut Errors) -> Value {
    let (mut known, fields) = (Map::new(), given.as_object().into_iter().flatten());
    for field in object.fields {
        if let Some(value) = given.get(field.name) {
            let value = coerce(value, &field.shape.type_ref(), &format!("{path}.{}", field.name), errors);
            known.insert(field.name.to_owned(), value);
        }
    }
    for (name, _) in fields.filter(|(name, _)| object.field(name).is_none()) {
        wrong(given, path, &format!("Field '{name}' is not defined by type '{}'.", object.name), errors);
    }
    Value::Object(known)
}

fn wrong(value: &Value, path: &str, problem: &str, errors: &mut Errors) -> Value {
    errors.add(|| {
        let variable = path.split(['.', '[']).next().unwrap_or_default();
        let at = if variable == path { String::new() } else { format!(" at '{path}'") };
        format!("Variable '${variable}' got invalid value {}{at}; {problem}", inspect(value, 0))
    });
    Value::Null
}

/// A value as graphql-core shows it: in Python's notation, shortened.
fn inspect(value: &Value, depth: usize) -> String {
    const MAX_DEPTH: usize = 2;
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => shortened(python::repr(text)),
        Value::Array(items) if items.is_empty() => "[]".to_owned(),
        Value::Object(fields) if fields.is_empty() => "{}".to_owned(),
        Value::Array(_) if depth == MAX_DEPTH => "[...]".to_owned(),
        Value::Object(_) if depth == MAX_DEPTH => "{...}".to_owned(),
        Value::Array(items) => format!("[{}]", some(items.iter(), |item| inspect(item, depth + 1))),
        Value::Object(fields) => {
            let field = |(name, value): (&String, _)| format!("{}: {}", python::repr(name), inspect(value, depth + 1));
            format!("{{{}}}", some(fields.iter(), field))
        }
    }
}

/// Of more than ten items the first five and the last four.
fn some<T>(items: impl ExactSizeIterator<Item = T>, show: impl Fn(T) -> String) -> String {
    let count = items.len();
    let mut shown = Vec::new();
    for (at, item) in items.enumerate() {
        match at {
            5 if count > 10 => shown.push("...".to_owned()),
            at if count > 10 && at > 5 && at < count - 4 => {}
            _ => shown.push(show(item)),
        }
    }
    shown.join(", ")
}

fn shortened(text: String) -> String {
    const MAX: usize = 240;
    let count = text.chars().count();
    if count <= MAX {
        return text;
    }
    let head: String = text.chars().take(MAX / 2 - 2).collect();
    let tail: String = text.chars().skip(count - (MAX / 2 - 1)).collect();
    format!("{head}...{tail}")
}
