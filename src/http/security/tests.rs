use super::*;

fn rules(hosts: &[&str], origins: &[&str]) -> Rules {
    let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect();
    let security =
        Security { allowed_hosts: owned(hosts), cors_allowed_origins: owned(origins), ..Security::default() };
    Rules::new(&security, "")
}

fn get<'a>(path: &'a str, host: &'a str) -> Seen<'a> {
    Seen { method: "GET", path, host, ..Seen::default() }
}

fn passes_host(rules: &Rules, host: &str) -> bool {
    rules.decide(&get("/api/2.0/mlflow/experiments/search", host)) == Verdict::Pass
}

#[test]
fn default_hosts() {
    let rules = rules(&[], &[]);
    for (host, allowed) in [
        ("localhost", true),
        ("localhost:5000", true),
        ("LOCALHOST", true),
        ("Localhost:5000", true),
        ("localhost.", true),
        ("127.0.0.1", true),
        ("127.0.0.1:5000", true),
        ("127.0.0.2", true),
        ("[::1]", true),
        ("[::1]:5000", true),
        ("0.0.0.0:80", true),
        ("10.1.2.3", true),
        ("10.1.2.3:5000", true),
        ("192.168.1.1:80", true),
        ("172.16.0.1", true),
        ("172.31.1.1:80", true),
        ("fc00::1", true),
        ("[fc00::1]:5000", true),
        ("[fd00::1]", true),
        ("172.15.1.1", false),
        ("172.32.1.1", false),
        ("10.evil.com", false),
        ("192.168.evil.com", false),
        ("10.1.2", false),
        ("10.1.2.3.4", false),
        ("10.*", false),
        ("[2001:db8::1]", false),
        ("8.8.8.8", false),
        ("evil.com", false),
        ("evil.com:5000", false),
        ("mlflow.ns.svc", false),
        ("localhost.evil.com", false),
        ("localhost:abc", false),
        ("localhost:99999", false),
        ("localhost:5000:6", false),
        ("localhost:@evil.com", false),
        ("user@localhost", false),
        ("localhost/x", false),
        ("[::1", false),
        ("[::1]x", false),
        ("[evil.com]", false),
        ("fc00::1%evil.com", false),
        ("a b", false),
        ("", false),
    ] {
        assert_eq!(passes_host(&rules, host), allowed, "{host:?}");
    }
}

#[test]
fn listed_hosts() {
    let listed = rules(
        &[
            "mlflow.Example.com",
            "10.0.0.100:5000",
            "*.corp.example",
            "192.168.*",
            "pin-*:81",
            "[::1]:*",
            "172.16.*:5000",
        ],
        &[],
    );
    for (host, allowed) in [
        ("mlflow.example.com", true),
        ("mlflow.example.com:5000", true),
        ("MLFLOW.example.com:443", true),
        ("x.mlflow.example.com", false),
        ("mlflow.example.com.evil.com", false),
        ("10.0.0.100:5000", true),
        ("10.0.0.100", false),
        ("10.0.0.100:6000", false),
        ("x.corp.example", true),
        ("x.y.corp.example:80", true),
        ("corp.example", false),
        ("192.168.1.1", true),
        ("192.168.1.1:80", true),
        ("192.168.x.y", false),
        ("192.168.1.1.evil.com", false),
        ("172.16.1.1:5000", true),
        ("172.16.1.1:5001", false),
        ("172.16.evil:5000", false),
        ("pin-a:81", true),
        ("pin-a:82", false),
        ("[::1]:5000", true),
        ("[::1]", false),
        ("localhost", false),
    ] {
        assert_eq!(passes_host(&listed, host), allowed, "{host:?}");
    }
    assert!(passes_host(&rules(&["a", "*"], &[]), "evil.com"));
    assert!(passes_host(&rules(&["*"], &[]), ""));
}

#[test]
fn probes_need_no_host() {
    let (plain, prefixed) = (rules(&[], &[]), Rules::new(&Security::default(), "/pre"));
    for (rules, path, passes) in [
        (&plain, "/health", true),
        (&plain, "/version", true),
        (&plain, "/health/", false),
        (&plain, "/", false),
        (&prefixed, "/pre/health", true),
        (&prefixed, "/prehealth", false),
        (&prefixed, "/pre/x/health", false),
    ] {
        assert_eq!(rules.decide(&get(path, "evil.com")) == Verdict::Pass, passes, "{path}");
    }
}

#[test]
fn callers() {
    use Caller::{Anybody, Foreign, Listed, NoPage, OurPage};
    let listed = rules(&[], &["https://app.example.com", "https://*.corp.example", "http://Team.example:*"]);
    let every = rules(&[], &["https://app.example.com", "*"]);
    for (rules, origin, host, expected) in [
        (&listed, "", "localhost", NoPage),
        (&listed, "http://localhost", "10.0.0.1", Listed),
        (&listed, "http://localhost:3000", "10.0.0.1", Listed),
        (&listed, "https://localhost", "10.0.0.1", Listed),
        (&listed, "http://127.0.0.1:1", "10.0.0.1", Listed),
        (&listed, "http://[::1]:3", "10.0.0.1", Listed),
        (&listed, "http://localhost.evil.com", "10.0.0.1", Foreign),
        (&listed, "http://localhost@evil.com", "10.0.0.1", Foreign),
        (&listed, "ftp://localhost", "10.0.0.1", Foreign),
        (&listed, "localhost", "localhost", Foreign),
        (&listed, "null", "10.0.0.1", Foreign),
        (&listed, "null", "null", Foreign),
        (&listed, "garbage", "10.0.0.1", Foreign),
        (&listed, "https://app.example.com", "10.0.0.1", Listed),
        (&listed, "https://APP.example.com", "10.0.0.1", Listed),
        (&listed, "http://app.example.com", "10.0.0.1", Foreign),
        (&listed, "https://app.example.com:8443", "10.0.0.1", Foreign),
        (&listed, "https://app.example.com.evil.com", "10.0.0.1", Foreign),
        (&listed, "https://x.corp.example", "10.0.0.1", Listed),
        (&listed, "https://evil.com/.corp.example", "10.0.0.1", Foreign),
        (&listed, "https://evil.com?.corp.example", "10.0.0.1", Foreign),
        (&listed, "http://team.example:1", "10.0.0.1", Listed),
        (&listed, "http://mlflow.example", "mlflow.example", OurPage),
        (&listed, "https://mlflow.example", "mlflow.example", OurPage),
        (&listed, "https://MLFLOW.example", "mlflow.example:443", OurPage),
        (&listed, "https://mlflow.example:443", "mlflow.example", OurPage),
        (&listed, "http://mlflow.example:5000", "mlflow.example:5000", OurPage),
        (&listed, "http://[fc00::1]:5000", "[fc00::1]:5000", OurPage),
        (&listed, "http://mlflow.example:5000", "mlflow.example", Foreign),
        (&listed, "http://mlflow.example", "mlflow.example:5000", Foreign),
        (&listed, "http://mlflow.example", "mlflow.example:443", Foreign),
        (&listed, "http://evil.com", "mlflow.example", Foreign),
        (&every, "http://evil.com", "mlflow.example", Anybody),
        (&every, "", "mlflow.example", NoPage),
    ] {
        assert_eq!(rules.origins.classify(origin, host), expected, "{origin:?} at {host:?}");
    }
}

#[test]
fn foreign_pages_change_nothing() {
    let rules = rules(&[], &[]);
    for (method, path, origin, expected) in [
        ("POST", "/api/2.0/mlflow/runs/create", "http://evil.com", true),
        ("PUT", "/api/2.0/mlflow-artifacts/artifacts/x", "http://evil.com", true),
        ("DELETE", "/ajax-api/2.0/mlflow/x", "null", true),
        ("PATCH", "/api/2.0/mlflow/x", "http://evil.com", true),
        ("POST", "/graphql", "http://evil.com", true),
        ("POST", "/v1/traces", "http://evil.com", true),
        ("GET", "/api/2.0/mlflow/x", "http://evil.com", false),
        ("HEAD", "/api/2.0/mlflow/x", "http://evil.com", false),
        ("POST", "/api/2.0/mlflow/x", "", false),
        ("POST", "/api/2.0/mlflow/x", "http://localhost:5000", false),
        ("POST", "/api/2.0/mlflow/x", "http://localhost:3000", false),
    ] {
        let seen = Seen { method, path, host: "localhost:5000", origin, ..Seen::default() };
        let blocked = matches!(rules.decide(&seen), Verdict::Refuse { body: CORS_BLOCKED, .. });
        assert_eq!(blocked, expected, "{method} {path} {origin}");
    }
}

#[test]
fn preflights() {
    let rules = rules(&[], &["https://app.example.com"]);
    let answer = |status, body: &str| Verdict::Preflight { status, body: body.to_owned() };
    for (origin, preflight_method, expected) in [
        ("https://app.example.com", Some("POST"), answer(200, "OK")),
        ("http://localhost:3000", Some("DELETE"), answer(200, "OK")),
        ("http://evil.com", Some("POST"), answer(400, "Disallowed CORS origin")),
        ("http://localhost:1", Some("PURGE"), answer(400, "Disallowed CORS method")),
        ("http://evil.com", Some("PURGE"), answer(400, "Disallowed CORS origin, method")),
        ("http://evil.com", None, Verdict::NoContent),
        ("", Some("POST"), Verdict::NoContent),
    ] {
        let path = "/api/2.0/mlflow/runs/create";
        let seen = Seen { method: "OPTIONS", path, host: "localhost", origin, preflight_method, ..Seen::default() };
        assert_eq!(rules.decide(&seen), expected, "{origin} {preflight_method:?}");
    }
}

#[test]
fn headers_for_each_caller() {
    const BASE: &str = "x-content-type-options: nosniff\nx-frame-options: SAMEORIGIN\nvary: Origin";
    const READ: &str = "access-control-expose-headers: *";
    const PREFLIGHT: &str = "vary: Access-Control-Request-Method, Access-Control-Request-Headers\n\
        access-control-allow-methods: GET, POST, PUT, DELETE, OPTIONS, PATCH\n\
        access-control-max-age: 600\naccess-control-allow-headers: x-a";
    let (listed, every) = (rules(&[], &["https://app.example.com"]), rules(&[], &["*"]));
    let names = |rules: &Rules, path: &str, origin: &str, preflight_method: Option<&str>| {
        let method = if preflight_method.is_none() { "GET" } else { "OPTIONS" };
        let preflight_headers = preflight_method.map(|_| "x-a");
        let seen = Seen { method, path, host: "localhost", origin, preflight_method, preflight_headers };
        let headers = rules.headers(&seen, &rules.decide(&seen));
        headers.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("\n")
    };
    let origin = |origin| format!("access-control-allow-origin: {origin}\naccess-control-allow-credentials: true");
    let (app, local, evil) = ("https://app.example.com", "http://localhost:1", "http://evil.com");
    for (rules, caller, method, expected) in [
        (&listed, "", None, BASE.to_owned()),
        (&listed, evil, None, BASE.to_owned()),
        (&listed, app, None, format!("{BASE}\n{}\n{READ}", origin(app))),
        (&listed, local, None, format!("{BASE}\n{}\n{READ}", origin(local))),
        (&every, evil, None, format!("{BASE}\naccess-control-allow-origin: *\n{READ}")),
        (&listed, app, Some("POST"), format!("{BASE}\n{}\n{PREFLIGHT}", origin(app))),
        (&listed, evil, Some("POST"), format!("{BASE}\n{PREFLIGHT}")),
    ] {
        assert_eq!(names(rules, "/api/2.0/mlflow/x", caller, method), expected, "{caller} {method:?}");
    }
    let renderer = "/static-files/lib/notebook-trace-renderer/index.html";
    assert!(!names(&listed, renderer, "", None).contains("x-frame-options"));
}

#[test]
fn frame_options_and_the_switch() {
    for (frame_options, expected) in [
        (FrameOptions::SameOrigin, Some("SAMEORIGIN")),
        (FrameOptions::Deny, Some("DENY")),
        (FrameOptions::Unrestricted, None),
    ] {
        let rules = Rules::new(&Security { frame_options, ..Security::default() }, "");
        let headers = rules.headers(&get("/", "localhost"), &Verdict::Pass);
        let sent = headers.iter().find(|(name, _)| *name == "x-frame-options").map(|(_, value)| value.as_str());
        assert_eq!(sent, expected);
    }
    let off = Rules::new(&Security { enabled: false, ..Security::default() }, "");
    let seen = Seen { method: "POST", origin: "http://evil.com", ..get("/api/2.0/x", "evil.com") };
    assert_eq!(off.decide(&seen), Verdict::Pass);
    assert_eq!(off.headers(&seen, &Verdict::Pass), []);
}

#[test]
fn globs() {
    for (pattern, text, expected) in [
        ("a", "a", true),
        ("a", "ab", false),
        ("*", "", true),
        ("a*", "a", true),
        ("*a", "ba", true),
        ("*a", "ab", false),
        ("a*b", "ab", true),
        ("a*b", "axxb", true),
        ("ab*ba", "aba", false),
        ("a*b*c", "abc", true),
        ("a*b*c", "acb", false),
        ("*é*", "xéy", true),
        ("[a]*", "a", false),
    ] {
        assert_eq!(matches_glob(pattern, text), expected, "{pattern} {text}");
    }
}
