//! `runs/search`: a filter and an ordering as one SQL query.

use super::rows::{RUN_COLUMNS, RunColumns, RunRow};
use super::store::complete;
use super::wire::{SearchRuns, SearchRunsResponse};
use crate::db::condition::compare;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::search::page_token;
use crate::search::runs::{Attribute, DatasetField, OrderSubject, Subject, filter, order_by};
use crate::search::{Condition, Op, OrderBy};
use crate::types::names;

/// A search that is understood and can be run.
#[derive(Debug)]
pub struct Search {
    experiment_ids: Vec<i64>,
    stages: &'static [&'static str],
    conditions: Vec<Condition<Subject>>,
    order: Vec<OrderBy<OrderSubject>>,
    limit: i64,
    offset: i64,
}

impl Search {
    /// Understands a request.
    pub fn new(request: &SearchRuns) -> Result<Self> {
        page_token::check_max_results(request.max_results)?;
        let conditions = filter(&request.filter)?;
        let order = order_by(&request.order_by)?;
        check_joins(&order)?;
        let offset = page_token::parse(request.page_token.as_deref().unwrap_or_default())?;
        let ids = request.experiment_ids.iter().map(|id| names::experiment_id_number(id));
        Ok(Self {
            experiment_ids: ids.collect::<Result<_>>()?,
            stages: request.run_view_type.stages(),
            conditions,
            order,
            limit: request.max_results,
            offset,
        })
    }

    /// Runs the search. One row more than asked for tells whether there is another page.
    pub fn run(&self, conn: &mut Conn) -> Result<SearchRunsResponse> {
        let mut rows = self.query().load::<RunColumns, RunRow>(conn)?;
        let page = usize::try_from(self.limit).unwrap_or_default();
        let next_page_token = (rows.len() > page).then(|| page_token::create(self.offset + self.limit));
        rows.truncate(page);
        Ok(SearchRunsResponse { runs: complete(conn, rows)?, next_page_token })
    }

    fn query(&self) -> Sql {
        let joined = self.order.iter().enumerate().fold(self.start(), |sql, (place, step)| join(sql, place, step));
        let scoped = self.scope(joined);
        let filtered = self.conditions.iter().fold(scoped, |sql, condition| restrict(sql.push(" AND "), condition));
        let order = filtered.push(" ORDER BY ");
        let ordered = self
            .order
            .iter()
            .enumerate()
            .fold(order, |sql, (place, step)| direct(if place == 0 { sql } else { sql.push(", ") }, place, step));
        ordered.push(" LIMIT ").bind(self.limit + 1).push(" OFFSET ").bind(self.offset)
    }

    /// The plain listing has a constant text, whose statement is worth keeping.
    fn start(&self) -> Sql {
        let plain = self.conditions.is_empty() && self.order.len() <= 3;
        let start = if plain { Sql::new(RUN_COLUMNS) } else { Sql::dynamic(RUN_COLUMNS) };
        start.push("FROM runs r")
    }

    /// One experiment and one stage are compared with `=`, so that the index delivers the default order.
    fn scope(&self, sql: Sql) -> Sql {
        let sql = sql.push(" WHERE r.experiment_id");
        let sql = match self.experiment_ids.as_slice() {
            [id] => sql.push(" = ").bind(*id),
            ids => sql.is_any(ids.to_vec()),
        };
        match self.stages {
            [stage] => sql.push(" AND r.lifecycle_stage = ").bind(*stage),
            stages => {
                let stages: Vec<String> = stages.iter().map(|stage| (*stage).to_owned()).collect();
                sql.push(" AND r.lifecycle_stage").is_any(stages)
            }
        }
    }
}

/// Each metric, param and tag of an ordering is a join; SQLite takes 64, PostgreSQL plans many of them for minutes.
fn check_joins(order: &[OrderBy<OrderSubject>]) -> Result<()> {
    const MOST: usize = 60;
    let joins = order.iter().filter(|step| !matches!(step.subject, OrderSubject::Attribute(_))).count();
    if joins > MOST {
        return Err(Error::invalid(format!(
            "`order_by` can contain at most {MOST} metrics, params and tags. Got {joins}."
        )));
    }
    Ok(())
}

fn restrict(sql: Sql, condition: &Condition<Subject>) -> Sql {
    let Condition { subject, op, value } = condition;
    match subject {
        Subject::Attribute(attribute) => compare(sql, column(*attribute), *op, value),
        Subject::Metric(key) => {
            let exists = keyed(sql.push("EXISTS (SELECT 1 FROM latest_metrics x"), key);
            // NaN is kept as zero, which must not match; it differs from every number.
            match op {
                Op::Ne => compare(exists.push(" AND (x.is_nan OR "), "x.value", *op, value).push("))"),
                op => compare(exists.push(" AND NOT x.is_nan AND "), "x.value", *op, value).push(")"),
            }
        }
        Subject::Param(key) => pair(sql, "EXISTS (SELECT 1 FROM params x", key, condition),
        Subject::Tag(key) => pair(sql, "EXISTS (SELECT 1 FROM tags x", key, condition),
        Subject::Dataset(field) => dataset(sql, *field, condition),
    }
}

fn pair(sql: Sql, exists: &'static str, key: &str, condition: &Condition<Subject>) -> Sql {
    let Condition { op, value, .. } = condition;
    match op {
        Op::IsNull => keyed(sql.push("NOT ").push(exists), key).push(")"),
        Op::IsNotNull => keyed(sql.push(exists), key).push(")"),
        op => compare(keyed(sql.push(exists), key).push(" AND "), "x.value", *op, value).push(")"),
    }
}

fn keyed(sql: Sql, key: &str) -> Sql {
    sql.push(" WHERE x.run_uuid = r.run_uuid AND x.key = ").bind(key)
}

fn dataset(sql: Sql, field: DatasetField, condition: &Condition<Subject>) -> Sql {
    let Condition { op, value, .. } = condition;
    let inputs = "EXISTS (SELECT 1 FROM inputs i JOIN datasets d ON d.dataset_uuid = i.source_id ";
    let sql = sql.push(inputs);
    let sql = match field {
        DatasetField::Context => {
            sql.push("JOIN input_tags t ON t.input_uuid = i.input_uuid AND t.name = 'mlflow.data.context' ")
        }
        DatasetField::Name | DatasetField::Digest => sql,
    };
    let column = match field {
        DatasetField::Name => "d.name",
        DatasetField::Digest => "d.digest",
        DatasetField::Context => "t.value",
    };
    compare(sql.push("WHERE i.destination_id = r.run_uuid AND "), column, *op, value).push(")")
}

const fn column(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::ArtifactUri => "r.artifact_uri",
        Attribute::EndTime => "r.end_time",
        Attribute::RunId => "r.run_uuid",
        Attribute::RunName => "r.name",
        Attribute::StartTime => "r.start_time",
        Attribute::Status => "r.status",
        Attribute::UserId => "r.user_id",
    }
}

/// Joins what a step orders by, where it is not a column of the run.
fn join(sql: Sql, place: usize, step: &OrderBy<OrderSubject>) -> Sql {
    let (table, key) = match &step.subject {
        OrderSubject::Metric(key) => ("latest_metrics", key),
        OrderSubject::Param(key) => ("params", key),
        OrderSubject::Tag(key) => ("tags", key),
        OrderSubject::Attribute(_) => return sql,
    };
    sql.push(format!(" LEFT JOIN {table} o{place} ON o{place}.run_uuid = r.run_uuid AND o{place}.key = ")).bind(key)
}

/// Appends one step of the ordering: what is missing comes last, NaN before it, in both directions.
fn direct(sql: Sql, place: usize, step: &OrderBy<OrderSubject>) -> Sql {
    let direction = if step.ascending { " ASC" } else { " DESC" };
    match &step.subject {
        // Never missing, and their bare names are what the index knows.
        OrderSubject::Attribute(attribute @ (Attribute::StartTime | Attribute::RunId)) => {
            sql.push(column(*attribute)).push(direction)
        }
        OrderSubject::Attribute(attribute) => {
            let column = column(*attribute);
            sql.push("CASE WHEN ").push(column).push(" IS NULL THEN 1 ELSE 0 END, ").push(column).push(direction)
        }
        OrderSubject::Metric(_) => sql.push(format!(
            "CASE WHEN o{place}.is_nan THEN 1 WHEN o{place}.value IS NULL THEN 2 ELSE 0 END, o{place}.value{direction}"
        )),
        OrderSubject::Param(_) | OrderSubject::Tag(_) => {
            sql.push(format!("CASE WHEN o{place}.value IS NULL THEN 1 ELSE 0 END, o{place}.value{direction}"))
        }
    }
}
