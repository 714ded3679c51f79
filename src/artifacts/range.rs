//! Which bytes of an artifact a request asks for.

use std::ops::Range;

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Everything, with status 200.
    Whole,
    /// These bytes, with status 206.
    Part(Range<u64>),
    /// Nothing, with status 416.
    Unsatisfiable,
}

/// Reads a `Range` header for an artifact of `size` bytes.
///
/// One range is served; several, or a header that makes no sense, get the whole artifact, as RFC 9110 allows.
#[must_use]
pub fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some(spec) = header.and_then(|header| header.trim().strip_prefix("bytes=")) else { return Wanted::Whole };
    let Some((first, last)) = spec.trim().split_once('-') else { return Wanted::Whole };
    let (first, last) = (first.trim(), last.trim());
    let range = match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => return Wanted::Whole,
        (Some(first), Some(last)) => first..size.min(last.saturating_add(1)),
        (Some(first), None) if last.is_empty() => first..size,
        (None, Some(length)) if first.is_empty() => size.saturating_sub(length)..size,
        _ => return Wanted::Whole,
    };
    if range.is_empty() { Wanted::Unsatisfiable } else { Wanted::Part(range) }
}

fn number(text: &str) -> Option<u64> {
    let digits_only = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits_only.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        let table = [
            (None, 5, Wanted::Whole),
            (Some("bytes=1-2"), 5, Wanted::Part(1..3)),
            (Some("bytes=-2"), 5, Wanted::Part(3..5)),
            (Some("bytes=2-"), 5, Wanted::Part(2..5)),
            (Some("bytes=0-100"), 5, Wanted::Part(0..5)),
            (Some("bytes=-100"), 5, Wanted::Part(0..5)),
            (Some("bytes=0-18446744073709551615"), 5, Wanted::Part(0..5)),
            (Some("bytes=0-99999999999999999999999"), 5, Wanted::Part(0..5)),
            (Some("bytes=9-"), 5, Wanted::Unsatisfiable),
            (Some("bytes=5-"), 5, Wanted::Unsatisfiable),
            (Some("bytes=-0"), 5, Wanted::Unsatisfiable),
            (Some("bytes=0-"), 0, Wanted::Unsatisfiable),
            (Some("bytes=0-0,2-3"), 5, Wanted::Whole),
            (Some("bytes=x"), 5, Wanted::Whole),
            (Some("bytes=-"), 5, Wanted::Whole),
            (Some("bytes=+1-2"), 5, Wanted::Whole),
            (Some("bytes=2-1"), 5, Wanted::Whole),
            (Some("items=0-1"), 5, Wanted::Whole),
        ];
        for (header, size, expected) in table {
            assert_eq!(wanted(header, size), expected, "{header:?} of {size}");
        }
    }
}
