//! `registered-models/search` and `model-versions/search`: a filter and an ordering as one SQL query.

#[cfg(test)]
mod tests;

use super::reply::{SearchModelVersionsResponse, SearchRegisteredModelsResponse};
use super::rows::{MODEL_COLUMNS, ModelColumns, ModelRow, VERSION_COLUMNS, VersionColumns, VersionRow};
use super::wire::{SearchModelVersions, SearchRegisteredModels};
use super::{store, versions};
use crate::db::condition::compare;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::search::registry::{Filter, PROMPT_TAG, Subject};
use crate::search::{Condition, Op, OrderBy, Value, model_versions, page_token, registered_models};

/// A search for registered models that is understood and can be run.
#[derive(Debug)]
pub struct ModelSearch(Search<registered_models::Attribute>);

/// A search for model versions that is understood and can be run.
#[derive(Debug)]
pub struct VersionSearch(Search<model_versions::Attribute>);

impl ModelSearch {
    /// Understands a request. An empty page is allowed, as it is in MLflow.
    pub fn new(request: &SearchRegisteredModels) -> Result<Self> {
        if request.max_results < 0 {
            return Err(not_positive(request.max_results));
        }
        Ok(Self(Search {
            filter: Filter::new(registered_models::filter(&request.filter)?),
            order: registered_models::order_by(&request.order_by)?,
            limit: request.max_results,
            offset: page_token::parse(&request.page_token)?,
        }))
    }

    /// The models of the page with tags, aliases and the highest version of each stage.
    pub fn run(&self, conn: &mut Conn) -> Result<SearchRegisteredModelsResponse> {
        let rows = self.0.sql(&MODELS).load::<ModelColumns, ModelRow>(conn)?;
        let (rows, next_page_token) = self.0.page(rows);
        Ok(SearchRegisteredModelsResponse { registered_models: store::with_details(conn, rows)?, next_page_token })
    }
}

impl VersionSearch {
    /// Understands a request.
    pub fn new(request: &SearchModelVersions) -> Result<Self> {
        if request.max_results < 1 {
            return Err(not_positive(request.max_results));
        }
        Ok(Self(Search {
            filter: Filter::new(model_versions::filter(&request.filter)?),
            order: model_versions::order_by(&request.order_by)?,
            limit: request.max_results,
            offset: page_token::parse(&request.page_token)?,
        }))
    }

    /// The versions of the page with tags and, as in MLflow, without aliases. Deleted ones are never found.
    pub fn run(&self, conn: &mut Conn) -> Result<SearchModelVersionsResponse> {
        let rows = self.0.sql(&VERSIONS).load::<VersionColumns, VersionRow>(conn)?;
        let (rows, next_page_token) = self.0.page(rows);
        Ok(SearchModelVersionsResponse { model_versions: versions::with_tags(conn, rows)?, next_page_token })
    }
}

fn not_positive(max_results: i64) -> Error {
    Error::invalid(format!("Invalid value for max_results. It must be a positive integer, but got {max_results}"))
}

#[derive(Debug)]
struct Search<A> {
    filter: Filter<A>,
    order: Vec<OrderBy<A>>,
    limit: i64,
    offset: i64,
}

/// What is searched, as pieces of SQL.
struct Table<A> {
    columns: &'static str,
    rows: &'static str,
    tags: &'static str,
    /// That the tag `x` is one of the row.
    own: &'static str,
    name: A,
    /// What few rows have in common, so that they are better sorted than found in their order.
    rare: Option<A>,
    column: fn(A) -> &'static str,
}

const MODELS: Table<registered_models::Attribute> = Table {
    columns: MODEL_COLUMNS,
    rows: "FROM registered_models m WHERE m.workspace = 'default'",
    tags: "registered_model_tags",
    own: "x.name = m.name",
    name: registered_models::Attribute::Name,
    rare: None,
    column: |attribute| match attribute {
        registered_models::Attribute::Name => "m.name",
        registered_models::Attribute::LastUpdatedTimestamp => "m.last_updated_time",
    },
};

const VERSIONS: Table<model_versions::Attribute> = Table {
    columns: VERSION_COLUMNS,
    rows: "FROM model_versions v WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal'",
    tags: "model_version_tags",
    own: "x.name = v.name AND x.version = v.version",
    name: model_versions::Attribute::Name,
    rare: Some(model_versions::Attribute::RunId),
    column: |attribute| match attribute {
        model_versions::Attribute::Name => "v.name",
        model_versions::Attribute::VersionNumber => "v.version",
        model_versions::Attribute::RunId => "v.run_id",
        model_versions::Attribute::SourcePath => "v.source",
        model_versions::Attribute::CreationTimestamp => "v.creation_time",
        model_versions::Attribute::LastUpdatedTimestamp => "v.last_updated_time",
    },
};

impl<A: Copy + PartialEq> Search<A> {
    /// The rows of the page and one more, if there is one.
    fn sql(&self, table: &Table<A>) -> Sql {
        let mut sql = Sql::dynamic(table.columns).push(table.rows);
        for Condition { subject, op, value } in &self.filter.conditions {
            sql = sql.push(" AND ");
            sql = match subject {
                Subject::Attribute(attribute) => compare(sql, (table.column)(*attribute), *op, value),
                Subject::Tag(key) => {
                    let tag = sql.push("EXISTS (SELECT 1 FROM ").push(table.tags);
                    let tag = tag.push(" x WHERE x.workspace = 'default' AND ").push(table.own).push(" AND x.key = ");
                    compare(tag.bind(key).push(" AND "), "x.value", *op, value).push(")")
                }
            };
        }
        if self.filter.hides_prompts {
            sql = self.hide_prompts(sql, table);
        }
        self.order(sql, table).push(" LIMIT ").bind(self.limit + 1).push(" OFFSET ").bind(self.offset)
    }

    /// Leaves prompts out. A model is a prompt to its versions when any of them has the tag, deleted ones included.
    ///
    /// The limit keeps PostgreSQL from making a join of the condition, whose size it cannot guess: it would read and
    /// sort everything where an index has the page in its order.
    fn hide_prompts(&self, sql: Sql, table: &Table<A>) -> Sql {
        let prompt = sql.push(" AND NOT EXISTS (SELECT 1 FROM ").push(table.tags);
        let prompt = prompt.push(" p WHERE p.workspace = 'default' AND p.value = 'true' AND p.key = ");
        let prompt = prompt.bind(PROMPT_TAG).push(" AND p.name = ");
        let only_name = self.filter.conditions.iter().find_map(|condition| match (condition.op, &condition.value) {
            (Op::Eq, Value::Text(name)) if condition.subject == Subject::Attribute(table.name) => Some(name),
            _ => None,
        });
        // With a name in place of a column, the question is asked once and not for every row.
        let prompt = match only_name {
            Some(name) => prompt.bind(name),
            None => prompt.push((table.column)(table.name)),
        };
        prompt.push(" LIMIT 1 OFFSET 0)")
    }

    fn order(&self, mut sql: Sql, table: &Table<A>) -> Sql {
        let is_rare = self.filter.conditions.iter().any(|condition| {
            let is_about_rare = table.rare.is_some_and(|rare| condition.subject == Subject::Attribute(rare));
            is_about_rare && matches!(condition.op, Op::Eq | Op::In)
        });
        for (place, step) in self.order.iter().enumerate() {
            sql = sql.push(if place == 0 { " ORDER BY " } else { ", " });
            // SQLite takes any index that has the order. It has none for a sum.
            let is_sum = is_rare && step.subject != table.name;
            sql = sql.push((table.column)(step.subject)).push(if is_sum { " + 0" } else { "" });
            sql = sql.push(if step.ascending { " ASC" } else { " DESC" });
        }
        sql
    }

    /// The rows of the page, and where the next one starts if there is one.
    fn page<R>(&self, mut rows: Vec<R>) -> (Vec<R>, Option<String>) {
        let page = usize::try_from(self.limit).unwrap_or_default();
        let next = (rows.len() > page).then(|| page_token::create(self.offset.saturating_add(self.limit)));
        rows.truncate(page);
        (rows, next)
    }
}
