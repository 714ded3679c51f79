//! OTLP's messages, as far as they are used here: the names are the protocol's, the numbers are its wire format.

use std::time::{Duration, SystemTime};

use prost::{Enumeration, Message, Oneof};

use crate::spans;

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExportTraceServiceRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) resource_spans: Vec<ResourceSpans>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    pub(super) resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    pub(super) scope_spans: Vec<ScopeSpans>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct Resource {
    #[prost(message, repeated, tag = "1")]
    pub(super) attributes: Vec<KeyValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ScopeSpans {
    #[prost(message, optional, tag = "1")]
    pub(super) scope: Option<InstrumentationScope>,
    #[prost(message, repeated, tag = "2")]
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct InstrumentationScope {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) version: String,
}

#[derive(Clone, PartialEq, Message)]
#[expect(clippy::struct_field_names, reason = "the protocol names them")]
pub(super) struct Span {
    #[prost(bytes = "vec", tag = "1")]
    pub(super) trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) span_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "4")]
    pub(super) parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    pub(super) name: String,
    #[prost(enumeration = "SpanKind", tag = "6")]
    pub(super) kind: i32,
    #[prost(fixed64, tag = "7")]
    pub(super) start_time_unix_nano: u64,
    #[prost(fixed64, tag = "8")]
    pub(super) end_time_unix_nano: u64,
    #[prost(message, repeated, tag = "9")]
    pub(super) attributes: Vec<KeyValue>,
    #[prost(message, optional, tag = "15")]
    pub(super) status: Option<Status>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum SpanKind {
    Unspecified = 0,
    Internal = 1,
    Server = 2,
    Client = 3,
}

#[derive(Clone, Copy, PartialEq, Message)]
pub(super) struct Status {
    #[prost(enumeration = "StatusCode", tag = "3")]
    pub(super) code: i32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Enumeration)]
pub(super) enum StatusCode {
    Unset = 0,
    Error = 2,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct KeyValue {
    #[prost(string, tag = "1")]
    pub(super) key: String,
    #[prost(message, optional, tag = "2")]
    pub(super) value: Option<AnyValue>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 3")]
    pub(super) value: Option<Value>,
}

#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Value {
    #[prost(string, tag = "1")]
    StringValue(String),
    #[prost(int64, tag = "3")]
    IntValue(i64),
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExportTraceServiceResponse {
    #[prost(message, optional, tag = "1")]
    pub(super) partial_success: Option<ExportTracePartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
pub(super) struct ExportTracePartialSuccess {
    #[prost(int64, tag = "1")]
    pub(super) rejected_spans: i64,
    #[prost(string, tag = "2")]
    pub(super) error_message: String,
}

pub(super) fn request(resource: &Resource, batch: &[spans::Span]) -> ExportTraceServiceRequest {
    let scope = InstrumentationScope { name: "tracklet".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
    let scope_spans = vec![ScopeSpans { scope: Some(scope), spans: batch.iter().map(span).collect() }];
    ExportTraceServiceRequest { resource_spans: vec![ResourceSpans { resource: Some(resource.clone()), scope_spans }] }
}

pub(super) fn resource(attributes: &[(String, String)]) -> Resource {
    let attribute = |(name, text): &(String, String)| key_value(name, Value::StringValue(text.clone()));
    Resource { attributes: attributes.iter().map(attribute).collect() }
}

fn span(span: &spans::Span) -> Span {
    let attribute = |(name, value): &(&str, spans::Value)| {
        let value = match value {
            spans::Value::Text(text) => Value::StringValue(text.clone()),
            spans::Value::Number(number) => Value::IntValue(*number),
        };
        key_value(name, value)
    };
    let kind = match span.kind {
        spans::Kind::Internal => SpanKind::Internal,
        spans::Kind::Server => SpanKind::Server,
        spans::Kind::Client => SpanKind::Client,
    };
    Span {
        trace_id: span.place.trace_id.to_be_bytes().to_vec(),
        span_id: span.place.id.to_be_bytes().to_vec(),
        parent_span_id: span.place.parent.map(|id| id.to_be_bytes().to_vec()).unwrap_or_default(),
        name: span.name.clone(),
        kind: kind.into(),
        start_time_unix_nano: nanoseconds(span.began),
        end_time_unix_nano: nanoseconds(span.began + span.took),
        attributes: span.attributes.iter().map(attribute).collect(),
        status: span.failed.then_some(Status { code: StatusCode::Error.into() }),
    }
}

fn key_value(key: &str, value: Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

fn nanoseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the Python package `opentelemetry-proto` 1.45 makes of the same spans.
    const RECORDED: &str = "\
        0ae2010a150a130a0c736572766963652e6e616d6512030a017412c8010a0d0a08747261636b6c6574120156127c0a10\
        000102030405060708090a0b0c0d0e0f12081011121314151617220818191a1b1c1d1e1f2a06474554202f7830023900\
        0064a7b3b6e00d41050064a7b3b6e00d4a120a0a687474702e726f75746512040a022f784a200a19687474702e726573\
        706f6e73652e7374617475735f636f6465120318f4037a02180212390a10000102030405060708090a0b0c0d0e0f1208\
        18191a1b1c1d1e1f2a0764622077616974300139000064a7b3b6e00d410094991eb4b6e00d";

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    }

    #[test]
    fn spans_are_written_as_others_write_them() {
        let trace_id = 0x0001_0203_0405_0607_0809_0a0b_0c0d_0e0f;
        let (one, other) = (0x1011_1213_1415_1617, 0x1819_1a1b_1c1d_1e1f);
        let began = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        let request_span = spans::Span {
            place: spans::Place { trace_id, id: one, parent: Some(other) },
            name: "GET /x".to_owned(),
            kind: spans::Kind::Server,
            began,
            took: Duration::from_nanos(5),
            attributes: vec![("http.route", "/x".into()), ("http.response.status_code", 500_u16.into())],
            failed: true,
        };
        let wait = spans::Span {
            place: spans::Place { trace_id, id: other, parent: None },
            name: "db wait".to_owned(),
            kind: spans::Kind::Internal,
            began,
            took: Duration::from_secs(2),
            attributes: Vec::new(),
            failed: false,
        };
        let resource = resource(&[("service.name".to_owned(), "t".to_owned())]);
        let mut request = request(&resource, &[request_span, wait]);
        "V".clone_into(&mut request.resource_spans[0].scope_spans[0].scope.as_mut().unwrap().version);
        assert_eq!(hex(&request.encode_to_vec()), RECORDED);
    }

    #[test]
    fn partial_success_is_understood() {
        for (answer, spans) in [(&b"\x0a\x07\x08\x02\x12\x03why"[..], Some(2)), (b"", None), (b"\x0a\x00", Some(0))] {
            let answer = ExportTraceServiceResponse::decode(answer).unwrap();
            assert_eq!(answer.partial_success.map(|partial| partial.rejected_spans), spans);
        }
    }
}
