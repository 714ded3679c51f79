//! What filters and orderings of registered models and of model versions share, and which of them hide prompts.
//!
//! Prompts are registered models with the tag `mlflow.prompt.is_prompt`. Models have no such tag at all, so a condition
//! on it cannot be a comparison like others: it only says whether prompts are what is looked for.

use super::ast::{Condition, Op, OrderBy, Value};
use super::common;
use super::groups::Group;
use super::parser::{Comparison, Operand};
use super::{order, python};
use crate::error::{Error, Result};

/// The tag that makes a registered model a prompt, where its value is `true`.
pub const PROMPT_TAG: &str = "mlflow.prompt.is_prompt";

/// What can be compared: a column or a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject<A> {
    /// A column.
    Attribute(A),
    /// A tag; the value is a text. Without the key nothing holds. All conditions on one key are about one row.
    Tag(String),
}

/// A filter, divided into what is compared and what is hidden.
#[derive(Debug, Clone, PartialEq)]
pub struct Filter<A> {
    /// What must hold; never a condition on [`PROMPT_TAG`] when prompts are hidden.
    pub conditions: Vec<Condition<Subject<A>>>,
    /// Whether whatever is a prompt must be left out.
    pub hides_prompts: bool,
}

impl<A> Filter<A> {
    /// Prompts are hidden unless the first condition on [`PROMPT_TAG`] asks for them: `= 'true'` or `!= 'false'`, the
    /// value in any case. When they are hidden, no condition on that tag is compared with anything.
    #[must_use]
    pub fn new(mut conditions: Vec<Condition<Subject<A>>>) -> Self {
        let is_about_prompts =
            |condition: &Condition<Subject<A>>| matches!(&condition.subject, Subject::Tag(key) if key == PROMPT_TAG);
        let first = conditions.iter().find(|condition| is_about_prompts(condition));
        let hides_prompts = !first.is_some_and(|condition| match (condition.op, &condition.value) {
            (Op::Eq, Value::Text(value)) => value.to_lowercase() == "true",
            (Op::Ne, Value::Text(value)) => value.to_lowercase() == "false",
            _ => false,
        });
        if hides_prompts {
            conditions.retain(|condition| !is_about_prompts(condition));
        }
        Self { conditions, hides_prompts }
    }
}

/// One of the two languages.
pub(super) struct Language<A: 'static> {
    /// The columns that can be compared, by name.
    pub(super) attributes: &'static [(&'static str, A)],
    /// Which of them are compared with numbers.
    pub(super) numeric: &'static [&'static str],
    /// Which of them are compared with lists.
    pub(super) listed: &'static [&'static str],
    /// What the language calls itself in errors.
    pub(super) name: &'static str,
}

const NUMBER_OPS: [&str; 6] = ["=", "!=", "<", "<=", ">", ">="];
const TEXT_OPS: [&str; 4] = ["=", "!=", "LIKE", "ILIKE"];
const LISTED_OPS: [&str; 6] = ["=", "!=", "LIKE", "ILIKE", "IN", "NOT IN"];

impl<A: Copy> Language<A> {
    /// Reads the conditions of a filter.
    pub(super) fn conditions(&self, filter: &str) -> Result<Vec<Condition<Subject<A>>>> {
        let comparisons = common::comparisons(filter, str::to_owned)?;
        let read =
            comparisons.iter().map(|comparison| self.subject_and_value(comparison)).collect::<Result<Vec<_>>>()?;
        let conditions = comparisons.iter().zip(read);
        conditions.map(|(comparison, (subject, value))| self.condition(comparison, subject, value)).collect()
    }

    fn subject_and_value(&self, comparison: &Comparison<'_>) -> Result<(Subject<A>, Value)> {
        let name = common::name(&comparison.left)?;
        let right = comparison.right.as_ref().ok_or_else(|| {
            Error::invalid(format!("IS NULL / IS NOT NULL is not supported for {} search.", self.name))
        })?;
        let (is_tag, key) = common::tag_or_attribute(name, &["attribute", "tag", "tags"])?;
        if is_tag {
            let value = common::text(right, "Expected a quoted string value for tag (e.g. 'my-value')")?;
            return Ok((Subject::Tag(common::key(key).to_owned()), value));
        }
        let attribute = common::known(key, "attribute", self.attributes)?;
        Ok((Subject::Attribute(attribute), self.value(key, right)?))
    }

    fn value(&self, key: &str, right: &Operand<'_>) -> Result<Value> {
        const EXPECTED: &str = "Expected a quoted string value or a list of quoted string values for attributes";
        match right.group {
            Group::Parenthesis if self.listed.contains(&key) => common::texts(right).map(Value::Texts),
            Group::Parenthesis => {
                let listed = python::list(self.listed.iter().map(|key| python::repr(key)));
                Err(Error::invalid(format!(
                    "Only {listed} attributes support comparison with a list of quoted string values."
                )))
            }
            _ if self.numeric.is_empty() || !common::is_number(right) => common::text(right, EXPECTED),
            _ if self.numeric.contains(&key) => common::number(right, common::Numbers::Kept, EXPECTED),
            _ => {
                let numeric = python::set(self.numeric);
                Err(Error::invalid(format!("Only the '{numeric}' attributes support comparison with numeric values.")))
            }
        }
    }

    fn condition(
        &self,
        comparison: &Comparison<'_>,
        subject: Subject<A>,
        value: Value,
    ) -> Result<Condition<Subject<A>>> {
        let key = common::split(comparison.left.text).1;
        let comparator = comparison.operator.to_uppercase();
        let is_numeric = matches!(subject, Subject::Attribute(_)) && self.numeric.contains(&key);
        let (valid, what) = match &subject {
            Subject::Tag(_) => (&TEXT_OPS[..], "tag".to_owned()),
            Subject::Attribute(_) if is_numeric => (&NUMBER_OPS[..], format!("attribute {key}")),
            Subject::Attribute(_) if self.listed.contains(&key) => (&LISTED_OPS[..], "attribute".to_owned()),
            Subject::Attribute(_) => (&TEXT_OPS[..], "attribute".to_owned()),
        };
        let op = common::op(&comparator, valid)
            .ok_or_else(|| Error::invalid(format!("Invalid comparator for {what}: {}", python::echo(&comparator))))?;
        let value = if is_numeric { whole(value, key)? } else { value };
        common::op_takes(op, &value)?;
        Ok(Condition { subject, op, value })
    }
}

/// The whole number that a value is, or that its text is.
fn whole(value: Value, key: &str) -> Result<Value> {
    let shown = match &value {
        Value::Number(number) => python::float(*number),
        Value::Text(text) => match common::integer(text) {
            Some(number) => return Ok(Value::Int(number)),
            None => python::repr(&python::echo(text)),
        },
        _ => return Ok(value),
    };
    Err(Error::invalid(format!("Invalid value for numeric attribute '{key}': {shown}")))
}

/// Reads the steps of an ordering that the request has; `attribute` finds what a name means.
pub(super) fn steps<A: PartialEq>(
    order_by: &[String],
    attribute: impl Fn(&str) -> Result<A>,
) -> Result<Vec<OrderBy<A>>> {
    let mut steps: Vec<OrderBy<A>> = Vec::new();
    for clause in order_by {
        let (name, ascending) = order::direction(clause)?;
        let subject = attribute(&name)?;
        if steps.iter().any(|step| step.subject == subject) {
            return Err(order::duplicate(order_by));
        }
        steps.push(OrderBy { subject, ascending });
    }
    Ok(steps)
}

/// Completes an ordering with `tail`, but for what it already has.
pub(super) fn complete<A: PartialEq>(
    mut steps: Vec<OrderBy<A>>,
    tail: impl IntoIterator<Item = (A, bool)>,
) -> Vec<OrderBy<A>> {
    for (subject, ascending) in tail {
        if !steps.iter().any(|step| step.subject == subject) {
            steps.push(OrderBy { subject, ascending });
        }
    }
    steps
}
