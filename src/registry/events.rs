//! The history of aliases: what moved, when, from and to which version, and by whom.
//!
//! Kept for as long as the database is, also when the model is deleted: then each alias has a last event without a
//! version. A model that is made under the same name goes on with that history.

use diesel::sql_types::{BigInt, Integer, Nullable, Text};
use serde::Serialize;

use super::store;
use crate::db::{Conn, Sql};
use crate::error::{Error, Result};
use crate::http::reply::is_empty;
use crate::types::message::{Fields, Message};
use crate::types::python;
use crate::types::time::now_millis;

/// Whom the request came from, where a trusted proxy says so.
pub type By<'a> = Option<&'a str>;

/// A step of an alias, to be noted.
#[derive(Debug)]
pub struct Move<'a> {
    /// The model.
    pub name: &'a str,
    /// The alias.
    pub alias: &'a str,
    /// The version that it named before.
    pub from: Option<i32>,
    /// The version that it names now; none when it was deleted.
    pub to: Option<i32>,
    /// Who moved it.
    pub by: By<'a>,
}

/// Longest name of a user that is kept, in characters.
const MAX_USER: usize = 256;

/// Notes a step, in the transaction that makes it.
pub fn note(conn: &mut Conn, step: &Move<'_>) -> Result<()> {
    Sql::new(
        "INSERT INTO tracklet_registry_events (workspace, name, alias, from_version, to_version, user_id, timestamp) \
              VALUES ('default', ",
    )
    .bind(step.name)
    .push(", ")
    .bind(step.alias)
    .push(", ")
    .bind(step.from.map(i64::from))
    .push(", ")
    .bind(step.to.map(i64::from))
    .push(", ")
    .bind(step.by.map(|user| python::prefix(user, MAX_USER)))
    .push(", ")
    .bind(now_millis())
    .push(")")
    .execute(conn)?;
    Ok(())
}

/// Lets the history follow a model to its new name.
pub fn rename(conn: &mut Conn, name: &str, new_name: &str) -> Result<()> {
    Sql::new("UPDATE tracklet_registry_events SET name = ")
        .bind(new_name)
        .push(" WHERE workspace = 'default' AND name = ")
        .bind(name)
        .execute(conn)?;
    Ok(())
}

/// `GET /api/tracklet/1.0/registry/events`.
#[derive(Debug)]
pub struct GetRegistryEvents {
    /// The model.
    pub name: String,
    /// Only this alias.
    pub alias: Option<String>,
    /// Only events of this time or before, in milliseconds since the epoch.
    pub until: Option<i64>,
    /// Page size.
    pub max_results: i64,
    /// Where the page before ended.
    pub page_token: Option<i64>,
}

impl Message for GetRegistryEvents {
    fn read(fields: &mut Fields) -> Result<Self> {
        let name = fields.required("name")?;
        let max_results = fields.optional("max_results")?.unwrap_or(100);
        if !(1..=1000).contains(&max_results) {
            return Err(Error::invalid(format!(
                "Invalid value {max_results} for parameter 'max_results' supplied. It must be between 1 and 1000."
            )));
        }
        Ok(Self {
            name,
            alias: fields.optional("alias")?,
            until: fields.optional("until")?,
            max_results,
            page_token: fields.optional("page_token")?,
        })
    }
}

/// A page of events, the newest first.
#[derive(Debug, Serialize)]
pub struct GetRegistryEventsResponse {
    /// The events of this page.
    #[serde(skip_serializing_if = "is_empty")]
    pub events: Vec<Event>,
    /// Where the next page starts, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_page_token: Option<String>,
}

/// A step of an alias.
#[derive(Debug, Serialize)]
pub struct Event {
    #[serde(skip)]
    id: i64,
    /// The model.
    pub name: String,
    /// The alias.
    pub alias: String,
    /// The version that it named before, a number as text; absent when it was new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_version: Option<String>,
    /// The version that it named from then on, a number as text; absent when it was deleted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_version: Option<String>,
    /// Milliseconds since the epoch.
    pub timestamp: i64,
    /// Who moved it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_id: Option<String>,
}

type Columns = (BigInt, Text, Text, Nullable<Integer>, Nullable<Integer>, BigInt, Nullable<Text>);
type Row = (i64, String, String, Option<i32>, Option<i32>, i64, Option<String>);

/// A page of the history of a model. A model that neither is nor was is an error.
pub fn page(conn: &mut Conn, request: &GetRegistryEvents) -> Result<GetRegistryEventsResponse> {
    let mut query = Sql::dynamic(
        "SELECT event_id, name, alias, from_version, to_version, timestamp, user_id FROM tracklet_registry_events \
         WHERE workspace = 'default' AND name = ",
    )
    .bind(&request.name);
    if let Some(alias) = &request.alias {
        query = query.push(" AND alias = ").bind(alias);
    }
    if let Some(until) = request.until {
        query = query.push(" AND timestamp <= ").bind(until);
    }
    if let Some(last) = request.page_token {
        query = query.push(" AND event_id < ").bind(last);
    }
    let rows = query.push(" ORDER BY event_id DESC LIMIT ").bind(request.max_results + 1).load::<Columns, Row>(conn)?;
    if rows.is_empty() && request.page_token.is_none() {
        exists(conn, &request.name)?;
    }
    let mut events: Vec<Event> = rows.into_iter().map(event).collect();
    let size = usize::try_from(request.max_results).unwrap_or_default();
    let more = events.len() > size;
    events.truncate(size);
    let next_page_token = events.last().filter(|_| more).map(|event| event.id.to_string());
    Ok(GetRegistryEventsResponse { events, next_page_token })
}

fn exists(conn: &mut Conn, name: &str) -> Result<()> {
    let was = Sql::new("SELECT event_id FROM tracklet_registry_events WHERE workspace = 'default' AND name = ")
        .bind(name)
        .push(" LIMIT 1")
        .first::<BigInt, i64>(conn)?;
    if was.is_none() { store::find(conn, name).map(drop) } else { Ok(()) }
}

fn event((id, name, alias, from, to, timestamp, user_id): Row) -> Event {
    let text = |version: Option<i32>| version.map(|version| version.to_string());
    Event { id, name, alias, from_version: text(from), to_version: text(to), timestamp, user_id }
}
