//! What the spans of a trace add up to.
//!
//! A span that says what it used speaks for all below it: those that say so as well are its parts, and are not counted.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use super::value;

/// A span, and what it says that it used.
#[derive(Debug, Clone)]
pub struct Node {
    /// The span.
    pub span_id: String,
    /// Its parent.
    pub parent_id: Option<String>,
    /// Numbers by name.
    pub used: Option<Map<String, Json>>,
}

impl Node {
    /// Of a span that has this JSON text as attribute.
    #[must_use]
    pub fn of(span_id: String, parent_id: Option<String>, text: Option<&str>) -> Self {
        let used = match text.and_then(value::parse) {
            Some(Json::Object(used)) => Some(used),
            _ => None,
        };
        Self { span_id, parent_id, used }
    }
}

/// Numbers, added up.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sum {
    whole: i128,
    fraction: f64,
    fractional: bool,
}

impl Sum {
    /// Adds a number; a truth value counts as one.
    fn add(&mut self, value: &Json) -> Result<(), NoNumber> {
        match value {
            Json::Bool(truth) => self.whole += i128::from(*truth),
            Json::Number(number) => {
                match (number.as_i64().map(i128::from), number.as_u64().map(i128::from), number.as_f64()) {
                    (Some(whole), _, _) | (None, Some(whole), _) => self.whole += whole,
                    (None, None, Some(fraction)) => {
                        self.fraction += fraction;
                        self.fractional = true;
                    }
                    (None, None, None) => return Err(NoNumber),
                }
            }
            _ => return Err(NoNumber),
        }
        Ok(())
    }

    /// The sum, if it is a finite number.
    #[must_use]
    #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "money is counted in doubles")]
    pub fn double(self) -> Option<f64> {
        Some(self.whole as f64 + self.fraction).filter(|sum| sum.is_finite())
    }

    /// The sum, if it is a whole number of 64 bits.
    #[must_use]
    pub fn count(self) -> Option<i64> {
        if self.fractional {
            return crate::types::message::integral(self.double()?);
        }
        i64::try_from(self.whole).ok()
    }
}

/// What should have been added up is no number.
#[derive(Debug, PartialEq, Eq)]
pub struct NoNumber;

/// What was used altogether, or nothing if no span says so: `names`, and those of `more` that a span speaks of.
///
/// # Errors
///
/// What should have been added up is no number.
pub fn total(
    nodes: &[Node],
    names: &[&'static str],
    more: &[&'static str],
) -> Result<Option<Vec<(&'static str, Sum)>>, NoNumber> {
    let mut sums: Vec<(&'static str, Sum)> = names.iter().map(|name| (*name, Sum::default())).collect();
    let mut any = false;
    for used in speakers(nodes) {
        any = true;
        for (name, sum) in &mut sums {
            if names.contains(name)
                && let Some(value) = used.get(*name)
            {
                sum.add(value)?;
            }
        }
        for name in more {
            let Some(value) = used.get(*name) else { continue };
            let place = sums.iter().position(|(known, _)| known == name).unwrap_or(sums.len());
            if place == sums.len() {
                sums.push((name, Sum::default()));
            }
            if let Some((_, sum)) = sums.get_mut(place) {
                sum.add(value)?;
            }
        }
    }
    Ok(any.then_some(sums))
}

/// What the spans say above which none says anything. Spans that are their own ancestors are not heard.
fn speakers(nodes: &[Node]) -> Vec<&Map<String, Json>> {
    let ids: HashSet<&str> = nodes.iter().map(|node| node.span_id.as_str()).collect();
    let mut children: HashMap<&str, Vec<&Node>> = HashMap::new();
    let mut next = Vec::new();
    for node in nodes {
        match node.parent_id.as_deref().filter(|parent| ids.contains(parent)) {
            Some(parent) => children.entry(parent).or_default().push(node),
            None => next.push(node),
        }
    }
    let mut heard = Vec::new();
    while let Some(node) = next.pop() {
        match &node.used {
            Some(used) => heard.push(used),
            // Removed, so that spans of one id do not share their children.
            None => next.extend(children.remove(node.span_id.as_str()).unwrap_or_default()),
        }
    }
    heard
}
