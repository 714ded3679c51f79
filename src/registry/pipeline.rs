//! The registry as a way to production: how many versions there are, which ones aliases name, since when, and how good
//! they are beside their predecessors. Prompts are not part of it.
//!
//! Read for monitoring, a few queries at a time and nothing on the way of requests. What is said of single aliases is
//! bounded by the operator; the totals are not.

mod states;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use diesel::sql_types::{BigInt, Integer, Nullable, Text};

use super::files;
use crate::config::Monitoring;
use crate::db::{Conn, Sql};
use crate::error::Result;
use crate::types::time::now_millis;
use crate::{logged_models, metrics};

/// The state of the registry at one moment.
#[derive(Debug)]
pub struct Pipeline {
    /// When it was read, in milliseconds since the epoch.
    read: i64,
    models: i64,
    versions: Vec<Versions>,
    aliases: i64,
    shown: Vec<Placed>,
    waiting: Vec<Waiting>,
}

/// Versions of one status and stage.
#[derive(Debug)]
struct Versions {
    status: String,
    stage: String,
    count: i64,
    oldest: Option<i64>,
}

/// An alias and the version that it names.
#[derive(Debug)]
struct Placed {
    name: String,
    alias: String,
    version: i32,
    /// When the version was registered.
    registered: Option<i64>,
    /// When the alias came to it; unknown if MLflow moved it.
    moved: Option<i64>,
    rollbacks: i64,
    now: HashMap<String, f64>,
    before: HashMap<String, f64>,
}

/// Versions of a model above all that ever had an alias.
#[derive(Debug)]
struct Waiting {
    name: String,
    count: i64,
    oldest: Option<i64>,
}

/// No prompt; the name before it is closed by a parenthesis.
const NO_PROMPT: &str = " AND NOT EXISTS (SELECT 1 FROM registered_model_tags t WHERE t.workspace = 'default' \
                         AND t.key = 'mlflow.prompt.is_prompt' AND t.name = ";

/// Reads the state, as far as the operator asked for it.
pub fn read(conn: &mut Conn, asked: &Monitoring) -> Result<Pipeline> {
    let shown = placed(conn, asked)?;
    let mut names: Vec<String> = shown.iter().map(|placed| placed.name.clone()).collect();
    names.dedup();
    Ok(Pipeline {
        read: now_millis(),
        models: count(conn, "SELECT COUNT(*) FROM registered_models c WHERE c.workspace = 'default'")?,
        versions: versions(conn)?,
        aliases: count(conn, "SELECT COUNT(*) FROM registered_model_aliases c WHERE c.workspace = 'default'")?,
        waiting: waiting(conn, names)?,
        shown,
    })
}

fn count(conn: &mut Conn, of: &'static str) -> Result<i64> {
    Ok(Sql::new(of).push(NO_PROMPT).push("c.name)").first::<BigInt, i64>(conn)?.unwrap_or_default())
}

fn versions(conn: &mut Conn) -> Result<Vec<Versions>> {
    type Row = (Option<String>, Option<String>, i64, Option<i64>);
    let rows = Sql::new(
        "SELECT v.status, v.current_stage, COUNT(*), MIN(v.creation_time) FROM model_versions v \
         WHERE v.workspace = 'default' AND v.current_stage <> 'Deleted_Internal'",
    )
    .push(NO_PROMPT)
    .push("v.name) GROUP BY v.status, v.current_stage")
    .load::<(Nullable<Text>, Nullable<Text>, BigInt, Nullable<BigInt>), Row>(conn)?;
    let versions = |(status, stage, count, oldest): Row| Versions {
        status: status.unwrap_or_default(),
        stage: stage.unwrap_or_default(),
        count,
        oldest,
    };
    Ok(rows.into_iter().map(versions).collect())
}

/// The first aliases by model and name, so that they are the same ones at every look.
fn placed(conn: &mut Conn, asked: &Monitoring) -> Result<Vec<Placed>> {
    type Columns = (
        (Text, Text, Integer, Nullable<BigInt>, Nullable<Text>, Nullable<Text>),
        (Nullable<BigInt>, Nullable<BigInt>, BigInt),
    );
    type Row = (Version, (Option<i64>, Option<i64>, i64));
    type Version = (String, String, i32, Option<i64>, Option<String>, Option<String>);
    if asked.aliases == 0 {
        return Ok(Vec::new());
    }
    let rows = Sql::new(
        "SELECT a.name, a.alias, a.version, v.creation_time, v.run_id, v.source, MAX(e.event_id), \
         MAX(CASE WHEN e.from_version <> a.version THEN e.event_id END), \
         COALESCE(SUM(CASE WHEN e.to_version < e.from_version THEN 1 ELSE 0 END), 0) \
         FROM (SELECT c.name, c.alias, c.version FROM registered_model_aliases c WHERE c.workspace = 'default'",
    )
    .push(NO_PROMPT)
    .push("c.name) ORDER BY c.name, c.alias LIMIT ")
    .bind(i64::from(asked.aliases))
    .push(
        ") a JOIN model_versions v ON v.workspace = 'default' AND v.name = a.name AND v.version = a.version \
         LEFT JOIN tracklet_registry_events e ON e.workspace = 'default' AND e.name = a.name AND e.alias = a.alias \
         GROUP BY a.name, a.alias, a.version, v.creation_time, v.run_id, v.source ORDER BY a.name, a.alias",
    )
    .load::<Columns, Row>(conn)?;
    let ids = rows.iter().flat_map(|(_, (last, before, _))| [*last, *before]).flatten().collect();
    let steps = steps(conn, ids)?;
    let step = |id: &Option<i64>| id.and_then(|id| steps.get(&id));
    let now = |version: &Version| Origin::new(version.4.clone(), version.5.as_deref());
    let origins = rows.iter().flat_map(|(version, (_, before, _))| {
        [Some(now(version)), step(before).map(|step| step.origin.clone())].into_iter().flatten()
    });
    let values = Values::read(conn, origins.collect(), &asked.model_metrics)?;
    let placed = |(version, (last, before, rollbacks)): Row| {
        // An alias that MLflow moved since has no step to where it is now.
        let arrival = step(&last).filter(|step| step.to == Some(version.2));
        Placed {
            moved: arrival.map(|step| step.timestamp),
            before: step(&before).map(|step| values.of(&step.origin)).unwrap_or_default(),
            now: values.of(&now(&version)),
            rollbacks,
            registered: version.3,
            version: version.2,
            alias: version.1,
            name: version.0,
        }
    };
    Ok(rows.into_iter().map(placed).collect())
}

/// A step of an alias, and the version that it left.
struct Step {
    to: Option<i32>,
    timestamp: i64,
    origin: Origin,
}

fn steps(conn: &mut Conn, ids: Vec<i64>) -> Result<HashMap<i64, Step>> {
    type Columns = (BigInt, Nullable<Integer>, BigInt, Nullable<Text>, Nullable<Text>);
    type Row = (i64, Option<i32>, i64, Option<String>, Option<String>);
    let rows = Sql::new(
        "SELECT e.event_id, e.to_version, e.timestamp, v.run_id, v.source FROM tracklet_registry_events e \
         LEFT JOIN model_versions v ON v.workspace = e.workspace AND v.name = e.name AND v.version = e.from_version \
         WHERE e.event_id",
    )
    .is_any(crate::db::Values::BigInts(ids))
    .load::<Columns, Row>(conn)?;
    let step = |(id, to, timestamp, run_id, source): Row| {
        (id, Step { to, timestamp, origin: Origin::new(run_id, source.as_deref()) })
    };
    Ok(rows.into_iter().map(step).collect())
}

/// What made a version: its logged model knows best how good it is, its run is what there was before those.
#[derive(Debug, Clone, Default)]
struct Origin {
    run_id: Option<String>,
    model_id: Option<String>,
}

impl Origin {
    fn new(run_id: Option<String>, source: Option<&str>) -> Self {
        Self { run_id: run_id.filter(|run_id| !run_id.is_empty()), model_id: source.and_then(files::logged_model) }
    }
}

/// The asked metrics of runs and logged models, by id.
struct Values {
    runs: HashMap<String, HashMap<String, f64>>,
    models: HashMap<String, HashMap<String, f64>>,
}

impl Values {
    fn read(conn: &mut Conn, origins: Vec<Origin>, keys: &[String]) -> Result<Self> {
        let (mut runs, mut models) = (Vec::new(), Vec::new());
        if !keys.is_empty() {
            for origin in origins {
                runs.extend(origin.run_id);
                models.extend(origin.model_id);
            }
        }
        Ok(Self {
            runs: metrics::store::latest_values(conn, runs, keys)?,
            models: logged_models::metrics::latest_values(conn, models, keys)?,
        })
    }

    fn of(&self, origin: &Origin) -> HashMap<String, f64> {
        let known = |ids: &HashMap<String, HashMap<String, f64>>, id: &Option<String>| {
            id.as_ref().and_then(|id| ids.get(id)).cloned().unwrap_or_default()
        };
        let mut values = known(&self.runs, &origin.run_id);
        values.extend(known(&self.models, &origin.model_id));
        values
    }
}

fn waiting(conn: &mut Conn, names: Vec<String>) -> Result<Vec<Waiting>> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let rows = Sql::new(
        "SELECT v.name, COUNT(*), MIN(v.creation_time) FROM (SELECT s.name, MAX(s.version) AS version FROM (\
         SELECT name, version FROM registered_model_aliases WHERE workspace = 'default' AND name",
    )
    .is_any(names.clone())
    .push(
        " UNION ALL SELECT name, to_version FROM tracklet_registry_events WHERE workspace = 'default' \
         AND to_version IS NOT NULL AND name",
    )
    .is_any(names)
    .push(
        ") s GROUP BY s.name) top JOIN model_versions v ON v.workspace = 'default' AND v.name = top.name \
         AND v.version > top.version WHERE v.status = 'READY' AND v.current_stage <> 'Deleted_Internal' GROUP BY v.name",
    )
    .load::<(Text, BigInt, Nullable<BigInt>), (String, i64, Option<i64>)>(conn)?;
    Ok(rows.into_iter().map(|(name, count, oldest)| Waiting { name, count, oldest }).collect())
}
