//! What a filter or an ordering of traces may speak of.

#[cfg(doc)]
use super::ast::Value;

/// What a trace can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A column of the trace. Times are compared with [`Value::Int`] or [`Value::Number`], the others with texts.
    Attribute(Attribute),
    /// The run that the trace came from or is linked to; always equal to a text.
    Run,
    /// A version of a prompt that the trace is linked to; always equal to a text, `name/version`.
    Prompt,
    /// A tag. `IS NULL` holds where it is absent, everything else only where it is present.
    Tag(String),
    /// Metadata, as a tag.
    Metadata(String),
    /// The token counts as one JSON text; `=`, `!=`, `IS NULL` or `IS NOT NULL`.
    TokenUsage,
    /// The costs as one JSON text, as the token counts.
    Cost,
    /// A span of the trace. All conditions on spans hold for one span.
    Span(SpanField),
    /// A valid feedback of that name; compared with a text or a [`Value::Number`].
    Feedback(String),
    /// A valid expectation of that name, as a feedback.
    Expectation(String),
    /// An issue by its id; always equal to a text.
    Issue,
}

/// What traces can be ordered by. What is missing comes last in both directions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderSubject {
    /// A column of the trace.
    Attribute(Attribute),
    /// A tag.
    Tag(String),
    /// Metadata.
    Metadata(String),
}

/// The columns of a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// The id.
    RequestId,
    /// The experiment; only to order by.
    ExperimentId,
    /// When it began, in milliseconds since 1970.
    Timestamp,
    /// How long it took, in milliseconds; may be absent.
    ExecutionTime,
    /// When it ended, in milliseconds since 1970.
    EndTime,
    /// `OK`, `ERROR` and so on.
    Status,
    /// What the client's own client calls the request; may be absent.
    ClientRequestId,
    /// The name; may be absent. Takes `IS NULL` and `IS NOT NULL` as well.
    Name,
    /// The session; as the name.
    Session,
}

impl OrderSubject {
    /// Whether no trace is without it.
    #[must_use]
    pub const fn is_always_there(&self) -> bool {
        use Attribute::{EndTime, ExperimentId, RequestId, Status, Timestamp};
        matches!(self, Self::Attribute(RequestId | ExperimentId | Timestamp | EndTime | Status))
    }
}

/// What a span can be filtered by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SpanField {
    /// Its name.
    Name,
    /// `LLM`, `TOOL` and so on.
    Type,
    /// `OK`, `ERROR` or `UNSET`.
    Status,
    /// All of it, as one JSON text.
    Content,
    /// One of its attributes.
    Attribute(String),
}
