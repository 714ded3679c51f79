//! Brings a database to the schema that this release works with, or refuses it before anything is written.
//!
//! The schema is MLflow's, at exactly one revision of its migration chain. Tracklet creates it in an empty
//! database and uses it in place otherwise; it never writes another revision, because MLflow refuses to
//! start on one that it does not know. What Tracklet adds carries the prefix `tracklet_`, which MLflow ignores.

use diesel::sql_types::{BigInt, Text};

use super::{Conn, Db, Sql};
use crate::error::{Code, Error, Result};

/// The revision of MLflow's schema that this release reads and writes, that of MLflow 3.18.0.
pub const HEAD: &str = "f4a9b2c7d1e6";

/// Serialises replicas that start at once on one PostgreSQL: "tracklet" in ASCII.
const LOCK: &str = "SELECT pg_advisory_xact_lock(8390043689117902196)";

/// What this release adds to MLflow's schema, in order, by the same names in both trees.
const EXTRAS: [(&str, &str, &str); 2] = [
    (
        "tracklet_0001_run_listing",
        include_str!("../../migrations/postgres/tracklet_0001_run_listing/up.sql"),
        include_str!("../../migrations/sqlite/tracklet_0001_run_listing/up.sql"),
    ),
    (
        "tracklet_0002_registry",
        include_str!("../../migrations/postgres/tracklet_0002_registry/up.sql"),
        include_str!("../../migrations/sqlite/tracklet_0002_registry/up.sql"),
    ),
];

/// Last revisions of MLflow releases, to tell people what their database was written by.
const RELEASES: [(&str, &str); 14] = [
    ("867495a8f9d4", "2.13"),
    ("f5a4f2784254", "2.17"),
    ("0584bdc529eb", "2.22"),
    ("6953534de441", "3.0"),
    ("770bee3ae1dd", "3.2"),
    ("71994744cf8e", "3.4"),
    ("bf29a5ff90ea", "3.6"),
    ("1bd49d398cd23", "3.8"),
    ("1b5f0d9ad7c1", "3.10"),
    ("7d34483879f0", "3.12"),
    ("b7e4c1a90f23", "3.14"),
    ("b7e2c1a4d9f3", "3.16"),
    ("dc11669786a5", "3.17"),
    (HEAD, "3.18"),
];

/// What [`prepare`] did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prepared {
    /// The database was empty and has the schema now.
    Created,
    /// The database had the schema already.
    InPlace,
}

/// Creates the schema in an empty database or checks that of another one. Safe to run from many replicas at once.
///
/// # Errors
///
/// [`Code::InvalidState`] for a database at another revision or with only some of MLflow's tables; nothing
/// was written to it then.
pub async fn prepare(db: &Db) -> Result<Prepared> {
    let prepared = bring_up(db).await?;
    db.read(keep_write_ahead_log).await?;
    Ok(prepared)
}

async fn bring_up(db: &Db) -> Result<Prepared> {
    db.write(|conn| {
        if matches!(conn, Conn::Pg(_)) {
            conn.batch(LOCK)?;
        }
        let prepared = match revision(conn)? {
            Some(found) if found == HEAD => Prepared::InPlace,
            Some(found) => return Err(wrong_revision(&found)),
            None => {
                conn.batch(schema(conn))?;
                Prepared::Created
            }
        };
        check_workspaces(conn)?;
        add_extras(conn)?;
        Ok(prepared)
    })
    .await
}

/// Without a write-ahead log SQLite's readers block its writer. The file itself remembers this setting.
fn keep_write_ahead_log(conn: &mut Conn) -> Result<()> {
    match conn {
        Conn::Sqlite(_) => Ok(conn.batch("PRAGMA journal_mode = WAL")?),
        Conn::Pg(_) => Ok(()),
    }
}

/// The schema revision that the database says it has; `None` for a database without MLflow's tables.
///
/// # Errors
///
/// [`Code::InvalidState`] when MLflow's tables are there without exactly one revision.
pub fn revision(conn: &mut Conn) -> Result<Option<String>> {
    if !has_table(conn, "alembic_version")? {
        return if has_table(conn, "runs")? || has_table(conn, "experiments")? {
            Err(refused("it has MLflow's tables, but no table alembic_version that says their revision"))
        } else {
            Ok(None)
        };
    }
    let mut revisions = Sql::new("SELECT version_num FROM alembic_version").load::<Text, String>(conn)?;
    match (revisions.pop(), revisions.is_empty()) {
        (Some(revision), true) => Ok(Some(revision)),
        (None, _) => Err(refused("its table alembic_version is empty")),
        (Some(_), false) => Err(refused("its table alembic_version has more than one row")),
    }
}

/// As [`revision`], with the refusals of [`prepare`]; changes nothing.
///
/// # Errors
///
/// [`Code::InvalidState`] for a database that [`prepare`] would refuse.
pub fn check(conn: &mut Conn) -> Result<Option<String>> {
    let found = revision(conn)?;
    match found.as_deref() {
        None => {}
        Some(HEAD) => check_workspaces(conn)?,
        Some(other) => return Err(wrong_revision(other)),
    }
    Ok(found)
}

fn has_table(conn: &mut Conn, name: &str) -> Result<bool> {
    let query = match conn {
        Conn::Pg(_) => {
            Sql::new("SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = ")
        }
        Conn::Sqlite(_) => Sql::new("SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = "),
    };
    Ok(query.bind(name).first::<BigInt, i64>(conn)?.is_some_and(|count| count > 0))
}

const fn schema(conn: &Conn) -> &'static str {
    match conn {
        Conn::Pg(_) => include_str!("../../migrations/postgres/mlflow_f4a9b2c7d1e6/up.sql"),
        Conn::Sqlite(_) => include_str!("../../migrations/sqlite/mlflow_f4a9b2c7d1e6/up.sql"),
    }
}

/// Runs what was not run yet. The table is read first: a role that may not create anything can still start
/// on a database that somebody else prepared.
fn add_extras(conn: &mut Conn) -> Result<()> {
    const TABLE: &str = "CREATE TABLE tracklet_migrations (version TEXT NOT NULL PRIMARY KEY)";
    if !has_table(conn, "tracklet_migrations")? {
        conn.batch(TABLE)?;
    }
    let done = Sql::new("SELECT version FROM tracklet_migrations").load::<Text, String>(conn)?;
    for (version, postgres, sqlite) in EXTRAS.iter().filter(|(version, ..)| !done.iter().any(|done| done == version)) {
        conn.batch(if matches!(conn, Conn::Pg(_)) { postgres } else { sqlite })?;
        Sql::new("INSERT INTO tracklet_migrations (version) VALUES (").bind(*version).push(")").execute(conn)?;
    }
    Ok(())
}

/// MLflow without workspaces refuses a database that uses them, and so does Tracklet: rows of another
/// workspace would be shown to everybody.
fn check_workspaces(conn: &mut Conn) -> Result<()> {
    let query = Sql::new(
        "SELECT name FROM experiments WHERE workspace <> 'default' UNION ALL \
                          SELECT name FROM registered_models WHERE workspace <> 'default' LIMIT 1",
    );
    match query.first::<Text, String>(conn)? {
        None => Ok(()),
        Some(_) => Err(refused(
            "it has experiments or models outside the workspace 'default', and workspaces are not supported",
        )),
    }
}

fn wrong_revision(found: &str) -> Error {
    let release = RELEASES.iter().find(|(revision, _)| *revision == found);
    let origin = release.map_or_else(
        || "no release of MLflow up to 3.18 ends at it".to_owned(),
        |(_, release)| format!("written by MLflow {release}"),
    );
    refused(&format!(
        "its schema is at revision '{found}' ({origin}). Needed is '{HEAD}', that of MLflow 3.18. Back the database \
         up, run `mlflow db upgrade <backend-store-uri>` with MLflow 3.18.0, and start Tracklet again"
    ))
}

fn refused(why: &str) -> Error {
    Error::new(Code::InvalidState, format!("This database cannot be used: {why}. Nothing was written to it."))
}
