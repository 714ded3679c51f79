//! Which request is which: its own id, and the trace of other services that it is a part of, as W3C's
//! [Trace Context](https://www.w3.org/TR/trace-context/) passes it on. Pure.

use crate::spans::{self, Place};

/// The header in which a client or a proxy in front gives a request an id.
pub const REQUEST_ID: &str = "x-request-id";
/// The header that says which trace a request is a part of.
pub const TRACEPARENT: &str = "traceparent";
/// The header that says which trace an answer is a part of.
pub const TRACERESPONSE: &str = "traceresponse";

/// The longest id of a request that is taken over, in bytes.
const MAX_REQUEST_ID: usize = 128;

/// A request's place among all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// What everybody calls the whole that this request is a part of: 32 digits of lower-case hex.
    pub trace_id: String,
    /// What this server calls its part: 16 digits.
    pub span_id: String,
    /// What the caller calls the part that sent the request, if there is a caller.
    pub parent: Option<String>,
    /// Two digits, as the caller sent them, or `00`, until it is [decided](Trace::decide) whether this is recorded.
    pub flags: String,
    /// The id in the log: the given one if it is fit for it, else the span's.
    pub request_id: String,
}

impl Trace {
    /// Goes on with the trace of `traceparent`, or begins one where there is none or it is not valid.
    #[must_use]
    pub fn of(traceparent: Option<&str>, request_id: Option<&str>) -> Self {
        let (trace_id, parent, flags) = match traceparent.and_then(parent) {
            Some((trace_id, parent, flags)) => (trace_id.to_owned(), Some(parent.to_owned()), flags.to_owned()),
            None => (format!("{:032x}", spans::new_trace_id()), None, "00".to_owned()),
        };
        let span_id = format!("{:016x}", spans::new_span_id());
        let request_id = request_id.filter(|id| is_fit(id)).unwrap_or(&span_id).to_owned();
        Self { trace_id, span_id, parent, flags, request_id }
    }

    /// Where the request's span stands.
    #[must_use]
    pub fn place(&self) -> Place {
        let number = |digits: &str| u64::from_str_radix(digits, 16).unwrap_or_default();
        let trace_id = u128::from_str_radix(&self.trace_id, 16).unwrap_or_default();
        Place { trace_id, id: number(&self.span_id), parent: self.parent.as_deref().map(number) }
    }

    /// Whether the caller records the trace; `None` without a caller.
    #[must_use]
    pub fn caller_records(&self) -> Option<bool> {
        self.parent.as_ref().map(|_| self.flag_bits() & 1 == 1)
    }

    /// Says in the flags whether the request is recorded.
    pub fn decide(&mut self, recorded: bool) {
        self.flags = format!("{:02x}", self.flag_bits() & !1 | u8::from(recorded));
    }

    fn flag_bits(&self) -> u8 {
        u8::from_str_radix(&self.flags, 16).unwrap_or_default()
    }

    /// The value of [`TRACERESPONSE`].
    #[must_use]
    pub fn response(&self) -> String {
        format!("00-{}-{}-{}", self.trace_id, self.span_id, self.flags)
    }
}

/// The ids and the flags of a valid `traceparent`. Later versions may have more fields behind them.
fn parent(header: &str) -> Option<(&str, &str, &str)> {
    let mut fields = header.split('-');
    let (version, trace_id, span_id, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_id = |text: &str, length| is_hex(text, length) && text.bytes().any(|byte| byte != b'0');
    let known = is_hex(version, 2) && version != "ff" && (version != "00" || fields.next().is_none());
    (known && is_id(trace_id, 32) && is_id(span_id, 16) && is_hex(flags, 2)).then_some((trace_id, span_id, flags))
}

/// Ids go into logs and headers: nothing in them may pass for something else.
fn is_fit(id: &str) -> bool {
    (1..=MAX_REQUEST_ID).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:/+=@".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    #[test]
    fn valid_parents_are_followed() {
        for (header, followed) in [
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", true),
            ("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-comes", true),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-", false),
            ("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01", false),
            ("00-00000000000000000000000000000000-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-1", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0x", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01", false),
            ("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", false),
            (" 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", false),
            ("", false),
        ] {
            let trace = Trace::of(Some(header), None);
            assert_eq!(trace.trace_id == TRACE, followed, "{header}");
            let flags = if followed { &header[53..55] } else { "00" };
            assert_eq!(trace.flags, flags, "{header}");
        }
    }

    #[test]
    fn ids_are_taken_over_if_they_are_fit() {
        let (long, too_long) = ("a".repeat(128), "a".repeat(129));
        for (given, taken) in [
            ("4f1c1f6e-0b1e-9a6b-8f0e-2a0f6f9f1b11", true),
            ("Root=1-67891233-abcdef012345678912345678", true),
            (long.as_str(), true),
            (too_long.as_str(), false),
            ("", false),
            ("a b", false),
            ("a\u{e9}", false),
            ("a\"}", false),
        ] {
            let trace = Trace::of(None, Some(given));
            assert_eq!(trace.request_id == given, taken, "{given}");
            assert!(taken || trace.request_id == trace.span_id);
        }
    }

    #[test]
    fn flags_say_what_was_decided() {
        for (flags, caller, recorded, expected) in [
            ("00", false, true, "01"),
            ("01", true, true, "01"),
            ("01", true, false, "00"),
            ("03", true, false, "02"),
            ("ff", true, true, "ff"),
        ] {
            let mut trace = Trace::of(Some(&format!("00-{TRACE}-00f067aa0ba902b7-{flags}")), None);
            assert_eq!(trace.caller_records(), Some(caller), "{flags}");
            trace.decide(recorded);
            assert_eq!(trace.flags, expected, "{flags}");
            let place = trace.place();
            assert_eq!(
                (place.trace_id, place.parent),
                (0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, Some(0xf0_67aa_0ba9_02b7))
            );
            assert_eq!(format!("{:016x}", place.id), trace.span_id);
        }
        let alone = Trace::of(None, None);
        assert_eq!((alone.caller_records(), alone.place().parent), (None, None));
    }

    #[test]
    fn a_trace_that_begins_here_can_be_followed() {
        let (one, other) = (Trace::of(None, None), Trace::of(None, None));
        assert!(one.trace_id != other.trace_id && one.span_id != other.span_id);
        assert_eq!(Trace::of(Some(&one.response()), None).trace_id, one.trace_id);
    }
}
