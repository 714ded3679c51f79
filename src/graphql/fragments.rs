//! How fragments refer to each other.

use std::collections::{HashMap, HashSet};

use super::ast::{Document, Fragment, Fragments, Selection};
use super::errors::Errors;

/// Collects the fragments that no operation uses.
pub fn check_unused(document: &Document, fragments: &Fragments<'_>, errors: &mut Errors) {
    let mut used = HashSet::new();
    let of_operations = document.operations.iter().flat_map(|operation| spreads(&operation.selections));
    let mut waiting: Vec<&str> = of_operations.collect();
    while let Some(name) = waiting.pop() {
        if used.insert(name) {
            waiting.extend(fragments.get(name).into_iter().flat_map(|fragment| spreads(&fragment.selections)));
        }
    }
    for fragment in document.fragments.iter().filter(|fragment| !used.contains(fragment.name.as_str())) {
        errors.add(|| format!("Fragment '{}' is never used.", fragment.name));
    }
}

/// Collects the fragments that contain themselves.
pub fn check_circles(document: &Document, fragments: &Fragments<'_>, errors: &mut Errors) {
    let mut walk = Walk { fragments, done: HashSet::new(), open: HashMap::new(), path: Vec::new() };
    for fragment in &document.fragments {
        walk.follow(fragment, errors);
    }
}

struct Walk<'d> {
    fragments: &'d Fragments<'d>,
    done: HashSet<&'d str>,
    /// The fragments that are being followed, and how long the path was when they were entered.
    open: HashMap<&'d str, usize>,
    /// The spreads that led here.
    path: Vec<&'d str>,
}

impl<'d> Walk<'d> {
    /// As deep as there are fragments, of which the limits allow a thousand.
    fn follow(&mut self, fragment: &'d Fragment, errors: &mut Errors) {
        if !self.done.insert(&fragment.name) {
            return;
        }
        self.open.insert(&fragment.name, self.path.len());
        for name in spreads(&fragment.selections) {
            let entered = self.open.get(name).copied();
            match (entered, self.fragments.get(name)) {
                (Some(entered), _) => {
                    let path = self.path.get(entered..).unwrap_or_default();
                    errors.add(|| format!("Cannot spread fragment '{name}' within itself{}.", via(path)));
                }
                (None, Some(inner)) => {
                    self.path.push(name);
                    self.follow(inner, errors);
                    self.path.pop();
                }
                (None, None) => {}
            }
        }
        self.open.remove(fragment.name.as_str());
    }
}

fn via(path: &[&str]) -> String {
    let names: Vec<_> = path.iter().map(|name| format!("'{name}'")).collect();
    if names.is_empty() { String::new() } else { format!(" via {}", names.join(", ")) }
}

/// The names of the fragments that a selection spreads, at any depth.
fn spreads(selections: &[Selection]) -> Vec<&str> {
    let (mut names, mut waiting) = (Vec::new(), vec![selections]);
    while let Some(selections) = waiting.pop() {
        for selection in selections {
            match selection {
                Selection::Field(field) => waiting.push(&field.selections),
                Selection::Inline { selections, .. } => waiting.push(selections),
                Selection::Spread { name, .. } => names.push(name.as_str()),
            }
        }
    }
    names
}
