//! What the program writes about requests, and how it is found again.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tracklet::db::Conn;
use tracklet::db::url::DatabaseUrl;

use crate::support::Folder;
use crate::support::http::{Answer, ask};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The program, and the lines of its log up to the one that says where it listens.
struct Program {
    process: Child,
    lines: BufReader<std::process::ChildStderr>,
    address: SocketAddr,
}

impl Program {
    fn start(folder: &Folder) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tracklet"));
        command.args(["server", "--port", "0", "--log-format", "json", "--log-level", "info"]);
        let mut process =
            command.current_dir(folder.path()).stderr(Stdio::piped()).spawn().expect("the program starts");
        let mut lines = BufReader::new(process.stderr.take().expect("its log"));
        let address = loop {
            let line = next(&mut lines);
            assert!(line.get("request_id").is_none(), "before any request: {line}");
            if let Some((_, address)) = line["message"].as_str().and_then(|text| text.split_once("serves http://")) {
                break address.parse().expect("an address");
            }
        };
        Self { process, lines, address }
    }

    async fn send(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        ask(self.address, "GET", path, headers).await
    }

    fn line(&mut self) -> Value {
        next(&mut self.lines)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn next(lines: &mut impl BufRead) -> Value {
    let mut line = String::new();
    assert!(lines.read_line(&mut line).expect("a line") > 0, "the log has ended");
    serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_request_is_found_in_the_log() {
    let folder = Folder::new();
    let mut program = Program::start(&folder);
    let given = [("traceparent", PARENT), ("X-Request-Id", "from-the-proxy")];
    let answer = program.send("/api/2.0/mlflow/experiments/get?experiment_id=7", &given).await;
    assert_eq!((answer.status, answer.header("x-request-id").as_deref()), (404, Some("from-the-proxy")));
    let response = answer.header("traceresponse").expect("the trace");
    assert!(response.starts_with(&format!("00-{TRACE}-")) && response.ends_with("-01"), "{response}");
    let line = program.line();
    for (field, value) in
        [("request_id", "from-the-proxy"), ("trace_id", TRACE), ("level", "INFO"), ("message", "request refused")]
    {
        assert_eq!(line[field], value, "{line}");
    }
    assert_eq!((&line["status"], &line["path"]), (&404.into(), &"/api/2.0/mlflow/experiments/get".into()));

    // A page of another origin is refused before any handler; without ids of its own, a request gets some.
    for headers in [&[("Host", "evil.example.com")][..], &[("Host", "evil.example.com"), ("X-Request-Id", "a\tb")]] {
        let answer = program.send("/version2", headers).await;
        let (request, trace) = (answer.header("x-request-id"), answer.header("traceresponse").expect("the trace"));
        let line = [program.line(), program.line()].into_iter().find(|line| line["level"] == "WARN").expect("a reason");
        assert_eq!((answer.status, line["request_id"].as_str()), (403, request.as_deref()));
        assert_eq!(line["trace_id"].as_str(), trace.get(3..35));
        assert_eq!(request.as_deref(), trace.get(36..52));
    }
    let well = program.send("/health", &given).await;
    assert_eq!((well.header("x-request-id"), well.header("traceresponse")), (None, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cause_of_a_failure_says_whose_it_is() {
    let folder = Folder::new();
    let mut program = Program::start(&folder);
    let mut conn = Conn::open(&DatabaseUrl::sqlite(folder.path().join("mlflow.db"))).expect("a connection");
    conn.batch("ALTER TABLE experiments RENAME TO gone").expect("the change");
    let answer = program.send("/api/2.0/mlflow/experiments/get?experiment_id=0", &[("X-Request-Id", "mine")]).await;
    assert_eq!(answer.status, 500);
    let line = [program.line(), program.line()].into_iter().find(|line| line["level"] == "ERROR").expect("the cause");
    assert_eq!(line["request_id"], "mine", "{line}");
    assert!(line["cause"].as_str().is_some_and(|cause| cause.contains("experiments")), "{line}");
}
