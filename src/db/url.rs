//! Database URIs: SQLAlchemy's grammar in, libpq connection strings and SQLite paths out.
//!
//! An operator moves an existing `--backend-store-uri` over unchanged, so the grammar is the one of
//! SQLAlchemy (the one a running MLflow obeys), not that of RFC 3986: a password may hold a `/` or a
//! `?`, the text before the first `@` is the credentials, `+` is a blank in the query alone.
//!
//! See <https://docs.sqlalchemy.org/en/20/core/engines.html#database-urls> and
//! <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS>.

use std::{fmt, path::PathBuf, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;

/// What the refusals of other databases end with.
const SUPPORTED: &str = "Tracklet supports postgresql:// (also postgres://, postgresql+psycopg2:// and \
                         postgresql+psycopg://) and sqlite:/// URIs";

/// Where the tracking data lives. Neither `Debug` nor `Display` shows a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A PostgreSQL server, or several of which libpq chooses one.
    Postgres(Postgres),
    /// SQLite, inside this process.
    Sqlite(Sqlite),
}

/// The libpq parameters of a `postgresql://` URI.
#[derive(Clone, PartialEq, Eq)]
pub struct Postgres {
    /// Keyword and value, in libpq's words, each keyword once.
    params: Vec<(String, String)>,
}

/// The file of a `sqlite:///` URI.
#[derive(Clone, PartialEq, Eq)]
pub struct Sqlite {
    /// The file as written, so relative to the working directory; `None` is a database in memory, which
    /// ends with its last connection.
    pub path: Option<PathBuf>,
    /// How long a connection waits for another's lock, when the URI says so (`?timeout=` in seconds).
    pub busy_timeout: Option<Duration>,
}

/// Why a database URI is refused. The text never holds the password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidUrl(String);

impl DatabaseUrl {
    /// A SQLite database in this file.
    pub fn sqlite(path: impl Into<PathBuf>) -> Self {
        Self::Sqlite(Sqlite { path: Some(path.into()), busy_timeout: None })
    }

    /// A `SQLite` database that ends with its last connection.
    #[must_use]
    pub const fn in_memory() -> Self {
        Self::Sqlite(Sqlite { path: None, busy_timeout: None })
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(uri: &str) -> Result<Self, InvalidUrl> {
        let Some((scheme, rest)) = uri.split_once("://") else {
            return Err(unsupported(uri));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "postgresql" | "postgres" | "postgresql+psycopg2" | "postgresql+psycopg" | "postgresql+psycopg2cffi" => {
                postgres(&Parts::split(rest)?).map(Self::Postgres)
            }
            "sqlite" | "sqlite+pysqlite" => sqlite(&Parts::split(rest)?).map(Self::Sqlite),
            _ => Err(unsupported(uri)),
        }
    }
}

fn invalid(message: impl Into<String>) -> InvalidUrl {
    InvalidUrl(message.into())
}

/// The refusal of everything that is neither PostgreSQL nor SQLite; names a remedy where there is one.
fn unsupported(uri: &str) -> InvalidUrl {
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    let is_scheme = !scheme.is_empty() && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    match scheme.as_str() {
        "file" => invalid(format!(
            "a file store is not supported, as it is deprecated in MLflow. Use a database, for example \
             sqlite:///mlflow.db; `mlflow migrate-filestore --source ./mlruns --target sqlite:///mlflow.db` moves the \
             data of a file store into one. {SUPPORTED}."
        )),
        "sqlite" => invalid(
            "a SQLite URI has three slashes before a relative path (sqlite:///mlflow.db) and four \
                             before an absolute one (sqlite:////data/mlflow.db)",
        ),
        "postgresql" | "postgres" => {
            invalid("a PostgreSQL URI has the form postgresql://USER:PASSWORD@HOST:PORT/DATABASE")
        }
        _ if !uri.contains("://") => invalid(format!(
            "'{}' is not a database URI: a plain path would be a file store, which is not supported. Use a database, \
             for example sqlite:///mlflow.db. {SUPPORTED}.",
            if uri.contains([':', '@']) { "***" } else { uri }
        )),
        _ if is_scheme => invalid(format!("'{scheme}' databases are not supported. {SUPPORTED}.")),
        _ => invalid(format!("not a database URI. {SUPPORTED}.")),
    }
}

/// A URI behind its scheme, cut where SQLAlchemy cuts it; credentials, database and query are decoded.
struct Parts {
    user: Option<String>,
    password: Option<String>,
    host: Option<String>,
    port: Option<u16>,
    database: Option<String>,
    query: Vec<(String, String)>,
}

impl Parts {
    fn split(rest: &str) -> Result<Self, InvalidUrl> {
        let (credentials, rest) = split_credentials(rest);
        let (user, password) = match credentials {
            None => (None, None),
            Some((user, password)) => (Some(decode(user)?), password.map(decode).transpose()?),
        };
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = match before_query.split_once('/') {
            Some((authority, database)) => (authority, Some(decode(database)?)),
            None => (before_query, None),
        };
        let (host, port) = split_host_port(authority);
        if host.is_some_and(|host| host.contains('@')) {
            return Err(invalid("there is more than one '@' before the host; write an '@' in a password as %40"));
        }
        Ok(Self {
            user: user.filter(|user| !user.is_empty()),
            password: password.filter(|password| !password.is_empty()),
            host: host.map(ToOwned::to_owned),
            port: port.map(parse_port).transpose()?,
            database: database.filter(|database| !database.is_empty()),
            query: url::form_urlencoded::parse(query.as_bytes())
                .filter(|(_, value)| !value.is_empty())
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        })
    }

    /// Every value of a query parameter.
    fn query(&self, key: &str) -> Vec<&str> {
        self.query.iter().filter(|(name, _)| name == key).map(|(_, value)| value.as_str()).collect()
    }
}

/// Cuts `user:password@` off. A password reaches to the first `@`, whatever else it holds; a user without
/// password reaches to the last `@` before the first `:` or `/`.
fn split_credentials(rest: &str) -> (Option<(&str, Option<&str>)>, &str) {
    let end = rest.find([':', '/']).unwrap_or(rest.len());
    let (head, tail) = rest.split_at(end);
    if let Some((password, after)) = tail.strip_prefix(':').and_then(|tail| tail.split_once('@')) {
        return (Some((head, Some(password))), after);
    }
    match head.rfind('@') {
        Some(at) => (Some((head.split_at(at).0, None)), rest.split_at(at + 1).1),
        None => (None, rest),
    }
}

/// `host:port`, `[v6]:port`, either part alone; the brackets go.
fn split_host_port(authority: &str) -> (Option<&str>, Option<&str>) {
    let (host, port) = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, after)) => (host, after.strip_prefix(':')),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    (Some(host).filter(|host| !host.is_empty()), port)
}

/// The refused text stays out of the message: it is a password when its `@` was forgotten.
fn parse_port(port: &str) -> Result<u16, InvalidUrl> {
    port.parse().ok().filter(|port| *port != 0).ok_or_else(|| {
        invalid(
            "what follows the ':' behind the host is not a port. Write '@', ':' and '/' in a user name or password \
             percent-encoded, and several hosts as ?host=a:5432&host=b:5432",
        )
    })
}

fn decode(text: &str) -> Result<String, InvalidUrl> {
    let decoded =
        percent_decode_str(text).decode_utf8().map_err(|_| invalid("a percent-encoded part is not valid UTF-8"))?;
    Ok(decoded.into_owned())
}

fn postgres(parts: &Parts) -> Result<Postgres, InvalidUrl> {
    let mut params = Params(Vec::new());
    let hosts = parts.query("host");
    if hosts.is_empty() {
        params.set("host", parts.host.as_deref());
        params.set("port", parts.port.map(|port| port.to_string()).as_deref());
    } else {
        set_hosts(&mut params, &hosts);
    }
    params.set("dbname", parts.database.as_deref());
    params.set("user", parts.user.as_deref());
    params.set("password", parts.password.as_deref());
    for (key, value) in parts.query.iter().filter(|(key, _)| key != "host") {
        if !key.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_') {
            return Err(invalid(format!("'{}' is not a libpq connection parameter", key.escape_default())));
        }
        if parts.query(key).len() > 1 {
            return Err(invalid(format!("the parameter '{key}' is given more than once")));
        }
        params.set(key, Some(value));
    }
    params.0.push(("fallback_application_name".to_owned(), "tracklet".to_owned()));
    if params.0.iter().any(|(_, value)| value.contains('\0')) {
        return Err(invalid("a NUL character cannot be part of a connection string"));
    }
    Ok(Postgres { params: params.0 })
}

/// libpq takes several hosts as two lists of equal length; the ports may be missing.
fn set_hosts<'a>(params: &mut Params, hosts: &[&'a str]) {
    let split = |host: &&'a str| {
        let is_bare = host.starts_with('/') || host.matches(':').count() > 1 && !host.starts_with('[');
        let (name, port) = if is_bare { (Some(*host), None) } else { split_host_port(host) };
        (name.unwrap_or(""), port.unwrap_or(""))
    };
    let split: Vec<_> = hosts.iter().map(split).collect();
    let list = |part: fn(&(&str, &str)) -> String| split.iter().map(part).collect::<Vec<_>>().join(",");
    params.set("host", Some(&list(|(name, _)| (*name).to_owned())));
    if split.iter().any(|(_, port)| !port.is_empty()) {
        params.set("port", Some(&list(|(_, port)| (*port).to_owned())));
    }
}

/// Parameters of which a later one replaces an earlier one of the same keyword.
struct Params(Vec<(String, String)>);

impl Params {
    fn set(&mut self, key: &str, value: Option<&str>) {
        let Some(value) = value else { return };
        self.0.retain(|(name, _)| name != key);
        self.0.push((key.to_owned(), value.to_owned()));
    }
}

fn sqlite(parts: &Parts) -> Result<Sqlite, InvalidUrl> {
    if parts.host.is_some() || parts.user.is_some() || parts.password.is_some() || parts.port.is_some() {
        return Err(invalid(
            "a SQLite URI names no host: sqlite:///relative/path.db, sqlite:////absolute/path.db or sqlite:// for a \
             database in memory",
        ));
    }
    let path = parts.database.as_deref().filter(|path| *path != ":memory:");
    if path.is_some_and(|path| path.starts_with("file:") || path.contains('\0')) {
        return Err(invalid("SQLite's own file: URIs are not supported; write sqlite:///path/to/file.db"));
    }
    let busy_timeout = parts.query("timeout").last().map(|seconds| {
        seconds
            .parse()
            .ok()
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .ok_or_else(|| invalid("'timeout' is a number of seconds"))
    });
    Ok(Sqlite { path: path.map(PathBuf::from), busy_timeout: busy_timeout.transpose()? })
}

impl Postgres {
    /// The connection string for libpq. It holds the password: for connecting, never for a log.
    #[must_use]
    pub fn conninfo(&self) -> String {
        render(&self.params, false)
    }

    /// The value of a libpq parameter, if the URI set it.
    #[must_use]
    pub fn param(&self, keyword: &str) -> Option<&str> {
        self.params.iter().find(|(name, _)| name == keyword).map(|(_, value)| value.as_str())
    }
}

/// `key='value'` pairs, quoted as libpq wants them.
fn render(params: &[(String, String)], redact: bool) -> String {
    let pair = |(key, value): &(String, String)| {
        if redact && key.contains("password") {
            return format!("{key}='***'");
        }
        format!("{key}='{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
    };
    params.iter().map(pair).collect::<Vec<_>>().join(" ")
}

impl fmt::Display for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "postgresql {}", render(&self.params, true))
    }
}

impl fmt::Display for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.path {
            Some(path) => write!(f, "sqlite:///{}", path.display()),
            None => f.write_str("sqlite:///:memory:"),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postgres(postgres) => postgres.fmt(f),
            Self::Sqlite(sqlite) => sqlite.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Sqlite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests;
