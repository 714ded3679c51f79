//! `experiments/search`: a filter and an ordering as one SQL query.

use super::rows::{EXPERIMENT_COLUMNS, ExperimentColumns, ExperimentRow};
use super::store::with_tags;
use super::wire::{SearchExperiments, SearchExperimentsResponse};
use crate::db::condition::compare;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::search::experiments::{Attribute, Subject, filter, order_by};
use crate::search::{Condition, Op, OrderBy, page_token};

/// A search that is understood and can be run.
#[derive(Debug)]
pub struct Search {
    stages: &'static [&'static str],
    conditions: Vec<Condition<Subject>>,
    order: Vec<OrderBy<Attribute>>,
    limit: i64,
    offset: i64,
}

impl Search {
    /// Understands a request.
    pub fn new(request: &SearchExperiments) -> Result<Self> {
        page_token::check_max_results(request.max_results)?;
        Ok(Self {
            stages: request.view_type.stages(),
            conditions: filter(&request.filter)?,
            order: order_by(&request.order_by)?,
            limit: request.max_results,
            offset: page_token::parse(request.page_token.as_deref().unwrap_or_default())?,
        })
    }

    /// Runs the search. One row more than asked for tells whether there is another page.
    pub fn run(&self, conn: &mut Conn) -> Result<SearchExperimentsResponse> {
        let mut rows = self.query().load::<ExperimentColumns, ExperimentRow>(conn)?;
        let page = usize::try_from(self.limit).unwrap_or_default();
        let next_page_token = (rows.len() > page).then(|| page_token::create(self.offset + self.limit));
        rows.truncate(page);
        Ok(SearchExperimentsResponse { experiments: with_tags(conn, rows)?, next_page_token })
    }

    fn query(&self) -> Sql {
        let stages: Vec<String> = self.stages.iter().map(|stage| (*stage).to_owned()).collect();
        let start = Sql::dynamic(EXPERIMENT_COLUMNS)
            .push("FROM experiments e WHERE e.workspace = 'default' AND e.lifecycle_stage")
            .is_any(stages);
        let filtered = self.conditions.iter().fold(start, |sql, condition| restrict(sql.push(" AND "), condition));
        let mut ordered = filtered.push(" ORDER BY ");
        for (place, step) in self.order.iter().enumerate() {
            ordered = ordered.push(if place == 0 { "" } else { ", " }).push(column(step.subject));
            ordered = ordered.push(if step.ascending { " ASC" } else { " DESC" });
        }
        ordered.push(" LIMIT ").bind(self.limit + 1).push(" OFFSET ").bind(self.offset)
    }
}

fn restrict(sql: Sql, condition: &Condition<Subject>) -> Sql {
    const TAGGED: &str = "EXISTS (SELECT 1 FROM experiment_tags x WHERE x.experiment_id = e.experiment_id AND x.key = ";
    let Condition { subject, op, value } = condition;
    match (subject, op) {
        (Subject::Attribute(attribute), op) => compare(sql, column(*attribute), *op, value),
        (Subject::Tag(key), Op::IsNull) => sql.push("NOT ").push(TAGGED).bind(key).push(")"),
        (Subject::Tag(key), Op::IsNotNull) => sql.push(TAGGED).bind(key).push(")"),
        (Subject::Tag(key), op) => compare(sql.push(TAGGED).bind(key).push(" AND "), "x.value", *op, value).push(")"),
    }
}

const fn column(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Name => "e.name",
        Attribute::ExperimentId => "e.experiment_id",
        Attribute::CreationTime => "e.creation_time",
        Attribute::LastUpdateTime => "e.last_update_time",
    }
}
