//! OTLP's requests in JSON, by the rules of protobuf's JSON: names in either spelling, numbers also as texts, `null` for
//! what is not set, unknown names ignored. Ids are hexadecimal.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde_json::{Map, Value as Json};

use super::otlp::{
    AnyValue, ArrayValue, Event, ExportTraceServiceRequest, KeyValue, KeyValueList, Link, Resource, ResourceSpans,
    ScopeSpans, Span, Status, Value,
};
use crate::types::message::integral;
use crate::types::python;

/// The request that a body says, or nothing if it is none.
#[must_use]
pub fn decode(body: &[u8]) -> Option<ExportTraceServiceRequest> {
    let body = python::loads(body)?;
    let request = Fields(body.as_object()?);
    Some(ExportTraceServiceRequest { resource_spans: request.list("resourceSpans", "resource_spans", resource_spans)? })
}

fn resource_spans(fields: &Fields) -> Option<ResourceSpans> {
    Some(ResourceSpans {
        resource: fields.message("resource", |resource| Some(Resource { attributes: attributes(resource)? }))?,
        scope_spans: fields.list("scopeSpans", "scope_spans", |scope| {
            Some(ScopeSpans { spans: scope.list("spans", "spans", |fields| Some(span(fields)?.write()))? })
        })?,
    })
}

fn span(fields: &Fields) -> Option<Span> {
    Some(Span {
        trace_id: fields.id("traceId", "trace_id")?,
        span_id: fields.id("spanId", "span_id")?,
        parent_span_id: fields.id("parentSpanId", "parent_span_id")?,
        name: fields.text("name", "name")?,
        kind: fields.number("kind", KINDS)?,
        start_time_unix_nano: fields.time("startTimeUnixNano", "start_time_unix_nano")?,
        end_time_unix_nano: fields.time("endTimeUnixNano", "end_time_unix_nano")?,
        attributes: attributes(fields)?,
        events: fields.list("events", "events", event)?,
        links: fields.list("links", "links", link)?,
        status: fields.message("status", |status| {
            Some(Status { message: status.text("message", "message")?, code: status.number("code", CODES)? })
        })?,
    })
}

const KINDS: &[&str] = &[
    "SPAN_KIND_UNSPECIFIED",
    "SPAN_KIND_INTERNAL",
    "SPAN_KIND_SERVER",
    "SPAN_KIND_CLIENT",
    "SPAN_KIND_PRODUCER",
    "SPAN_KIND_CONSUMER",
];
const CODES: &[&str] = &["STATUS_CODE_UNSET", "STATUS_CODE_OK", "STATUS_CODE_ERROR"];

fn event(fields: &Fields) -> Option<Event> {
    Some(Event {
        time_unix_nano: fields.time("timeUnixNano", "time_unix_nano")?,
        name: fields.text("name", "name")?,
        attributes: attributes(fields)?,
    })
}

fn link(fields: &Fields) -> Option<Link> {
    Some(Link {
        trace_id: fields.id("traceId", "trace_id")?,
        span_id: fields.id("spanId", "span_id")?,
        attributes: attributes(fields)?,
    })
}

fn attributes(fields: &Fields) -> Option<Vec<KeyValue>> {
    fields.list("attributes", "attributes", pair)
}

fn pair(fields: &Fields) -> Option<KeyValue> {
    Some(KeyValue { key: fields.text("key", "key")?, value: fields.message("value", any_value)? })
}

fn any_value(fields: &Fields) -> Option<AnyValue> {
    type Read = fn(&Json) -> Option<Value>;
    const KINDS: [(&str, &str, Read); 7] = [
        ("stringValue", "string_value", |value| value.as_str().map(|text| Value::StringValue(text.to_owned()))),
        ("boolValue", "bool_value", |value| value.as_bool().map(Value::BoolValue)),
        ("intValue", "int_value", |value| whole(value)?.try_into().ok().map(Value::IntValue)),
        ("doubleValue", "double_value", |value| double(value).map(Value::DoubleValue)),
        ("arrayValue", "array_value", |value| {
            let values = Fields(value.as_object()?).list("values", "values", any_value)?;
            Some(Value::ArrayValue(ArrayValue { values }))
        }),
        ("kvlistValue", "kvlist_value", |value| {
            let values = Fields(value.as_object()?).list("values", "values", pair)?;
            Some(Value::KvlistValue(KeyValueList { values }))
        }),
        ("bytesValue", "bytes_value", |value| base64(value.as_str()?).map(Value::BytesValue)),
    ];
    let mut given = KINDS.iter().filter_map(|(name, other, read)| Some((fields.get(name, other)?, read)));
    let value = match given.next() {
        Some((value, read)) => Some(read(value)?),
        None => None,
    };
    given.next().is_none().then_some(AnyValue { value })
}

/// An object. What is read is nothing if it is of the wrong type.
struct Fields<'a>(&'a Map<String, Json>);

impl Fields<'_> {
    fn get(&self, name: &str, other: &str) -> Option<&Json> {
        self.0.get(name).or_else(|| self.0.get(other)).filter(|value| !value.is_null())
    }

    fn list<T>(&self, name: &str, other: &str, read: impl Fn(&Fields) -> Option<T>) -> Option<Vec<T>> {
        let Some(list) = self.get(name, other) else { return Some(Vec::new()) };
        list.as_array()?.iter().map(|entry| read(&Fields(entry.as_object()?))).collect()
    }

    #[expect(clippy::option_option, reason = "nothing is said, or what is said is no message")]
    fn message<T>(&self, name: &str, read: impl Fn(&Fields) -> Option<T>) -> Option<Option<T>> {
        let Some(message) = self.get(name, name) else { return Some(None) };
        read(&Fields(message.as_object()?)).map(Some)
    }

    fn text(&self, name: &str, other: &str) -> Option<String> {
        let Some(text) = self.get(name, other) else { return Some(String::new()) };
        text.as_str().map(str::to_owned)
    }

    /// OTLP has ids in hexadecimal, protobuf in base64: whoever uses protobuf's names means the latter.
    fn id(&self, name: &str, other: &str) -> Option<Bytes> {
        match (self.get(name, name), self.get(other, other)) {
            (Some(id), _) => hex(id.as_str()?),
            (None, Some(id)) => base64(id.as_str()?),
            (None, None) => Some(Bytes::new()),
        }
    }

    fn time(&self, name: &str, other: &str) -> Option<u64> {
        let Some(time) = self.get(name, other) else { return Some(0) };
        whole(time)?.try_into().ok()
    }

    /// The number of a name; 0 for an unknown name.
    fn number(&self, name: &str, names: &[&str]) -> Option<i32> {
        match self.get(name, name) {
            None => Some(0),
            Some(Json::String(text)) => {
                names.iter().position(|known| known == text).unwrap_or_default().try_into().ok()
            }
            Some(number) => whole(number)?.try_into().ok(),
        }
    }
}

fn whole(value: &Json) -> Option<i128> {
    match value {
        Json::Number(number) => {
            let exact = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
            exact.or_else(|| number.as_f64().and_then(integral).map(i128::from))
        }
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn double(value: &Json) -> Option<f64> {
    match value {
        Json::Number(number) => number.as_f64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn hex(text: &str) -> Option<Bytes> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let pair = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high * 16 + low).ok(),
        _ => None,
    };
    digits.chunks(2).map(pair).collect::<Option<Vec<u8>>>().map(Bytes::from)
}

fn base64(text: &str) -> Option<Bytes> {
    let lenient = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let digit = |c: char| match c {
        '-' => Some('+'),
        '_' => Some('/'),
        // As in Python, whatever else is no digit does not count.
        c => (c.is_ascii_alphanumeric() || "+/=".contains(c)).then_some(c),
    };
    let text: String = text.chars().filter_map(digit).collect();
    GeneralPurpose::new(&STANDARD, lenient).decode(text).ok().map(Bytes::from)
}
