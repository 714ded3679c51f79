//! Whether a pooler on the way to PostgreSQL gives each transaction to whichever session is free.
//!
//! A statement that was prepared in one session is unknown in the next, or is another client's there: one that finds
//! its values fitting would run in place of ours. So before any is kept, two connections look whose sessions they have.

use diesel::sql_types::BigInt;

use super::url::DatabaseUrl;
use super::{Conn, Sql};
use crate::error::{Error, Result};

/// How often both connections look again. Others use the pooler at the same time, so each look finds most of them.
const LOOKS: usize = 3;

/// Opens a second connection beside `first`. Without such a pooler both are in a session of their own and stay there.
///
/// # Errors
///
/// The second connection cannot be opened, or one of both does not answer.
pub(super) fn shares_sessions(url: &DatabaseUrl, first: &mut Conn) -> Result<bool> {
    if matches!(first, Conn::Sqlite(_)) {
        return Ok(false);
    }
    let mut second = Conn::open(url).map_err(Error::internal)?;
    let own = (session(first)?, session(&mut second)?);
    if own.0 == own.1 {
        return Ok(true);
    }
    for _ in 0..LOOKS {
        // The second one first: sessions that are handed out in turn would look like own ones otherwise.
        let now = (session(&mut second)?, session(first)?);
        if (now.1, now.0) != own {
            return Ok(true);
        }
    }
    Ok(false)
}

fn session(conn: &mut Conn) -> Result<Option<i64>> {
    Ok(Sql::dynamic("SELECT CAST(pg_backend_pid() AS BIGINT)").first::<BigInt, _>(conn)?)
}
