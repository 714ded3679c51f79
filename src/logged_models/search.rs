//! Searches for logged models as SQL.

use super::rows::{LoggedModelRow, MODEL_COLUMNS, ModelColumns};
use super::wire::{DatasetFilter, SearchLoggedModels, SearchLoggedModelsResponse};
use super::{rules, store};
use crate::db::condition::compare;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::search::logged_models::{Attribute, OrderSubject, Subject, filter, order_by};
use crate::search::page_token::{LoggedModelSearch, OrderField};
use crate::search::{Condition, Op, OrderBy, Value};
use crate::types::names;

/// A search that is understood.
#[derive(Debug)]
pub struct Search {
    experiment_ids: Vec<i64>,
    conditions: Vec<Condition<Subject>>,
    /// The request's steps, each with its dataset, and then the tie-breakers.
    order: Vec<(OrderBy<OrderSubject>, DatasetOf)>,
    datasets: Vec<DatasetFilter>,
    page: i64,
    offset: i64,
    next_page_token: String,
}

/// The dataset whose values of a metric a step of the ordering looks at.
#[derive(Debug, Clone, Default)]
struct DatasetOf {
    name: Option<String>,
    digest: Option<String>,
}

impl Search {
    /// Reads a request.
    pub fn of(request: &SearchLoggedModels) -> Result<Self> {
        if request.max_results < 0 {
            return Err(Error::invalid(format!(
                "Invalid value {} for parameter 'max_results' supplied. It must be a positive integer.",
                request.max_results
            )));
        }
        rules::datasets(&request.datasets)?;
        let tokens = LoggedModelSearch {
            experiment_ids: &request.experiment_ids,
            filter: &request.filter,
            order_by: &request.order_by,
        };
        let offset = tokens.parse(&request.page_token)?;
        let page = i64::from(request.max_results);
        let conditions = filter(&request.filter)?;
        let experiment_ids = request.experiment_ids.iter().map(|id| names::experiment_id_number(id));
        Ok(Self {
            experiment_ids: experiment_ids.collect::<Result<_>>()?,
            conditions,
            order: order(&request.order_by)?,
            datasets: request.datasets.clone(),
            page,
            offset,
            next_page_token: tokens.create(offset.saturating_add(page)),
        })
    }

    /// The models of the page.
    pub fn page(&self, conn: &mut Conn) -> Result<SearchLoggedModelsResponse> {
        let mut rows = self.sql().load::<ModelColumns, LoggedModelRow>(conn)?;
        let page = usize::try_from(self.page).unwrap_or(usize::MAX);
        let next_page_token = (rows.len() > page).then(|| self.next_page_token.clone());
        rows.truncate(page);
        Ok(SearchLoggedModelsResponse { models: store::with_details(conn, rows)?, next_page_token })
    }

    fn sql(&self) -> Sql {
        let mut sql = Sql::dynamic(MODEL_COLUMNS).push("WHERE m.lifecycle_stage <> 'deleted' AND m.experiment_id");
        sql = sql.is_any(self.experiment_ids.clone());
        for condition in &self.conditions {
            sql = self.restrict(sql.push(" AND "), condition);
        }
        let on_metrics = self.conditions.iter().any(|condition| matches!(condition.subject, Subject::Metric(_)));
        if !on_metrics && !self.datasets.is_empty() {
            let any = "EXISTS (SELECT 1 FROM logged_model_metrics d WHERE d.model_id = m.model_id";
            sql = sql.push(" AND ").push(any).append(self.on_datasets()).push(")");
        }
        for (index, (step, dataset)) in self.order.iter().enumerate() {
            sql = sql.push(if index == 0 { " ORDER BY " } else { ", " });
            sql = match &step.subject {
                OrderSubject::Attribute(attribute) => sql.push(column(*attribute)),
                OrderSubject::Metric(name) => sql.append(self.latest(name, dataset)),
            };
            sql = sql.push(if step.ascending { " ASC NULLS LAST" } else { " DESC NULLS LAST" });
        }
        sql.push(" LIMIT ").bind(self.page + 1).push(" OFFSET ").bind(self.offset)
    }

    fn restrict(&self, sql: Sql, condition: &Condition<Subject>) -> Sql {
        const PARAM: &str =
            "EXISTS (SELECT 1 FROM logged_model_params x WHERE x.model_id = m.model_id AND x.param_key = ";
        const TAG: &str = "EXISTS (SELECT 1 FROM logged_model_tags x WHERE x.model_id = m.model_id AND x.tag_key = ";
        let Condition { subject, op, value } = condition;
        match subject {
            Subject::Attribute(attribute) => compare(sql, column(*attribute), *op, value),
            Subject::Metric(name) => compare_metric(sql, self.latest(name, &DatasetOf::default()), *op, value),
            Subject::Param(key) => {
                compare(sql.push(PARAM).bind(key).push(" AND "), "x.param_value", *op, value).push(")")
            }
            Subject::Tag(key) => compare(sql.push(TAG).bind(key).push(" AND "), "x.tag_value", *op, value).push(")"),
        }
    }

    /// The model's latest value of a metric on the datasets of the search, NULL without one. Latest is the greatest
    /// by step, timestamp and value.
    fn latest(&self, name: &str, dataset: &DatasetOf) -> Sql {
        let mut sql = Sql::dynamic(
            "(SELECT d.metric_value FROM logged_model_metrics d WHERE d.model_id = m.model_id AND \
             d.metric_value IS NOT NULL AND d.metric_name = ",
        )
        .bind(name)
        .append(self.on_datasets());
        if let Some(name) = &dataset.name {
            sql = sql.push(" AND d.dataset_name = ").bind(name);
        }
        if let Some(digest) = &dataset.digest {
            sql = sql.push(" AND d.dataset_digest = ").bind(digest);
        }
        sql.push(" ORDER BY d.metric_step DESC, d.metric_timestamp_ms DESC, d.metric_value DESC LIMIT 1)")
    }

    /// That a row of the metrics `d` is on one of the datasets of the search. A dataset without a digest matches
    /// rows without one only, as it does in MLflow.
    fn on_datasets(&self) -> Sql {
        let mut sql = Sql::default();
        for (index, dataset) in self.datasets.iter().enumerate() {
            sql = sql.push(if index == 0 { " AND ((d.dataset_name = " } else { " OR (d.dataset_name = " });
            sql = sql.bind(&dataset.dataset_name);
            sql = match &dataset.dataset_digest {
                Some(digest) => sql.push(" AND d.dataset_digest = ").bind(digest).push(")"),
                None => sql.push(" AND d.dataset_digest IS NULL)"),
            };
        }
        if self.datasets.is_empty() { sql } else { sql.push(")") }
    }
}

fn order(fields: &[OrderField]) -> Result<Vec<(OrderBy<OrderSubject>, DatasetOf)>> {
    let steps = order_by(fields.iter().map(|field| (field.field_name.as_str(), field.ascending)))?;
    let datasets = fields
        .iter()
        .map(|field| DatasetOf { name: field.dataset_name.clone(), digest: field.dataset_digest.clone() })
        .chain(std::iter::repeat_with(DatasetOf::default));
    Ok(steps.into_iter().zip(datasets).collect())
}

/// Appends a comparison of metrics. No order holds with NaN; PostgreSQL would take it for the greatest of numbers.
fn compare_metric(sql: Sql, latest: Sql, op: Op, value: &Value) -> Sql {
    match value {
        Value::Number(number) if number.is_nan() => sql.push("1 = 0"),
        value => compare(sql.append(latest), "", op, value),
    }
}

const fn column(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::ArtifactLocation => "m.artifact_location",
        Attribute::CreationTimestamp => "m.creation_timestamp_ms",
        Attribute::ExperimentId => "m.experiment_id",
        Attribute::LastUpdatedTimestamp => "m.last_updated_timestamp_ms",
        Attribute::LifecycleStage => "m.lifecycle_stage",
        Attribute::ModelId => "m.model_id",
        Attribute::ModelType => "m.model_type",
        Attribute::Name => "m.name",
        Attribute::SourceRunId => "m.source_run_id",
        Attribute::Status => "m.status",
        Attribute::StatusMessage => "m.status_message",
    }
}
