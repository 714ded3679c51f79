//! A condition of the filter language as SQL.

use super::Sql;
use crate::search::{Op, Value};

/// Appends the comparison of `column` with a condition's value. Presence (`IS NULL`) is the room's business: it
/// is about a row that is there or not.
#[must_use]
pub fn compare(sql: Sql, column: &'static str, op: Op, value: &Value) -> Sql {
    match (op, value) {
        (Op::ILike, value) => bind(sql.push("lower(").push(column).push(") LIKE lower("), value).push(")"),
        // What PostgreSQL calls its operator `~`, and a function of ours on SQLite.
        (Op::RLike, value) => bind(sql.push("textregexeq(").push(column).push(", "), value).push(")"),
        (Op::In, value) => list(sql.push(column), value),
        (Op::NotIn, value) => list(sql.push("NOT ").push(column), value),
        (op, value) => bind(sql.push(column).push(" ").push(op.as_sql()).push(" "), value),
    }
}

fn list(sql: Sql, value: &Value) -> Sql {
    match value {
        Value::Texts(values) => sql.is_any(values.clone()),
        Value::Ints(values) => sql.is_any(values.clone()),
        other => bind(sql.push(" = "), other),
    }
}

fn bind(sql: Sql, value: &Value) -> Sql {
    match value {
        Value::Number(value) => sql.bind(*value),
        Value::Int(value) => sql.bind(*value),
        Value::Text(value) => sql.bind(value),
        Value::Texts(_) | Value::Ints(_) | Value::Nothing => sql.push("NULL"),
    }
}
