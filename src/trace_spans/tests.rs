use bytes::Bytes;
use diesel::sql_types::{BigInt, Nullable, Text};
use serde_json::{Value, json};

use super::aggregate::{Node, total};
use super::intake::{Refused, decode, sort};
use super::{outline, read, store};
use crate::config::Rollups;
use crate::db::testing::on_sqlite;
use crate::db::{Conn, Sql};
use crate::error::Result;

const TRACE: &str = "tr-000000000000000000000000000000ab";

/// A request with spans of one trace, each with a number, a parent and what else is to be said of it.
fn request(spans: &[(u8, u8, Value)]) -> Bytes {
    let spans: Vec<Value> = spans
        .iter()
        .map(|(number, parent, more)| {
            let mut span = json!({
                "traceId": "000000000000000000000000000000ab", "spanId": format!("{number:016x}"), "name": "s",
                "startTimeUnixNano": "1000000000", "endTimeUnixNano": "3000000000",
            });
            if *parent > 0 {
                span["parentSpanId"] = format!("{parent:016x}").into();
            }
            for (key, value) in more.as_object().into_iter().flatten() {
                span[key] = value.clone();
            }
            span
        })
        .collect();
    json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string().into()
}

fn said(attributes: &Value) -> Value {
    let pairs = attributes.as_object().into_iter().flatten();
    let pairs = pairs.map(|(key, value)| json!({"key": key, "value": {"stringValue": value.to_string()}}));
    json!({ "attributes": pairs.collect::<Vec<_>>() })
}

fn used(tokens: u64) -> Value {
    said(&json!({"mlflow.chat.tokenUsage": {"input_tokens": tokens}}))
}

fn log(conn: &mut Conn, experiment: &str, spans: &[(u8, u8, Value)]) -> Result<()> {
    let request = decode(request(spans), true).and_then(|request| sort(request, true));
    store::log(conn, experiment, &request.unwrap_or_default(), Rollups::default())
}

type Columns = (BigInt, Nullable<BigInt>, Text, Nullable<BigInt>, Nullable<Text>, BigInt);
type Head = (i64, Option<i64>, String, Option<i64>, Option<String>, i64);

fn head(conn: &mut Conn) -> Result<Head> {
    let head = Sql::new(
        "SELECT timestamp_ms, execution_time_ms, status, input_tokens, session_id, db_payload_generation FROM trace_info",
    );
    Ok(head.first::<Columns, Head>(conn)?.unwrap_or_default())
}

#[tokio::test]
async fn spans_may_come_in_any_order() {
    let spans = || {
        vec![
            (1, 0, json!({"endTimeUnixNano": "9000000000", "status": {"code": 2}})),
            (2, 1, used(3)),
            (3, 2, used(4)),
            (4, 1, used(5)),
            (5, 1, json!({"startTimeUnixNano": "500000000"})),
        ]
    };
    let expected = |requests| (500, Some(8500), "ERROR".to_owned(), Some(8), None, requests);
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [2, 1, 0, 4, 3]] {
        let (whole, one_by_one, again) = on_sqlite(move |conn| {
            let spans = spans();
            for place in order {
                log(conn, "0", spans.get(place..=place).unwrap_or_default())?;
            }
            let one_by_one = head(conn)?;
            log(conn, "0", &spans)?;
            let again = head(conn)?;
            Sql::new("DELETE FROM trace_info").execute(conn)?;
            log(conn, "0", &spans)?;
            Ok((head(conn)?, one_by_one, again))
        })
        .await;
        assert_eq!(whole, expected(1), "{order:?}");
        assert_eq!(one_by_one, expected(5), "{order:?}");
        assert_eq!(again, expected(6), "{order:?}");
    }
}

#[tokio::test]
async fn what_was_said_first_stays() {
    let (first, then) = on_sqlite(|conn| {
        log(conn, "0", &[(1, 0, said(&json!({"session.id": "a", "user.id": "ann", "mlflow.spanInputs": "in"})))])?;
        let first = read::trace(conn, TRACE)?.info;
        log(conn, "0", &[(1, 0, said(&json!({"session.id": "b", "user.id": "bob", "mlflow.spanInputs": "other"})))])?;
        Ok((first, read::trace(conn, TRACE)?.info))
    })
    .await;
    assert_eq!(first.request_preview.as_deref(), Some("\"in\""));
    assert_eq!(first.trace_metadata.get("mlflow.trace.session").map(String::as_str), Some("a"));
    assert_eq!(first, then);
}

#[tokio::test]
async fn another_experiment_gets_nothing() {
    let (message, count) = on_sqlite(|conn| {
        log(conn, "0", &[(1, 0, json!({}))])?;
        let message = log(conn, "1", &[(2, 0, json!({}))]).err().map(|error| error.message().to_owned());
        Ok((message, outline::count(conn, TRACE)?))
    })
    .await;
    assert_eq!(
        message.as_deref(),
        Some("Trace with ID 'tr-000000000000000000000000000000ab' already exists in another experiment.")
    );
    assert_eq!(count, 1);
}

#[tokio::test]
async fn pages_see_spans() {
    let (spans, content) = on_sqlite(|conn| {
        log(conn, "0", &[(2, 1, json!({"startTimeUnixNano": "2000000000"})), (1, 0, json!({"name": "a\u{0}b"}))])?;
        let content = outline::content(conn, TRACE, "0000000000000001")?;
        Ok((outline::outline(conn, TRACE, 9)?, content))
    })
    .await;
    let spans: Vec<_> =
        spans.iter().map(|span| (span.span_id.as_str(), span.parent_id.is_some(), span.name.as_str())).collect();
    assert_eq!(spans, [("0000000000000001", false, "a\u{fffd}b"), ("0000000000000002", true, "s")]);
    assert!(content.is_some_and(|content| content.contains(r#""name": "a\u0000b""#)));
}

#[test]
fn what_is_refused() {
    let refused = |spans: &[(u8, u8, Value)]| {
        let refused = decode(request(spans), true).and_then(|request| sort(request, true)).err();
        refused.map(|refused| format!("{refused:?}").chars().take_while(char::is_ascii_alphabetic).collect::<String>())
    };
    let cases = [
        (json!({}), None),
        (json!({"traceId": ""}), Some("Convert")),
        (json!({"spanId": "010203040506070809"}), Some("Log")),
        (json!({"traceId": "0102030405060708090a0b0c0d0e0f1011"}), Some("Log")),
        (json!({"startTimeUnixNano": "9223372036854775808"}), Some("Error")),
        (said(&json!({"mlflow.chat.tokenUsage": {"input_tokens": "x"}})), Some("Log")),
        (said(&json!({"mlflow.llm.cost": [1]})), Some("Log")),
        (said(&json!({"session.id": "s".repeat(251)})), Some("Error")),
        (json!({"attributes": 5}), Some("Format")),
    ];
    for (span, expected) in cases {
        assert_eq!(refused(&[(1, 0, span.clone())]).as_deref(), expected, "{span}");
    }
    assert!(matches!(decode(Bytes::from_static(b"\x0a\x05\x0a"), false), Err(Refused::Format)));
    assert!(matches!(decode(Bytes::new(), false), Err(Refused::Empty)));
}

/// A span's name, its parent, and what it used.
type Used = (&'static str, &'static str, i64);

#[test]
fn who_speaks_for_whom() {
    let cases: [(&[Used], Option<i64>); 6] = [
        (&[], None),
        (&[("a", "", 0)], None),
        (&[("a", "", 1), ("b", "a", 2)], Some(1)),
        (&[("a", "", 0), ("b", "a", 2), ("c", "b", 3), ("d", "a", 4)], Some(6)),
        (&[("b", "gone", 2), ("c", "gone", 3)], Some(5)),
        (&[("a", "b", 1), ("b", "a", 2)], None),
    ];
    for (spans, expected) in cases {
        let node = |(span, parent, tokens): &Used| {
            let text = (*tokens > 0).then(|| format!("{{\"input_tokens\": {tokens}}}"));
            Node::of((*span).to_owned(), (!parent.is_empty()).then(|| (*parent).to_owned()), text.as_deref())
        };
        let nodes: Vec<Node> = spans.iter().map(node).collect();
        let sum = total(&nodes, &["input_tokens"], &[]).ok().flatten();
        assert_eq!(sum.and_then(|sums| sums.first().and_then(|(_, sum)| sum.count())), expected, "{spans:?}");
    }
}

#[tokio::test]
async fn days_whose_sums_change() {
    let queued = on_sqlite(|conn| {
        let mut queued = Vec::new();
        let at = |day: u64| json!({"startTimeUnixNano": (day * 86_400_000_000_000).to_string()});
        for spans in [vec![(1, 0, at(1))], vec![(2, 1, at(2)), (1, 0, at(3))]] {
            let request = decode(request(&spans), true).and_then(|request| sort(request, true));
            store::log(conn, "0", &request.unwrap_or_default(), Rollups { enabled: true })?;
            let days = "SELECT rollup_family || ' ' || rollup_day FROM sql_trace_rollup_rebuild_queue ORDER BY 1";
            queued.push(Sql::new(days).load::<Text, String>(conn)?.join(", "));
            Sql::new("DELETE FROM sql_trace_rollup_rebuild_queue").execute(conn)?;
        }
        Ok(queued)
    })
    .await;
    let first = "assessment 1970-01-02, span_cost 1970-01-02, trace_metric 1970-01-02";
    // Where the trace and the span were, and where they are.
    let then = "assessment 1970-01-02, assessment 1970-01-03, span_cost 1970-01-02, span_cost 1970-01-03, \
                span_cost 1970-01-04, trace_metric 1970-01-02, trace_metric 1970-01-03";
    assert_eq!(queued, [first, then]);
}
