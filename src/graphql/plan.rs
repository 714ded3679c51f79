//! What of the messages goes out: a checked selection, fragments and repetitions resolved.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::ast::{Field, Fragments, Selection};
use super::inputs::{Input, Shape};
use super::schema::{self, Object};
use super::values;

/// A line of the answer.
#[derive(Debug)]
pub struct Selected {
    /// The name in the answer.
    pub key: String,
    /// What is there.
    pub what: What,
    /// What is selected of it.
    pub inner: Vec<Selected>,
}

/// What a line of the answer says.
#[derive(Debug)]
pub enum What {
    /// The name of the type.
    TypeName(&'static str),
    /// A field of the message.
    Field {
        /// The field.
        field: &'static schema::Field,
        /// Its name in the message.
        source: String,
        /// What the client sent with it.
        input: Option<Map<String, Value>>,
    },
}

impl Selected {
    /// The parts of this that select the field of that name.
    pub fn selecting(&self, name: &'static str) -> impl Iterator<Item = &Self> {
        self.inner.iter().filter(move |line| matches!(&line.what, What::Field { field, .. } if field.name == name))
    }
}

/// What is needed to make a plan.
#[derive(Debug)]
pub struct Planner<'d> {
    /// The fragments of the document.
    pub fragments: &'d Fragments<'d>,
    /// The values of the operation's variables.
    pub variables: &'d Map<String, Value>,
}

impl Planner<'_> {
    /// The lines of the answer, in the order of the document. The error is that two fields want the same name.
    pub fn plan(&self, selections: &[Selection], object: &'static Object) -> Result<Vec<Selected>, String> {
        self.merged(&[selections], object).map_err(|conflict| {
            let Conflict { key, reason } = conflict;
            let advice = "Use different aliases on the fields to fetch both if this was intentional.";
            format!("Fields '{key}' conflict because {reason}. {advice}")
        })
    }

    fn merged(&self, places: &[&[Selection]], object: &'static Object) -> Result<Vec<Selected>, Conflict> {
        let mut order: Vec<&str> = Vec::new();
        let mut groups: HashMap<&str, Vec<&Field>> = HashMap::new();
        for field in self.fields(places) {
            let group = groups.entry(field.key()).or_insert_with(|| {
                order.push(field.key());
                Vec::new()
            });
            group.push(field);
        }
        order.into_iter().filter_map(|key| self.line(key, groups.get(key)?, object)).collect()
    }

    fn line(&self, key: &str, fields: &[&Field], object: &'static Object) -> Option<Result<Selected, Conflict>> {
        let first = fields.first()?;
        let conflict = |reason: String| Some(Err(Conflict { key: key.to_owned(), reason }));
        for other in fields {
            if other.name != first.name {
                return conflict(format!("'{}' and '{}' are different fields", first.name, other.name));
            }
            if !same_arguments(first, other) {
                return conflict("they have differing arguments".to_owned());
            }
        }
        if first.name == "__typename" {
            let what = What::TypeName(object.name);
            return Some(Ok(Selected { key: key.to_owned(), what, inner: Vec::new() }));
        }
        let field = object.field(&first.name)?;
        let places: Vec<&[Selection]> = fields.iter().map(|field| field.selections.as_slice()).collect();
        let inner = match field.object().map_or(Ok(Vec::new()), |inner| self.merged(&places, inner)) {
            Ok(inner) => inner,
            // Within one place it is that place's conflict alone.
            Err(inner) if fields.len() == 1 => return Some(Err(inner)),
            Err(Conflict { key, reason }) => return conflict(format!("subfields '{key}' conflict because {reason}")),
        };
        let what = What::Field { field, source: snake_case(field.name), input: self.input(first, field) };
        Some(Ok(Selected { key: key.to_owned(), what, inner }))
    }

    /// The fields of several places, those of their fragments included.
    fn fields<'s>(&'s self, places: &[&'s [Selection]]) -> Vec<&'s Field> {
        let mut fields = Vec::new();
        let mut seen = HashSet::new();
        // A stack whose last entry is next.
        let mut waiting: Vec<&Selection> = places.iter().rev().flat_map(|place| place.iter().rev()).collect();
        while let Some(selection) = waiting.pop() {
            match selection {
                Selection::Field(field) => fields.push(field),
                Selection::Inline { selections, .. } => waiting.extend(selections.iter().rev()),
                Selection::Spread { name, .. } if seen.insert(name.as_str()) => {
                    let fragment = self.fragments.get(name.as_str());
                    waiting.extend(fragment.into_iter().flat_map(|fragment| fragment.selections.iter().rev()));
                }
                Selection::Spread { .. } => {}
            }
        }
        fields
    }

    fn input(&self, given: &Field, field: &schema::Field) -> Option<Map<String, Value>> {
        let shape = Shape::one(Input::Object(field.input?));
        let (_, value) = given.arguments.first()?;
        match values::json(value, shape, self.variables)? {
            Value::Object(input) => Some(input),
            _ => None,
        }
    }
}

/// Why fields cannot share a name.
struct Conflict {
    key: String,
    reason: String,
}

fn same_arguments(one: &Field, other: &Field) -> bool {
    let has = |field: &Field, argument| field.arguments.contains(argument);
    one.arguments.len() == other.arguments.len() && one.arguments.iter().all(|argument| has(other, argument))
}

/// A message's name for a field.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
