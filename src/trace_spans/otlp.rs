//! OTLP's requests in protobuf. Fields that nobody here reads are left out; decoding skips them.
//!
//! Spans stay encoded until each one's turn comes: a large request is never decoded as a whole. How much it becomes is
//! counted before, see [`super::bulk`].

use bytes::Bytes;
use prost::{Message, Oneof};

/// What a client sends.
#[derive(Clone, PartialEq, Message)]
pub struct ExportTraceServiceRequest {
    /// Spans by who made them.
    #[prost(message, repeated, tag = "1")]
    pub resource_spans: Vec<ResourceSpans>,
}

impl ExportTraceServiceRequest {
    /// Reads a request, the spans in it excepted.
    #[must_use]
    pub fn read(body: Bytes) -> Option<Self> {
        Self::decode(body).ok()
    }
}

impl Span {
    /// Reads a span.
    #[must_use]
    pub fn read(encoded: Bytes) -> Option<Self> {
        Self::decode(encoded).ok()
    }

    /// The span as [`Span::read`] reads it.
    #[must_use]
    pub fn write(&self) -> Bytes {
        self.encode_to_vec().into()
    }
}

/// Spans of one program.
#[derive(Clone, PartialEq, Message)]
pub struct ResourceSpans {
    /// The program.
    #[prost(message, optional, tag = "1")]
    pub resource: Option<Resource>,
    /// Its spans by library.
    #[prost(message, repeated, tag = "2")]
    pub scope_spans: Vec<ScopeSpans>,
}

/// A program.
#[derive(Clone, PartialEq, Message)]
pub struct Resource {
    /// What it says about itself.
    #[prost(message, repeated, tag = "1")]
    pub attributes: Vec<KeyValue>,
}

/// Spans of one library.
#[derive(Clone, PartialEq, Message)]
pub struct ScopeSpans {
    /// The spans, each an encoded [`Span`].
    #[prost(bytes = "bytes", repeated, tag = "2")]
    pub spans: Vec<Bytes>,
}

/// A span.
#[derive(Clone, PartialEq, Message)]
pub struct Span {
    /// 16 bytes.
    #[prost(bytes = "bytes", tag = "1")]
    pub trace_id: Bytes,
    /// 8 bytes.
    #[prost(bytes = "bytes", tag = "2")]
    pub span_id: Bytes,
    /// 8 bytes, or none of a root.
    #[prost(bytes = "bytes", tag = "4")]
    pub parent_span_id: Bytes,
    /// The name.
    #[prost(string, tag = "5")]
    pub name: String,
    /// Its number.
    #[prost(int32, tag = "6")]
    pub kind: i32,
    /// Nanoseconds since the epoch.
    #[prost(fixed64, tag = "7")]
    pub start_time_unix_nano: u64,
    /// Nanoseconds since the epoch.
    #[prost(fixed64, tag = "8")]
    pub end_time_unix_nano: u64,
    /// Attributes; of a key that occurs again the last counts.
    #[prost(message, repeated, tag = "9")]
    pub attributes: Vec<KeyValue>,
    /// What happened during the span.
    #[prost(message, repeated, tag = "11")]
    pub events: Vec<Event>,
    /// Other spans.
    #[prost(message, repeated, tag = "13")]
    pub links: Vec<Link>,
    /// How it went.
    #[prost(message, optional, tag = "15")]
    pub status: Option<Status>,
}

/// A moment in a span.
#[derive(Clone, PartialEq, Message)]
pub struct Event {
    /// Nanoseconds since the epoch.
    #[prost(fixed64, tag = "1")]
    pub time_unix_nano: u64,
    /// The name.
    #[prost(string, tag = "2")]
    pub name: String,
    /// Attributes.
    #[prost(message, repeated, tag = "3")]
    pub attributes: Vec<KeyValue>,
}

/// Another span that has to do with this one.
#[derive(Clone, PartialEq, Message)]
pub struct Link {
    /// Its trace.
    #[prost(bytes = "bytes", tag = "1")]
    pub trace_id: Bytes,
    /// Its id.
    #[prost(bytes = "bytes", tag = "2")]
    pub span_id: Bytes,
    /// Attributes of the link.
    #[prost(message, repeated, tag = "4")]
    pub attributes: Vec<KeyValue>,
}

/// How a span went.
#[derive(Clone, PartialEq, Eq, Message)]
pub struct Status {
    /// Why.
    #[prost(string, tag = "2")]
    pub message: String,
    /// 1: well; 2: not well.
    #[prost(int32, tag = "3")]
    pub code: i32,
}

/// An attribute.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValue {
    /// The key.
    #[prost(string, tag = "1")]
    pub key: String,
    /// The value.
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// A value, or none.
#[derive(Clone, PartialEq, Message)]
pub struct AnyValue {
    /// The value.
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub value: Option<Value>,
}

/// The kinds of values.
#[derive(Clone, PartialEq, Oneof)]
pub enum Value {
    /// Text.
    #[prost(string, tag = "1")]
    StringValue(String),
    /// A truth value.
    #[prost(bool, tag = "2")]
    BoolValue(bool),
    /// A whole number.
    #[prost(int64, tag = "3")]
    IntValue(i64),
    /// A number.
    #[prost(double, tag = "4")]
    DoubleValue(f64),
    /// A list.
    #[prost(message, tag = "5")]
    ArrayValue(ArrayValue),
    /// An object.
    #[prost(message, tag = "6")]
    KvlistValue(KeyValueList),
    /// Bytes.
    #[prost(bytes = "bytes", tag = "7")]
    BytesValue(Bytes),
}

/// A list.
#[derive(Clone, PartialEq, Message)]
pub struct ArrayValue {
    /// Its values.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<AnyValue>,
}

/// An object.
#[derive(Clone, PartialEq, Message)]
pub struct KeyValueList {
    /// Its members.
    #[prost(message, repeated, tag = "1")]
    pub values: Vec<KeyValue>,
}
