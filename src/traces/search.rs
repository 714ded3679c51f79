//! Searches for traces as SQL.

use super::reply::TraceInfo;
use super::rows::{TRACE_COLUMNS, TraceColumns, TraceRow};
use super::wire::SearchTraces;
use super::{analytics, store};
use crate::db::condition::compare;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::search::traces::{Attribute, OrderSubject, SpanField, Subject, filter, order_by};
use crate::search::{Condition, Op, OrderBy, Value, page_token};
use crate::types::{names, python};

/// A search that is understood.
#[derive(Debug)]
pub struct Search {
    matching: Matching,
    order: Vec<OrderBy<OrderSubject>>,
    page: i64,
    offset: i64,
}

impl Search {
    /// Reads a request.
    pub fn of(request: &SearchTraces) -> Result<Self> {
        let strange: Vec<&str> =
            request.experiment_ids.iter().map(String::as_str).filter(|id| id.contains('.')).collect();
        if !strange.is_empty() {
            let shown = strange.join(", ");
            let cut = python::prefix(&shown, 20);
            let dots = if cut.len() < shown.len() { "..." } else { "" };
            return Err(Error::invalid(format!(
                "Locations must be a list of experiment IDs. Found invalid experiment IDs: {cut}{dots}."
            )));
        }
        page_token::check_max_results(request.max_results)?;
        let experiment_ids = request.experiment_ids.iter().map(|id| names::experiment_id_number(id));
        let experiment_ids: Vec<i64> = experiment_ids.collect::<Result<_>>()?;
        let order = order_by(&request.order_by)?;
        Ok(Self {
            matching: Matching { experiment_ids, conditions: filter(&request.filter)? },
            order,
            offset: page_token::parse(&request.page_token)?,
            page: request.max_results,
        })
    }

    /// The traces of the page, and where the next one starts if there is one.
    pub fn page(&self, conn: &mut Conn) -> Result<(Vec<TraceInfo>, Option<String>)> {
        let mut rows = self.sql().load::<TraceColumns, TraceRow>(conn)?;
        let page = usize::try_from(self.page).unwrap_or(usize::MAX);
        let next = (rows.len() > page).then(|| page_token::create(self.offset.saturating_add(self.page)));
        rows.truncate(page);
        Ok((store::complete(conn, rows)?, next))
    }

    fn sql(&self) -> Sql {
        let mut sql = Sql::dynamic(TRACE_COLUMNS).push("WHERE ").append(self.matching.sql());
        for (index, step) in self.order.iter().enumerate() {
            sql = sql.push(if index == 0 { " ORDER BY " } else { ", " });
            sql = match &step.subject {
                OrderSubject::Attribute(attribute) => sql.push(column(*attribute)),
                OrderSubject::Tag(key) => sql.push("(SELECT x.value ").push(TAGS).bind(key).push(")"),
                OrderSubject::Metadata(key) => sql.push("(SELECT x.value ").push(METADATA).bind(key).push(")"),
            };
            sql = sql.push(if step.ascending { " ASC" } else { " DESC" });
            // Words about NULLs would keep PostgreSQL from reading in the order of an index.
            sql = sql.push(if step.subject.is_always_there() { "" } else { " NULLS LAST" });
        }
        sql.push(" LIMIT ").bind(self.page.saturating_add(1)).push(" OFFSET ").bind(self.offset)
    }
}

/// The traces of some experiments that match a filter.
#[derive(Debug)]
pub struct Matching {
    /// The experiments.
    pub experiment_ids: Vec<i64>,
    /// What has to be true.
    pub conditions: Vec<Condition<Subject>>,
}

impl Matching {
    /// The condition on `trace_info AS t`.
    #[must_use]
    pub fn sql(&self) -> Sql {
        // One experiment is compared with `=`, so that its index delivers the default order.
        let mut sql = match self.experiment_ids.as_slice() {
            [id] => Sql::dynamic("t.experiment_id = ").bind(*id),
            ids => Sql::dynamic("t.experiment_id").is_any(ids.to_vec()),
        };
        for condition in &self.conditions {
            if !matches!(condition.subject, Subject::Span(_)) {
                sql = self.restrict(sql.push(" AND "), condition);
            }
        }
        sql.append(self.on_spans())
    }

    fn restrict(&self, sql: Sql, condition: &Condition<Subject>) -> Sql {
        let Condition { subject, op, value } = condition;
        match subject {
            Subject::Attribute(attribute) => match op {
                Op::IsNull => sql.push(column(*attribute)).push(" IS NULL"),
                Op::IsNotNull => sql.push(column(*attribute)).push(" IS NOT NULL"),
                op => compare(sql, column(*attribute), *op, value),
            },
            Subject::Tag(key) => keyed(sql, TAGS, key, *op, value),
            Subject::Metadata(key) => keyed(sql, METADATA, key, *op, value),
            Subject::TokenUsage => sql.append(analytics::usage_is(*op, value)),
            Subject::Cost => sql.append(analytics::cost_is(*op, value)),
            Subject::Run => {
                let linked = compare(sql.push("(").push(LINKED_TO_RUN), "l.destination_id", *op, value);
                let from = linked.push(") OR EXISTS (SELECT 1 ").push(METADATA).bind(RUN).push(" AND ");
                compare(from, "x.value", *op, value).push("))")
            }
            Subject::Prompt => compare(sql.push(LINKED_TO_PROMPT), "l.destination_id", *op, value).push(")"),
            Subject::Issue => {
                let issue = "EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id AND \
                             a.assessment_type = 'issue' AND ";
                compare(sql.push(issue), "a.name", *op, value).push(")")
            }
            Subject::Feedback(name) => self.assessed(sql, "feedback", name, *op, value),
            Subject::Expectation(name) => self.assessed(sql, "expectation", name, *op, value),
            Subject::Span(_) => sql.push("1 = 1"),
        }
    }

    /// That a trace is assessed so itself, or is of a session that is.
    fn assessed(&self, sql: Sql, kind: &'static str, name: &str, op: Op, value: &Value) -> Sql {
        let of_session = "EXISTS (SELECT 1 FROM trace_info u JOIN assessments a ON a.trace_id = u.request_id WHERE \
                          u.session_id = t.session_id AND a.assessment_metadata LIKE '%\"mlflow.trace.session\":%' AND \
                          u.experiment_id";
        let own = "EXISTS (SELECT 1 FROM assessments a WHERE a.trace_id = t.request_id";
        let sql = sql.push(if op == Op::IsNull { "NOT (" } else { "(" }).push(own);
        let sql = assessment(sql, kind, name, op, value).push(") OR ").push(of_session);
        assessment(sql.is_any(self.experiment_ids.clone()), kind, name, op, value).push("))")
    }

    /// That there is one span of which all is true that is said of spans.
    fn on_spans(&self) -> Sql {
        let spans = self.conditions.iter().filter_map(|condition| match &condition.subject {
            Subject::Span(field) => Some((field, condition.op, &condition.value)),
            _ => None,
        });
        let mut sql = Sql::default();
        for (index, (field, op, value)) in spans.enumerate() {
            sql = sql.push(if index == 0 { ANY_SPAN } else { " AND " });
            sql = match field {
                SpanField::Name => compare(sql, "s.name", op, value),
                SpanField::Type => compare(sql, "s.type", op, value),
                SpanField::Status => compare(sql, "s.status", op, value),
                SpanField::Content => compare(sql, "s.content", op, value),
                SpanField::Attribute(name) => span_attribute(sql, name, op, value),
            };
        }
        let any = self.conditions.iter().any(|condition| matches!(condition.subject, Subject::Span(_)));
        if any { sql.push(")") } else { sql }
    }
}

const RUN: &str = "mlflow.sourceRun";
const TAGS: &str = "FROM trace_tags x WHERE x.request_id = t.request_id AND x.key = ";
const METADATA: &str = "FROM trace_request_metadata x WHERE x.request_id = t.request_id AND x.key = ";
const LINKED_TO_RUN: &str = "EXISTS (SELECT 1 FROM entity_associations l WHERE l.source_id = t.request_id AND \
     l.source_type = 'trace' AND l.destination_type = 'run' AND ";
const LINKED_TO_PROMPT: &str = "EXISTS (SELECT 1 FROM entity_associations l WHERE l.source_id = t.request_id AND \
     l.source_type = 'trace' AND l.destination_type = 'prompt_version' AND ";
const ANY_SPAN: &str =
    " AND EXISTS (SELECT 1 FROM spans s WHERE s.trace_id = t.request_id AND s.experiment_id = t.experiment_id AND ";

fn keyed(sql: Sql, of_key: &'static str, key: &str, op: Op, value: &Value) -> Sql {
    let sql = sql.push(if op == Op::IsNull { "NOT EXISTS (SELECT 1 " } else { "EXISTS (SELECT 1 " });
    let sql = sql.push(of_key).bind(key);
    match op {
        Op::IsNull | Op::IsNotNull => sql.push(")"),
        op => compare(sql.push(" AND "), "x.value", op, value).push(")"),
    }
}

/// Values of assessments are JSON: a text may be meant as it is, or as the JSON value of those letters.
fn assessment(sql: Sql, kind: &'static str, name: &str, op: Op, value: &Value) -> Sql {
    let sql = sql.push(" AND a.valid AND a.assessment_type = ").bind(kind).push(" AND a.name = ").bind(name);
    match (op, value) {
        (Op::IsNull | Op::IsNotNull, _) => sql,
        (Op::Eq | Op::Ne, Value::Text(text)) => {
            let json = python::dumps(&serde_json::Value::from(text.as_str()));
            let sql = sql.push(if op == Op::Eq { " AND (a.value = " } else { " AND NOT (a.value = " });
            sql.bind(text).push(" OR a.value = ").bind(json).push(")")
        }
        (Op::Gt | Op::Ge | Op::Lt | Op::Le, value) => {
            compare(sql.push(" AND a.is_numeric_value AND "), "a.aggregate_value", op, value)
        }
        (op, value) => compare(sql.push(" AND "), "a.value", op, value),
    }
}

/// Attributes are JSON texts inside the span's own, so a value is looked for behind its name.
fn span_attribute(sql: Sql, name: &str, op: Op, value: &Value) -> Sql {
    let Value::Text(text) = value else { return sql.push("1 = 0") };
    let pattern = if op == Op::RLike {
        let (prefix, text) = text.strip_prefix('^').map_or((r#""\\".*"#, text.as_str()), |text| (r#""\\""#, text));
        let (suffix, text) = text.strip_suffix('$').map_or(("", text), |text| (r#"\\""#, text));
        format!("\"{name}\": {prefix}{text}{suffix}")
    } else {
        format!("%\"{name}\"{text}%")
    };
    compare(sql, "s.content", op, &Value::Text(pattern))
}

const fn column(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::RequestId => "t.request_id",
        Attribute::ExperimentId => "t.experiment_id",
        Attribute::Timestamp => "t.timestamp_ms",
        Attribute::ExecutionTime => "t.execution_time_ms",
        Attribute::EndTime => "(t.timestamp_ms + COALESCE(t.execution_time_ms, 0))",
        Attribute::Status => "t.status",
        Attribute::ClientRequestId => "t.client_request_id",
        Attribute::Name => "t.trace_name",
        Attribute::Session => "t.session_id",
    }
}
