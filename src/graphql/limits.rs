//! MLflow's limits of what a document may ask for, checked before it is looked at more closely.

use std::collections::{HashSet, VecDeque};

use super::ast::{Document, Field, Fragments, Selection};

const MAX_DEPTH: usize = 10;
const MAX_SELECTIONS: usize = 1000;
const MAX_ROOT_FIELDS: usize = 10;
const MAX_ALIASES: usize = 10;
/// Fields, fragments and spreads that are looked at, so that fragments full of spreads do not multiply.
const MAX_STEPS: usize = 50 * MAX_SELECTIONS;

/// Says in MLflow's words which limit a document exceeds.
pub fn check(document: &Document) -> Result<(), String> {
    if document.fragments.len() > MAX_SELECTIONS {
        return Err(too_many_selections());
    }
    let mut count = Count::default();
    let fragments = document.by_name();
    for operation in &document.operations {
        count.operation(&operation.selections, &fragments)?;
    }
    // Every operation has a root field, unless its fragments go round in circles.
    at_most(MAX_ROOT_FIELDS, count.root_fields.max(document.operations.len()), "root fields")?;
    at_most(MAX_ALIASES, count.aliases, "aliases")
}

fn at_most(limit: usize, count: usize, what: &str) -> Result<(), String> {
    if count <= limit {
        return Ok(());
    }
    Err(format!("GraphQL queries should have at most {limit} {what}, got {count} {what}."))
}

fn too_many_selections() -> String {
    format!("Query exceeds maximum total selections of {MAX_SELECTIONS}")
}

#[derive(Debug, Default)]
struct Count {
    root_fields: usize,
    /// The most in one place.
    aliases: usize,
    selections: usize,
    steps: usize,
}

impl Count {
    fn operation<'d>(&mut self, selections: &'d [Selection], fragments: &Fragments<'d>) -> Result<(), String> {
        let mut places = vec![(selections, 1)];
        while let Some((selections, depth)) = places.pop() {
            if depth > MAX_DEPTH {
                return Err(format!("Query exceeds maximum depth of {MAX_DEPTH}"));
            }
            let fields = self.place(selections, fragments)?;
            if depth == 1 {
                self.root_fields += fields.len();
            }
            self.selections += fields.len();
            if self.selections > MAX_SELECTIONS {
                return Err(too_many_selections());
            }
            self.aliases = self.aliases.max(fields.iter().filter(|field| field.alias.is_some()).count());
            let inner = fields.into_iter().filter(|field| !field.selections.is_empty());
            places.extend(inner.map(|field| (field.selections.as_slice(), depth + 1)));
        }
        Ok(())
    }

    /// The fields of one place, those of its fragments included.
    fn place<'d>(&mut self, selections: &'d [Selection], fragments: &Fragments<'d>) -> Result<Vec<&'d Field>, String> {
        let mut fields = Vec::new();
        let mut seen = HashSet::new();
        let mut waiting: VecDeque<&Selection> = selections.iter().collect();
        while let Some(selection) = waiting.pop_front() {
            self.steps += 1;
            if self.steps > MAX_STEPS {
                return Err(too_many_selections());
            }
            match selection {
                Selection::Field(field) => fields.push(field),
                Selection::Inline { selections, .. } => waiting.extend(selections),
                Selection::Spread { name, .. } if seen.insert(name.as_str()) => {
                    waiting.extend(fragments.get(name.as_str()).into_iter().flat_map(|fragment| &fragment.selections));
                }
                Selection::Spread { .. } => {}
            }
        }
        Ok(fields)
    }
}
