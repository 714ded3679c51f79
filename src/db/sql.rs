//! SQL text with its bound values: one text that both databases run.
//!
//! Diesel's own query builder cannot express multi-row upserts over two backends at once, so stores write
//! the SQL themselves and let diesel prepare, bind, cache and decode. Values never become part of the text:
//! [`Sql::bind`] is the only way in for anything that a client sent.

use std::borrow::Cow;
use std::marker::PhantomData;

use diesel::connection::DefaultLoadingMode;
use diesel::pg::{Pg, PgRowByRowLoadingMode};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::sql_types::{Array, BigInt, Bool, Double, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};

use super::conn::Conn;

/// A statement under construction.
///
/// A statement made by [`Sql::new`] is prepared once per connection and kept, so its text must come from a
/// small set; [`Sql::dynamic`] is for texts that depend on what the client asked.
#[derive(Debug, Default)]
pub struct Sql {
    parts: Vec<Part>,
    cached: bool,
}

#[derive(Debug)]
enum Part {
    Text(Cow<'static, str>),
    Bind(Bind),
    Any(Values),
}

/// A value bound to a statement; made by `into()` from the Rust type.
#[derive(Debug, Clone)]
pub enum Bind {
    /// Text, or NULL.
    Text(Option<String>),
    /// A 64-bit integer, or NULL.
    BigInt(Option<i64>),
    /// A double, or NULL. Never NaN: MLflow's tables keep NaN as zero with a flag.
    Double(Option<f64>),
    /// A truth value.
    Bool(bool),
    /// Columns for `UNNEST`, PostgreSQL only.
    Column(Values),
}

/// Many values of one type.
#[derive(Debug, Clone)]
pub enum Values {
    /// Texts.
    Texts(Vec<String>),
    /// 64-bit integers.
    BigInts(Vec<i64>),
    /// Doubles.
    Doubles(Vec<f64>),
    /// Truth values.
    Bools(Vec<bool>),
    /// Texts, or NULLs.
    TextsOrNull(Vec<Option<String>>),
    /// 64-bit integers, or NULLs.
    BigIntsOrNull(Vec<Option<i64>>),
    /// Doubles, or NULLs.
    DoublesOrNull(Vec<Option<f64>>),
}

macro_rules! bind_from {
    ($($from:ty => |$value:ident| $bind:expr),* $(,)?) => {
        $(impl From<$from> for Bind { fn from($value: $from) -> Self { $bind } })*
    };
}
bind_from! {
    String => |value| Self::Text(Some(value)),
    &str => |value| Self::Text(Some(value.to_owned())),
    &String => |value| Self::Text(Some(value.clone())),
    Option<String> => |value| Self::Text(value),
    Option<&str> => |value| Self::Text(value.map(str::to_owned)),
    i32 => |value| Self::BigInt(Some(i64::from(value))),
    i64 => |value| Self::BigInt(Some(value)),
    Option<i64> => |value| Self::BigInt(value),
    f64 => |value| Self::Double(Some(value)),
    Option<f64> => |value| Self::Double(value),
    bool => |value| Self::Bool(value),
    Vec<String> => |value| Self::Column(Values::Texts(value)),
    Vec<i64> => |value| Self::Column(Values::BigInts(value)),
    Vec<f64> => |value| Self::Column(Values::Doubles(value)),
    Vec<bool> => |value| Self::Column(Values::Bools(value)),
}

impl From<Vec<String>> for Values {
    fn from(values: Vec<String>) -> Self {
        Self::Texts(values)
    }
}

impl From<Vec<i64>> for Values {
    fn from(values: Vec<i64>) -> Self {
        Self::BigInts(values)
    }
}

impl Values {
    /// The values as a JSON array, the form in which SQLite takes a list as one bound value.
    fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Texts(values) => serde_json::to_string(values),
            Self::BigInts(values) => serde_json::to_string(values),
            Self::Doubles(values) => serde_json::to_string(values),
            Self::Bools(values) => serde_json::to_string(values),
            Self::TextsOrNull(values) => serde_json::to_string(values),
            Self::BigIntsOrNull(values) => serde_json::to_string(values),
            Self::DoublesOrNull(values) => serde_json::to_string(values),
        }
    }

    /// No values yet, of the type of this one.
    fn like(value: &Bind) -> Self {
        match value {
            Bind::Text(_) | Bind::Column(_) => Self::TextsOrNull(Vec::new()),
            Bind::BigInt(_) => Self::BigIntsOrNull(Vec::new()),
            Bind::Double(_) => Self::DoublesOrNull(Vec::new()),
            Bind::Bool(_) => Self::Bools(Vec::new()),
        }
    }

    /// Takes a value of the type that the others have; any other has no place here.
    fn take(&mut self, value: Bind) {
        match (self, value) {
            (Self::TextsOrNull(values), Bind::Text(value)) => values.push(value),
            (Self::BigIntsOrNull(values), Bind::BigInt(value)) => values.push(value),
            (Self::DoublesOrNull(values), Bind::Double(value)) => values.push(value),
            (Self::Bools(values), Bind::Bool(value)) => values.push(value),
            _ => {}
        }
    }
}

impl Sql {
    /// A statement whose text is constant but for its bound values.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { parts: vec![Part::Text(text.into())], cached: true }
    }

    /// A statement whose text depends on the request, not kept after it ran.
    #[must_use]
    pub fn dynamic(text: impl Into<Cow<'static, str>>) -> Self {
        Self { parts: vec![Part::Text(text.into())], cached: false }
    }

    /// Appends SQL text. Never text that a client sent.
    #[must_use]
    pub fn push(mut self, text: impl Into<Cow<'static, str>>) -> Self {
        self.parts.push(Part::Text(text.into()));
        self
    }

    /// Appends a bound value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Bind>) -> Self {
        self.parts.push(Part::Bind(value.into()));
        self
    }

    /// Appends a condition that the expression before it equals one of `values`.
    #[must_use]
    pub fn is_any(mut self, values: impl Into<Values>) -> Self {
        self.parts.push(Part::Any(values.into()));
        self
    }

    /// Appends rows, of which there are some, for an `INSERT`: columns on PostgreSQL, whose text is the same for any
    /// number of rows, and `VALUES` on SQLite, which binds 32,766 values at most.
    #[must_use]
    pub fn rows<const N: usize>(self, conn: &Conn, rows: impl IntoIterator<Item = [Bind; N]>) -> Self {
        match conn {
            Conn::Pg(_) => self.columns(rows),
            Conn::Sqlite(_) => {
                let sql = Self { cached: false, ..self };
                rows.into_iter()
                    .enumerate()
                    .fold(sql, |sql, (index, row)| sql.push(if index == 0 { "VALUES " } else { ", " }).list(row))
            }
        }
    }

    fn columns<const N: usize>(self, rows: impl IntoIterator<Item = [Bind; N]>) -> Self {
        let mut rows = rows.into_iter().peekable();
        let mut columns: Vec<Values> = rows.peek().map_or_else(Vec::new, |row| row.iter().map(Values::like).collect());
        for row in rows {
            columns.iter_mut().zip(row).for_each(|(column, value)| column.take(value));
        }
        self.push("SELECT * FROM UNNEST").list(columns.into_iter().map(Bind::Column))
    }

    /// Appends values in parentheses.
    fn list(self, values: impl IntoIterator<Item = Bind>) -> Self {
        let values = values.into_iter().enumerate();
        values.fold(self, |sql, (index, value)| sql.push(if index == 0 { "(" } else { ", " }).bind(value)).push(")")
    }

    /// Appends another statement's text and values.
    #[must_use]
    pub fn append(mut self, other: Self) -> Self {
        self.parts.extend(other.parts);
        self
    }

    /// Holds the rows that a `SELECT` finds until the end of the transaction, by PostgreSQL's `lock`. SQLite's
    /// transactions that write hold everything.
    #[must_use]
    pub fn holding(self, conn: &Conn, lock: &'static str) -> Self {
        match conn {
            Conn::Pg(_) => self.push(" ").push(lock),
            Conn::Sqlite(_) => self,
        }
    }

    /// Runs the statement and returns the number of rows it changed.
    pub fn execute(self, conn: &mut Conn) -> QueryResult<usize> {
        let query = Typed::<()>::of(self)?;
        match conn {
            Conn::Pg(conn) => query.execute(conn),
            Conn::Sqlite(conn) => query.execute(conn),
        }
    }

    /// Runs the statement and returns all rows, decoded from the SQL types `ST` to `U`.
    pub fn load<ST, U>(self, conn: &mut Conn) -> QueryResult<Vec<U>>
    where
        Typed<ST>: Decodes<U>,
    {
        let query = Typed::<ST>::of(self)?;
        match conn {
            Conn::Pg(conn) => query.load(conn),
            Conn::Sqlite(conn) => query.load(conn),
        }
    }

    /// Runs the statement and returns its first row, if there is one.
    pub fn first<ST, U>(self, conn: &mut Conn) -> QueryResult<Option<U>>
    where
        Typed<ST>: Decodes<U>,
    {
        Ok(self.load(conn)?.into_iter().next())
    }

    /// Runs the statement and hands over row after row as the database delivers them, holding one at a time.
    pub fn for_each<ST, U, E>(self, conn: &mut Conn, mut take: impl FnMut(U) -> Result<(), E>) -> Result<(), E>
    where
        E: From<diesel::result::Error>,
        Typed<ST>: Decodes<U>,
    {
        let query = Typed::<ST>::of(self)?;
        match conn {
            Conn::Pg(conn) => query.load_iter::<U, PgRowByRowLoadingMode>(conn)?.try_for_each(|row| take(row?)),
            Conn::Sqlite(conn) => query.load_iter::<U, DefaultLoadingMode>(conn)?.try_for_each(|row| take(row?)),
        }
    }
}

/// A query whose rows both databases can decode to `U`.
pub trait Decodes<U>:
    LoadQuery<'static, PgConnection, U>
    + LoadQuery<'static, PgConnection, U, PgRowByRowLoadingMode>
    + LoadQuery<'static, SqliteConnection, U>
{
}

impl<T, U> Decodes<U> for T where
    T: LoadQuery<'static, PgConnection, U>
        + LoadQuery<'static, PgConnection, U, PgRowByRowLoadingMode>
        + LoadQuery<'static, SqliteConnection, U>
{
}

/// A [`Sql`] whose rows have the SQL types `ST`.
pub struct Typed<ST> {
    sql: Sql,
    /// The JSON texts of the `is_any` parts, in their order, for SQLite.
    lists: Vec<String>,
    row: PhantomData<ST>,
}

impl<ST> Typed<ST> {
    fn of(sql: Sql) -> QueryResult<Self> {
        let lists = sql.parts.iter().filter_map(|part| match part {
            Part::Any(values) => Some(values.to_json()),
            Part::Text(_) | Part::Bind(_) => None,
        });
        let lists = lists
            .collect::<Result<_, _>>()
            .map_err(|error| diesel::result::Error::SerializationError(Box::new(error)))?;
        Ok(Self { sql, lists, row: PhantomData })
    }
}

impl<ST> Query for Typed<ST> {
    type SqlType = ST;
}

impl<ST> QueryId for Typed<ST> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<ST, C: Connection> RunQueryDsl<C> for Typed<ST> {}

impl<ST> QueryFragment<Pg> for Typed<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        if !self.sql.cached {
            out.unsafe_to_cache_prepared();
        }
        for part in &self.sql.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Bind(Bind::Column(values)) => push_array(&mut out, values)?,
                Part::Bind(Bind::Text(value)) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Part::Bind(Bind::BigInt(value)) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Part::Bind(Bind::Double(value)) => out.push_bind_param::<Nullable<Double>, _>(value)?,
                Part::Bind(Bind::Bool(value)) => out.push_bind_param::<Bool, _>(value)?,
                Part::Any(values) => {
                    out.push_sql(" = ANY(");
                    push_array(&mut out, values)?;
                    out.push_sql(")");
                }
            }
        }
        Ok(())
    }
}

fn push_array<'b>(out: &mut AstPass<'_, 'b, Pg>, values: &'b Values) -> QueryResult<()> {
    match values {
        Values::Texts(values) => out.push_bind_param::<Array<Text>, _>(values),
        Values::BigInts(values) => out.push_bind_param::<Array<BigInt>, _>(values),
        Values::Doubles(values) => out.push_bind_param::<Array<Double>, _>(values),
        Values::Bools(values) => out.push_bind_param::<Array<Bool>, _>(values),
        Values::TextsOrNull(values) => out.push_bind_param::<Array<Nullable<Text>>, _>(values),
        Values::BigIntsOrNull(values) => out.push_bind_param::<Array<Nullable<BigInt>>, _>(values),
        Values::DoublesOrNull(values) => out.push_bind_param::<Array<Nullable<Double>>, _>(values),
    }
}

impl<ST> QueryFragment<Sqlite> for Typed<ST> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.sql.cached {
            out.unsafe_to_cache_prepared();
        }
        let mut lists = self.lists.iter();
        for part in &self.sql.parts {
            match part {
                Part::Text(text) => out.push_sql(text),
                Part::Bind(Bind::Text(value)) => out.push_bind_param::<Nullable<Text>, _>(value)?,
                Part::Bind(Bind::BigInt(value)) => out.push_bind_param::<Nullable<BigInt>, _>(value)?,
                Part::Bind(Bind::Double(value)) => out.push_bind_param::<Nullable<Double>, _>(value)?,
                Part::Bind(Bind::Bool(value)) => out.push_bind_param::<Bool, _>(value)?,
                Part::Bind(Bind::Column(_)) => {
                    return Err(diesel::result::Error::QueryBuilderError("SQLite has no UNNEST".into()));
                }
                Part::Any(_) => {
                    out.push_sql(" IN (SELECT value FROM json_each(");
                    if let Some(list) = lists.next() {
                        out.push_bind_param::<Text, _>(list)?;
                    }
                    out.push_sql("))");
                }
            }
        }
        Ok(())
    }
}
