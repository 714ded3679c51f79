//! The metadata that MLflow keeps in columns of their own: the session, token counts and costs.

use serde_json::Value;

use super::rows::TraceRow;
use super::rules;
use super::wire::Texts;
use crate::db::{Bind, Sql};
use crate::error::Result;
use crate::search::{self, Op};
use crate::types::message::integral;
use crate::types::python;

const SESSION: &str = "mlflow.trace.session";
const TOKEN_USAGE: &str = "mlflow.trace.tokenUsage";
const COST: &str = "mlflow.trace.cost";

/// The columns of token counts, named as in the JSON text.
pub const TOKENS: [&str; 6] = [
    "input_tokens",
    "output_tokens",
    "total_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation_input_tokens_above_1hr",
];
/// The columns of costs in US dollars, named as in the JSON text.
pub const COSTS: [&str; 3] = ["input_cost", "output_cost", "total_cost"];

/// Whether metadata of this key is in columns of its own.
#[must_use]
pub fn is_promoted(key: &str) -> bool {
    [SESSION, TOKEN_USAGE, COST].contains(&key)
}

/// The columns that metadata speaks of, with their values. What is no number, or no JSON, empties its column.
pub fn columns(metadata: &Texts) -> Result<Vec<(&'static str, Bind)>> {
    let mut columns = Vec::new();
    if let Some(session) = metadata.get(SESSION) {
        rules::session(session)?;
        columns.push(("session_id", session.into()));
    }
    for (name, value) in items(metadata, TOKEN_USAGE, &TOKENS) {
        columns.push((name, Bind::BigInt(whole(&value))));
    }
    for (name, value) in items(metadata, COST, &COSTS) {
        columns.push((name, Bind::Double(finite(&value))));
    }
    Ok(columns)
}

fn items(metadata: &Texts, key: &str, names: &'static [&'static str]) -> Vec<(&'static str, Value)> {
    let Some(Ok(Value::Object(mut items))) = metadata.get(key).map(|text| serde_json::from_str(text)) else {
        return Vec::new();
    };
    names.iter().filter_map(|name| Some((*name, items.remove(*name)?))).collect()
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().and_then(integral)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| text.parse().ok().and_then(integral))
        }
        _ => None,
    }
}

/// A finite number, or a text that is one.
#[must_use]
pub fn finite(value: &Value) -> Option<f64> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    number.filter(|number| number.is_finite())
}

/// Adds what is in columns to the metadata.
pub fn show(row: &TraceRow, metadata: &mut Texts) {
    if let Some(session) = &row.session_id {
        metadata.insert(SESSION.into(), session.clone());
    }
    let (input, output, total, read, created, created_long) = row.tokens;
    let tokens = [input, output, total, read, created, created_long].map(|count| count.map(|count| count.to_string()));
    let costs = [row.input_cost, row.output_cost, row.total_cost].map(|cost| cost.map(python::float));
    metadata.extend(object(&TOKENS, &tokens).map(|text| (TOKEN_USAGE.into(), text)));
    metadata.extend(object(&COSTS, &costs).map(|text| (COST.into(), text)));
}

/// The numbers that are there as Python's `json` writes them, if there is one.
fn object(names: &[&str], numbers: &[Option<String>]) -> Option<String> {
    let there = names.iter().zip(numbers).filter_map(|(name, number)| number.as_ref().map(|number| (name, number)));
    let members: Vec<String> = there.map(|(name, number)| format!("\"{name}\": {number}")).collect();
    (!members.is_empty()).then(|| format!("{{{}}}", members.join(", ")))
}

/// That the JSON text of the token counts compares so with a text.
#[must_use]
pub fn usage_is(op: Op, value: &search::Value) -> Sql {
    object_is(&TOKENS, op, value, |value| whole(value).map(|count| (count.to_string(), count.into())))
}

/// That the JSON text of the costs compares so with a text.
#[must_use]
pub fn cost_is(op: Op, value: &search::Value) -> Sql {
    object_is(&COSTS, op, value, |value| finite(value).map(|cost| (python::float(cost), cost.into())))
}

fn object_is(
    names: &'static [&'static str],
    op: Op,
    value: &search::Value,
    number: fn(&Value) -> Option<(String, Bind)>,
) -> Sql {
    let there = joined(names.iter().map(|name| Sql::dynamic(*name).push(" IS NOT NULL")), " OR ");
    let same = match value {
        search::Value::Text(text) => same_object(names, text, number),
        _ => None,
    };
    let same = same.unwrap_or_else(|| Sql::dynamic("(1 = 0)"));
    match op {
        Op::Eq => same,
        Op::Ne => there.push(" AND NOT ").append(same),
        Op::IsNull => Sql::dynamic("NOT ").append(there),
        _ => there,
    }
}

/// That the columns hold what `text` says, if that is the text that is shown for what it says.
fn same_object(
    names: &'static [&'static str],
    text: &str,
    number: fn(&Value) -> Option<(String, Bind)>,
) -> Option<Sql> {
    let items: serde_json::Map<String, Value> = serde_json::from_str(text).ok()?;
    let numbers: Vec<_> = names.iter().map(|name| number(items.get(*name)?)).collect();
    let texts: Vec<_> = numbers.iter().map(|number| number.as_ref().map(|(text, _)| text.clone())).collect();
    if object(names, &texts)? != text {
        return None;
    }
    let columns = names.iter().zip(numbers).map(|(name, number)| match number {
        Some((_, value)) => Sql::dynamic(*name).push(" = ").bind(value),
        None => Sql::dynamic(*name).push(" IS NULL"),
    });
    Some(joined(columns, " AND "))
}

fn joined(parts: impl Iterator<Item = Sql>, word: &'static str) -> Sql {
    let parts = parts.enumerate();
    let sql =
        parts.fold(Sql::default(), |sql, (index, part)| sql.push(if index == 0 { "(" } else { word }).append(part));
    sql.push(")")
}
