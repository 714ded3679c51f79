//! Spans arrive at a collector, and one that is away does no harm.

mod collector;

use std::net::TcpListener;
use std::time::{Duration, Instant};

use tracklet::config::Otlp;
use tracklet::spans::Sampler;

use self::collector::{Collector, Span};
use crate::meter::until;
use crate::support::exposition::Exposition;
use crate::support::http::{ask, get, post};
use crate::support::{Folder, start};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const DROPPED: &str = "tracklet_otlp_spans_dropped_total";
const EXPORTED: &str = "tracklet_otlp_spans_exported_total";

fn from_caller(flags: &str) -> String {
    format!("00-{TRACE}-00f067aa0ba902b7-{flags}")
}

fn attributes<'a>(span: &'a Span, names: &[&str]) -> Vec<&'a str> {
    names.iter().map(|name| span.attributes.get(*name).map_or("", String::as_str)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_and_its_parts_are_told_of() {
    let (folder, collector) = (Folder::new(), Collector::start(|_| (200, b"")));
    let headers = vec![("x-key".to_owned(), "hush".to_owned())];
    let settings = Otlp { headers, gzip: true, ..collector.settings() };
    let server = start(&folder, |config| {
        "/ml".clone_into(&mut config.static_prefix);
        config.otlp = Some(settings);
    })
    .await;
    let at = server.address();
    let parent = from_caller("01");
    let given = [("traceparent", parent.as_str()), ("User-Agent", "caller/1"), ("Authorization", "Bearer hush")];
    let path = "/ml/api/2.0/mlflow/experiments/get?experiment_id=7&token=hush";
    let answer = ask(at, "GET", path, &given).await;
    let response = answer.header("traceresponse").expect("the trace");
    post(at, "/api/2.0/mlflow/experiments/create", r#"{"name": "a"}"#).await;
    ask(at, "brew", "/nowhere", &[]).await;
    until(async || collector.spans().len() >= 5).await;
    server.stop().await.expect("a clean stop");

    let spans = collector.spans();
    assert_eq!(spans.len(), 5, "{spans:#?}");
    let named =
        |name: &str| spans.iter().find(|span| span.name == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"));
    let request = named("GET /ml/api/2.0/mlflow/experiments/get");
    assert_eq!((request.trace_id.as_str(), request.parent.as_str(), request.kind), (TRACE, "00f067aa0ba902b7", 2));
    assert_eq!(response, format!("00-{TRACE}-{}-01", request.id));
    for (name, value) in [
        ("http.request.method", "GET"),
        ("http.route", "/ml/api/2.0/mlflow/experiments/get"),
        ("http.response.status_code", "404"),
        ("url.path", "/ml/api/2.0/mlflow/experiments/get"),
        ("url.scheme", "http"),
        ("server.address", "localhost"),
        ("user_agent.original", "caller/1"),
        ("network.protocol.version", "1.0"),
    ] {
        assert_eq!(attributes(request, &[name]), [value], "{name}");
    }
    let read = named("db read");
    assert_eq!((read.trace_id.as_str(), &read.parent, read.kind), (TRACE, &request.id, 3));
    assert_eq!(attributes(read, &["db.system.name"]), ["sqlite"]);
    assert!((1..request.took).contains(&read.took), "{} within {}", read.took, request.took);
    // What the client did wrong is no failure of the server's.
    assert!(!request.failed && !read.failed);

    let create = named("POST /api/2.0/mlflow/experiments/create");
    assert!(create.parent.is_empty() && create.trace_id != TRACE, "{create:?}");
    assert_eq!((&named("db write").parent, &named("db write").trace_id), (&create.id, &create.trace_id));
    assert_eq!(
        attributes(named("HTTP"), &["http.request.method", "http.route", "url.path"]),
        ["_OTHER", "", "/nowhere"]
    );

    let posted = collector.posted();
    assert!(posted[0].head.starts_with("post /v1/traces http/1.1\r\n"), "{}", posted[0].head);
    for header in ["content-type: application/x-protobuf", "content-encoding: gzip", "x-key: hush"] {
        assert!(posted[0].head.contains(header), "{}", posted[0].head);
    }
    assert_eq!(posted[0].resource["service.name"], "tracklet");
    assert!(!format!("{spans:?}").contains("hush"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_the_callers_decision_and_the_samplers() {
    let probe = "/health";
    let other = "/version";
    for (sampler, flags, path, recorded) in [
        (Sampler::new(true, 1.0), Some("01"), other, true),
        (Sampler::new(true, 1.0), Some("00"), other, false),
        (Sampler::new(true, 0.0), Some("01"), other, true),
        (Sampler::new(true, 0.0), None, other, false),
        (Sampler::new(false, 0.0), Some("01"), other, false),
        (Sampler::new(false, 1.0), Some("00"), other, true),
        // Probes come all day long; only a caller makes one of interest.
        (Sampler::new(true, 1.0), None, probe, false),
        (Sampler::new(true, 1.0), None, "/metrics", false),
        (Sampler::new(true, 1.0), Some("01"), probe, true),
    ] {
        let (folder, collector) = (Folder::new(), Collector::start(|_| (200, b"")));
        let settings = Otlp { sampler, ..collector.settings() };
        let server = start(&folder, |config| config.otlp = Some(settings)).await;
        let parent = flags.map(from_caller);
        let headers: Vec<_> = parent.iter().map(|parent| ("traceparent", parent.as_str())).collect();
        ask(server.address(), "GET", path, &headers).await;
        server.stop().await.expect("a clean stop");
        assert_eq!(collector.spans().len(), usize::from(recorded), "{sampler:?} {flags:?} {path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_of_the_server_are_marked() {
    let (folder, collector) = (Folder::new(), Collector::start(|_| (200, b"")));
    let server = start(&folder, |config| config.otlp = Some(collector.settings())).await;
    let url = tracklet::db::url::DatabaseUrl::sqlite(folder.path().join("mlflow.db"));
    let mut conn = tracklet::db::Conn::open(&url).expect("a connection");
    conn.batch("ALTER TABLE experiments RENAME TO gone").expect("the change");
    assert_eq!(get(server.address(), "/api/2.0/mlflow/experiments/get?experiment_id=0").await.status, 500);
    server.stop().await.expect("a clean stop");
    let spans = collector.spans();
    let told: Vec<_> = spans.iter().map(|span| (attributes(span, &["error.type"]), span.failed)).collect();
    assert_eq!(told, [(vec!["INTERNAL_ERROR"], true), (vec!["500"], true)], "{spans:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_sent_before_the_end() {
    let (folder, collector) = (Folder::new(), Collector::start(|_| (200, b"")));
    let settings = Otlp { delay: Duration::from_hours(1), batch: 3, ..collector.settings() };
    let server = start(&folder, |config| config.otlp = Some(settings)).await;
    for _ in 0..7 {
        get(server.address(), "/version").await;
    }
    until(async || collector.spans().len() == 6).await;
    server.stop().await.expect("a clean stop");
    let sizes: Vec<_> = collector.posted().iter().map(|posted| posted.spans.len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
}

/// A server may be the collector of itself, and of others that are collectors.
#[tokio::test(flavor = "multi_thread")]
async fn sending_spans_makes_no_spans() {
    let (folders, collector) = ([Folder::new(), Folder::new()], Collector::start(|_| (200, b"")));
    let receiving = start(&folders[0], |config| config.otlp = Some(collector.settings())).await;
    let headers = vec![("x-mlflow-experiment-id".to_owned(), "0".to_owned())];
    let endpoint = format!("http://{}/v1/traces", receiving.address());
    let settings = Otlp { headers, endpoint, ..collector.settings() };
    let sending = start(&folders[1], |config| config.otlp = Some(settings)).await;
    get(sending.address(), "/version").await;
    sending.stop().await.expect("a clean stop");
    let arrived = get(receiving.address(), "/api/2.0/mlflow/traces?experiment_ids=0").await;
    assert!(arrived.body.contains("tr-"), "{}", arrived.body);
    receiving.stop().await.expect("a clean stop");
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert!(names.contains(&"GET /api/2.0/mlflow/traces".to_owned()), "{names:?}");
    assert!(!names.iter().any(|name| name.contains("/v1/traces")), "{names:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_is_sent_again_if_that_may_help() {
    // A partial success: one span rejected.
    let partial: &[u8] = b"\x0a\x07\x08\x01\x12\x03why";
    for (statuses, posts, exported, rejected) in [
        ([503, 200], 2, 1.0, 0.0),
        ([429, 400], 2, 0.0, 1.0),
        ([500, 200], 1, 0.0, 1.0),
        ([299, 200], 1, 0.0, 1.0),
        // The headers may hold a key, which is for nobody else.
        ([307, 200], 1, 0.0, 1.0),
    ] {
        let folder = Folder::new();
        let collector =
            Collector::start(move |count| (statuses[count.min(1)], if statuses[0] == 299 { partial } else { b"" }));
        let server = start(&folder, |config| config.otlp = Some(collector.settings())).await;
        let at = server.address();
        get(at, "/version").await;
        let counts = async || {
            let page = Exposition::of(at).await;
            (page.value(EXPORTED, &[]), page.value(DROPPED, &[("reason", "rejected")]))
        };
        until(async || counts().await == (Some(exported), Some(rejected))).await;
        assert_eq!(collector.posted().len(), posts, "{statuses:?}");
        server.stop().await.expect("a clean stop");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_never_answers_costs_spans_and_no_time() {
    let folder = Folder::new();
    // Connections come about, for the system accepts them, and nothing else ever happens.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let endpoint = format!("http://{}", silent.local_addr().expect("an address"));
    let settings = Otlp { queue: 4, batch: 1, delay: Duration::ZERO, ..Otlp::to(endpoint) };
    let server = start(&folder, |config| config.otlp = Some(settings)).await;
    let at = server.address();
    let began = Instant::now();
    for _ in 0..20 {
        assert_eq!(get(at, "/version").await.status, 200);
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    // One is being sent, four wait.
    let dropped = async || Exposition::of(at).await.value(DROPPED, &[("reason", "queue_full")]);
    until(async || dropped().await == Some(15.0)).await;
    let began = Instant::now();
    server.stop().await.expect("a clean stop");
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_said_without_a_collector() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let answer = ask(server.address(), "GET", "/nowhere", &[("traceparent", &from_caller("01"))]).await;
    // The caller's word is passed on.
    assert!(answer.header("traceresponse").is_some_and(|response| response.ends_with("-01")));
    assert_eq!(Exposition::of(server.address()).await.value(DROPPED, &[]), None);
    server.stop().await.expect("a clean stop");
}
