//! How much a request becomes once it is decoded, counted before anything is: two bytes can stand for a value that takes
//! hundreds in memory.

use bytes::Bytes;

/// Most keys and values in a request. Spans, events and links count more; 16 bytes that are escaped where they are stored
/// count as well, because each becomes seven there.
pub const MOST: usize = 1_000_000;

/// What a span, an event and a link count as.
pub const ENTRY: usize = 8;

/// Bytes that are escaped and count as one.
const ESCAPED: usize = 16;

/// Levels of messages within messages, more than decoders go down.
const LEVELS: usize = 128;

/// The messages of a request that can contain others.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Request,
    ResourceSpans,
    Resource,
    ScopeSpans,
    Span,
    Event,
    Link,
    Pair,
    Value,
    List,
    Object,
}

impl Kind {
    /// The message in a field.
    const fn within(self, field: u64) -> Option<Self> {
        Some(match (self, field) {
            (Self::Request, 1) => Self::ResourceSpans,
            (Self::ResourceSpans, 1) => Self::Resource,
            (Self::ResourceSpans, 2) => Self::ScopeSpans,
            (Self::ScopeSpans, 2) => Self::Span,
            (Self::Span, 11) => Self::Event,
            (Self::Span, 13) => Self::Link,
            (Self::Resource | Self::Object, 1) | (Self::Span, 9) | (Self::Event, 3) | (Self::Link, 4) => Self::Pair,
            (Self::Pair, 2) | (Self::List, 1) => Self::Value,
            (Self::Value, 5) => Self::List,
            (Self::Value, 6) => Self::Object,
            _ => return None,
        })
    }

    const fn counts_as(self) -> usize {
        match self {
            Self::Span | Self::Event | Self::Link => ENTRY,
            // They are a value, which counts.
            Self::List | Self::Object => 0,
            _ => 1,
        }
    }
}

/// Whether a request in protobuf has more in it than [`MOST`]. What is damaged counts up to the damage; decoding finds it.
#[must_use]
pub fn is_too_much(request: &[u8]) -> bool {
    let mut left = MOST;
    !count(Kind::Request, request, LEVELS, &mut left)
}

/// Takes what is in a message from what is left. Whether there was enough.
fn count(kind: Kind, message: &[u8], levels: usize, left: &mut usize) -> bool {
    // Decoders refuse such a message.
    let Some(levels) = levels.checked_sub(1) else { return true };
    Fields(message).all(|(field, content)| {
        let inner = kind.within(field);
        let taken = inner.map_or_else(|| escaped(kind, field, content) / ESCAPED, Kind::counts_as);
        let Some(rest) = left.checked_sub(taken) else { return false };
        *left = rest;
        inner.is_none_or(|inner| count(inner, content, levels, left))
    })
}

/// How many bytes of a text, or of bytes, are escaped.
fn escaped(kind: Kind, field: u64, content: &[u8]) -> usize {
    match (kind, field) {
        (Kind::Value, 7) => content.len(),
        _ => content.iter().filter(|byte| **byte < b' ' && !b"\n\r\t".contains(byte)).count(),
    }
}

/// Whether there is more in encoded spans than [`MOST`].
pub fn are_too_much<'a>(spans: impl IntoIterator<Item = &'a Bytes>) -> bool {
    let mut left = MOST;
    !spans.into_iter().all(|span| match left.checked_sub(ENTRY) {
        Some(rest) => {
            left = rest;
            count(Kind::Span, span, LEVELS, &mut left)
        }
        None => false,
    })
}

/// The most values that can be in a JSON text, and in JSON texts within it.
#[must_use]
pub fn most_values(text: &str) -> usize {
    text.bytes().filter(|byte| matches!(byte, b',' | b'[' | b'{')).count()
}

/// The fields of a message that have a length, by number.
struct Fields<'a>(&'a [u8]);

impl<'a> Iterator for Fields<'a> {
    type Item = (u64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let key = self.number()?;
            match key & 7 {
                0 => drop(self.number()?),
                1 => drop(self.take(8)?),
                2 => {
                    let length = self.number()?;
                    return Some((key >> 3, self.take(usize::try_from(length).ok()?)?));
                }
                // What is in a group is skipped by decoders, and counted here as if there were none.
                3 | 4 => {}
                5 => drop(self.take(4)?),
                _ => return None,
            }
        }
    }
}

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// A number in base 128, the lowest digits first.
    fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for place in 0..10 {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            number |= u64::from(byte & 127) << (7 * place);
            if *byte < 128 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(number: u8, content: &[u8]) -> Vec<u8> {
        let (mut length, mut out) = (content.len(), vec![number << 3 | 2]);
        while length > 127 {
            out.push(u8::try_from(length & 127).unwrap() | 128);
            length >>= 7;
        }
        out.push(u8::try_from(length).unwrap());
        [out, content.to_vec()].concat()
    }

    fn request(span: &[u8]) -> Vec<u8> {
        field(1, &field(2, &field(2, span)))
    }

    /// What is in a request besides its frame.
    fn counted(request: &[u8]) -> usize {
        let mut left = MOST;
        assert!(count(Kind::Request, request, LEVELS, &mut left));
        MOST - left - 2
    }

    #[test]
    fn what_counts() {
        let text = field(1, &[b'x'; 999]);
        let attribute = [field(1, b"key"), field(2, &text)].concat();
        let list = field(2, &field(5, &[field(1, &text), field(1, b"")].concat()));
        let object = field(2, &field(6, &[field(1, &attribute), field(1, b"")].concat()));
        // A number, 8 bytes, a name, and a group with what would be an attribute.
        let more =
            [&[0x30, 3, 0x39, 1, 2, 3, 4, 5, 6, 7, 8][..], &field(5, &[0x4a; 200]), &[0x53, 0x4a, 0, 0x54]].concat();
        let cases = [
            (vec![], 8),
            (field(9, &attribute), 10),
            (field(9, &list), 12),
            (field(9, &object), 13),
            (field(11, &field(3, &attribute)), 18),
            (field(13, &field(4, &attribute)), 18),
            ([more, field(9, &attribute)].concat(), 11),
            (field(9, &field(2, &field(1, &[0; 160]))), 20),
            (field(9, &field(2, &field(7, &[b'x'; 160]))), 20),
            (field(5, b"\n\t\r".repeat(99).as_slice()), 8),
        ];
        for (span, expected) in cases {
            assert_eq!(counted(&request(&span)), expected, "{span:?}");
            let times = MOST / expected;
            let spans = |times| vec![Bytes::copy_from_slice(&span); times];
            assert!(!are_too_much(&spans(times)) && are_too_much(&spans(times + 1)), "{span:?}");
        }
        assert_eq!(counted(&field(1, &field(1, &field(1, &attribute)))), 2);
    }

    #[test]
    fn what_is_too_much() {
        let cases = [(b"\x0a\0", MOST, false), (b"\x0a\0", MOST + 1, true), (b"\x12\0", MOST + 1, false)];
        for (message, times, expected) in cases {
            assert_eq!(is_too_much(&message.repeat(times)), expected, "{message:?} {times}");
        }
        assert!(is_too_much(&request(&b"\x4a\0".repeat(MOST))));
        for damaged in [&b"\x0a"[..], b"\x0a\x05\x0a", b"\x09\0", b"\x0f", &[0xff; 20], b""] {
            assert!(!is_too_much(damaged), "{damaged:?}");
        }
    }

    #[test]
    fn no_depth_is_too_deep() {
        let nested = (0..10_000).fold(Vec::new(), |nested, _| field(5, &field(1, &nested)));
        assert!(!is_too_much(&request(&field(9, &field(2, &nested)))));
    }

    #[test]
    fn values_within_strings_count() {
        assert_eq!(most_values(r#"{"a": "[1,2]"}"#), 3);
    }
}
