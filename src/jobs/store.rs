//! Jobs in the database.

use diesel::sql_types::Text;

use crate::db::{Conn, Sql};
use crate::error::Result;

/// Jobs that one transaction deletes.
const AT_ONCE: i64 = 1_000;

/// Deletes some finished jobs (succeeded, failed, timed out or cancelled) and returns their ids; none are left when it
/// returns none. Both conditions have to hold: created before that time, and one of these.
pub fn erase_finished(conn: &mut Conn, before: Option<i64>, ids: Option<&[String]>) -> Result<Vec<String>> {
    let mut query = Sql::new("SELECT id FROM jobs WHERE status IN (2, 3, 4, 5)");
    if let Some(before) = before {
        query = query.push(" AND creation_time < ").bind(before);
    }
    if let Some(ids) = ids {
        query = query.push(" AND id").is_any(ids.to_vec());
    }
    let erased: Vec<String> = query.push(" ORDER BY id LIMIT ").bind(AT_ONCE).load::<Text, String>(conn)?;
    Sql::new("DELETE FROM jobs WHERE id").is_any(erased.clone()).execute(conn)?;
    Ok(erased)
}
