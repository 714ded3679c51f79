use super::*;

fn parse(uri: &str) -> Result<DatabaseUrl, String> {
    uri.parse().map_err(|error: InvalidUrl| error.to_string())
}

/// The libpq parameters of a URI, without the application's name, or why it is refused.
fn conninfo(uri: &str) -> String {
    match parse(uri) {
        Ok(DatabaseUrl::Postgres(postgres)) => {
            let conninfo = postgres.conninfo();
            let (given, name) = conninfo.rsplit_once("fallback_application_name=").unwrap_or_default();
            assert_eq!(name, "'tracklet'", "{uri}");
            given.trim().to_owned()
        }
        Ok(other) => format!("{other:?}"),
        Err(error) => error,
    }
}

#[test]
fn postgres_uris_mean_what_they_mean_to_sqlalchemy() {
    for (uri, expected) in [
        ("postgresql://u:p@h/db", "host='h' dbname='db' user='u' password='p'"),
        ("postgres://u:p@h/db", "host='h' dbname='db' user='u' password='p'"),
        ("postgresql+psycopg2://u:p@h/db", "host='h' dbname='db' user='u' password='p'"),
        ("postgresql+psycopg://u:p@h/db", "host='h' dbname='db' user='u' password='p'"),
        ("POSTGRESQL://h/db", "host='h' dbname='db'"),
        ("Postgresql+Psycopg2://h/db", "host='h' dbname='db'"),
        ("postgresql://u:p%40w%2F%25@h:5432/db", "host='h' port='5432' dbname='db' user='u' password='p@w/%'"),
        ("postgresql+psycopg2://h", "host='h'"),
        ("postgresql:///db", "dbname='db'"),
        ("postgresql://", ""),
        ("postgresql://u:@h/db", "host='h' dbname='db' user='u'"),
        ("postgresql://:p@h/db", "host='h' dbname='db' password='p'"),
        ("postgresql://u:p@[::1]:5432/db", "host='::1' port='5432' dbname='db' user='u' password='p'"),
        ("postgresql://[::1]/db", "host='::1' dbname='db'"),
        (
            "postgresql://u@h/db?sslmode=verify-full&sslrootcert=/a%2Fb",
            "host='h' dbname='db' user='u' sslmode='verify-full' sslrootcert='/a/b'",
        ),
        ("postgresql://u@/db?host=a:5432&host=b:6432", "host='a,b' port='5432,6432' dbname='db' user='u'"),
        ("postgresql://u@/db?host=a:5432&host=b", "host='a,b' port='5432,' dbname='db' user='u'"),
        ("postgresql://u@/db?host=a&host=b", "host='a,b' dbname='db' user='u'"),
        ("postgresql://u@/db?host=a&host=b&port=5433", "host='a,b' dbname='db' user='u' port='5433'"),
        ("postgresql://u@/db?host=a,b&port=1,2", "host='a,b' dbname='db' user='u' port='1,2'"),
        ("postgresql://u@h:1/db?host=a:5432&host=b", "host='a,b' port='5432,' dbname='db' user='u'"),
        ("postgresql://u@/db?host=[::1]:5432&host=b:1", "host='::1,b' port='5432,1' dbname='db' user='u'"),
        ("postgresql://u@/db?host=::1", "host='::1' dbname='db' user='u'"),
        ("postgresql://u@/db?host=/var/run/postgresql", "host='/var/run/postgresql' dbname='db' user='u'"),
        (
            "postgresql://u@/db?host=a:1&host=b:2&target_session_attrs=read-write",
            "host='a,b' port='1,2' dbname='db' user='u' target_session_attrs='read-write'",
        ),
        ("postgresql://h1,h2/db", "host='h1,h2' dbname='db'"),
        ("postgresql://h/db%20x", "host='h' dbname='db x'"),
        ("postgresql://h/db?options=-c%20search_path%3Dfoo", "host='h' dbname='db' options='-c search_path=foo'"),
        (
            "postgresql://u+x:p+y@h/d+b?application_name=a+b",
            "host='h' dbname='d+b' user='u+x' password='p+y' application_name='a b'",
        ),
        ("postgresql://h/db?sslmode=", "host='h' dbname='db'"),
        ("postgresql://h/db?port=5433", "host='h' dbname='db' port='5433'"),
        ("postgresql://h/db?dbname=x&user=y", "host='h' dbname='x' user='y'"),
        ("postgresql://u:p?x/y#z@h/db", "host='h' dbname='db' user='u' password='p?x/y#z'"),
        ("postgresql://u%27x:p%5C%27@h/db", r"host='h' dbname='db' user='u\'x' password='p\\\''"),
        ("postgresql://h?sslmode=require", "host='h' sslmode='require'"),
        ("postgresql://h/", "host='h'"),
    ] {
        assert_eq!(conninfo(uri), expected, "{uri}");
    }
}

#[test]
fn sqlite_uris() {
    for (uri, path, timeout) in [
        ("sqlite://", None, None),
        ("sqlite:///", None, None),
        ("sqlite:///:memory:", None, None),
        ("sqlite:///rel.db", Some("rel.db"), None),
        ("sqlite:////abs/x.db", Some("/abs/x.db"), None),
        ("sqlite:///./a/b.db", Some("./a/b.db"), None),
        ("sqlite:///a%20b.db", Some("a b.db"), None),
        ("SQLite:///x.db", Some("x.db"), None),
        ("sqlite+pysqlite:///x.db", Some("x.db"), None),
        ("sqlite:///x.db?timeout=1.5&check_same_thread=false", Some("x.db"), Some(Duration::from_millis(1500))),
    ] {
        let expected = Sqlite { path: path.map(PathBuf::from), busy_timeout: timeout };
        assert_eq!(parse(uri), Ok(DatabaseUrl::Sqlite(expected)), "{uri}");
    }
}

#[test]
fn refusals_name_the_remedy() {
    for (uri, fragment) in [
        (
            "mysql+pymysql://u:geheim@h/db",
            "'mysql+pymysql' databases are not supported. Tracklet supports postgresql://",
        ),
        ("mssql://u:geheim@h/db", "'mssql' databases are not supported"),
        ("postgresql+asyncpg://u:geheim@h/db", "'postgresql+asyncpg' databases are not supported"),
        ("file:///data/mlruns", "mlflow migrate-filestore"),
        ("FILE:./mlruns", "mlflow migrate-filestore"),
        ("./mlruns", "'./mlruns' is not a database URI"),
        ("mlruns", "for example sqlite:///mlflow.db"),
        ("/data/mlruns", "not a database URI"),
        ("", "not a database URI"),
        (" postgresql://u:geheim@h/db", "not a database URI"),
        ("u:geheim@h/db", "not a database URI"),
        ("u:geheim", "not a database URI"),
        ("postgresql:u:geheim@h/db", "has the form postgresql://"),
        ("sqlite:rel.db", "three slashes"),
        ("sqlite:/abs.db", "three slashes"),
        ("sqlite://host/x.db", "names no host"),
        ("sqlite://u:geheim@/x.db", "names no host"),
        ("sqlite:///file:x.db?mode=ro&uri=true", "file: URIs are not supported"),
        ("sqlite:///x.db?timeout=soon", "'timeout' is a number of seconds"),
        ("sqlite:///x.db?timeout=-1", "'timeout' is a number of seconds"),
        ("postgresql://u:geheim@w@h/db", "write an '@' in a password as %40"),
        ("postgresql://u@h:/db", "is not a port"),
        ("postgresql://u:geheim/db", "is not a port"),
        ("postgresql://h:99999/db", "is not a port"),
        ("postgresql://h1:5432,h2:5433/db", "several hosts as ?host=a:5432&host=b:5432"),
        ("postgresql://u:%ff@h/db", "not valid UTF-8"),
        ("postgresql://u:geheim@h/db?sslmode=a&sslmode=b", "'sslmode' is given more than once"),
        ("postgresql://u:geheim@h/db?ssl%20mode=a", "'ssl mode' is not a libpq connection parameter"),
        ("postgresql://u:a%00b@h/db", "NUL"),
    ] {
        let error = parse(uri).expect_err(uri);
        assert!(error.contains(fragment), "{uri}: {error}");
        assert!(!error.contains("geheim"), "{uri}: {error}");
    }
}

#[test]
fn passwords_are_never_shown() {
    let uri = "postgresql://u:geheim@h/db?sslpassword=geheim&sslmode=require";
    let url: DatabaseUrl = uri.parse().expect(uri);
    assert_eq!(
        url.to_string(),
        "postgresql host='h' dbname='db' user='u' password='***' sslpassword='***' sslmode='require' \
         fallback_application_name='tracklet'"
    );
    assert_eq!(format!("{url:?}"), url.to_string());
    let DatabaseUrl::Postgres(postgres) = url else { panic!("{uri}") };
    assert_eq!(format!("{postgres:?}"), postgres.to_string());
    assert!(postgres.conninfo().contains("password='geheim'"));
    assert_eq!((postgres.param("sslmode"), postgres.param("port")), (Some("require"), None));
}
