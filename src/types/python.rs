//! Values written as Python writes them: MLflow's messages quote what the client sent this way.

use std::fmt::Write as _;
use std::io;

use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::Formatter;

/// `json.dumps(value, sort_keys=True, separators=(",", ":"))`: compact, with everything beyond ASCII escaped.
#[must_use]
pub fn json(value: &Value) -> String {
    ascii(value.to_string())
}

/// `json.dumps(value)`: a blank after each comma and colon, everything beyond ASCII escaped.
#[must_use]
pub fn dumps(value: &Value) -> String {
    ascii(dumps_unicode(value))
}

/// `json.dumps(value, ensure_ascii=False)`.
#[must_use]
pub fn dumps_unicode(value: &Value) -> String {
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, Spaced);
    // Writing a JSON value to memory cannot fail.
    let _ = value.serialize(&mut serializer);
    String::from_utf8(text).unwrap_or_default()
}

struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { out.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn write_f64<W: ?Sized + io::Write>(&mut self, out: &mut W, number: f64) -> io::Result<()> {
        out.write_all(float(number).as_bytes())
    }
}

/// JSON, or another text in which `\u` escapes characters, with everything beyond ASCII escaped.
#[must_use]
pub fn ascii(text: String) -> String {
    let plain = |c: char| c.is_ascii() && c != '\u{7f}';
    if text.chars().all(plain) {
        return text;
    }
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if plain(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

/// `json.loads(text)`, which takes the bare `NaN` and `Infinity` that Python's `json` writes: as texts. Nothing if it is no JSON.
#[must_use]
pub fn loads(text: &[u8]) -> Option<Value> {
    serde_json::from_slice(text).ok().or_else(|| serde_json::from_slice(&quote_nonfinite(text)?).ok())
}

/// Whether a text is JSON as [`loads`] takes it, at any depth. Takes no memory for what the text says.
#[must_use]
pub fn is_json(text: &[u8]) -> bool {
    let is_json = |text: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok();
    is_json(text) || quote_nonfinite(text).is_some_and(|text| is_json(&text))
}

/// Whether a JSON text has more values in it than `most`, which take many times its length once they are read. It is not
/// looked whether it is JSON.
#[must_use]
pub fn has_more_values(text: &[u8], most: usize) -> bool {
    if text.len() <= most {
        return false;
    }
    let (mut values, mut in_string, mut escaped) = (0, false, false);
    for byte in text {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = in_string,
            b'"' => in_string = !in_string,
            b',' | b'[' | b'{' if !in_string => values += 1,
            _ => {}
        }
    }
    values > most
}

/// Quotes the bare `NaN` and `Infinity` that Python's `json` writes, or says that there are none.
fn quote_nonfinite(json: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(json.len() + 16);
    let (mut rest, mut in_string, mut found) = (json, false, false);
    while let Some((&byte, after)) = rest.split_first() {
        let word = if in_string { None } else { NONFINITE.iter().find(|word| rest.starts_with(word)) };
        if let Some(word) = word {
            found = true;
            out.extend([b"\"", *word, b"\""].concat());
            rest = rest.get(word.len()..)?;
            continue;
        }
        out.push(byte);
        rest = after;
        match (byte, in_string) {
            (b'"', _) => in_string = !in_string,
            (b'\\', true) => {
                let (&escaped, after) = rest.split_first()?;
                out.push(escaped);
                rest = after;
            }
            _ => {}
        }
    }
    found.then_some(out)
}

const NONFINITE: [&[u8]; 3] = [b"NaN", b"-Infinity", b"Infinity"];

/// `repr` of a Python string: single quotes unless it has only single ones in it, control characters escaped.
#[must_use]
pub fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || (0x7f..0xa0).contains(&(c as u32)) => {
                let _ = write!(out, "\\x{:02x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// `repr` of a Python float: the shortest text that reads back, with an exponent from 1e16 on and below 1e-4.
#[must_use]
pub fn float(number: f64) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    let size = number.abs();
    if number.is_infinite() || size == 0.0 || (1e-4..1e16).contains(&size) {
        return format!("{number:?}");
    }
    let text = format!("{number:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    format!("{digits}e{sign}{exponent:0>2}")
}

/// `repr` of a Python list of strings.
#[must_use]
pub fn repr_list<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| repr(item.as_ref())).collect();
    format!("[{}]", items.join(", "))
}

/// A whole number as Python's `int` reads it; what is too large for 64 bits becomes the largest that fits.
#[must_use]
pub fn int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let is_number = digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let plain = text.replace('_', "");
    let largest = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    is_number.then(|| plain.parse().unwrap_or(largest))
}

/// The name of the Python type that a JSON value is read as.
#[must_use]
pub fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// The first `limit` characters of a text.
#[must_use]
pub fn prefix(text: &str, limit: usize) -> &str {
    text.char_indices().nth(limit).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_without_strings() {
        // What is repeated so often, and whether that is more than a thousand values.
        let cases = [
            ("0,", 1000, false),
            ("0,", 1001, true),
            ("[", 1001, true),
            ("{}", 1001, true),
            (r#"",","#, 500, false),
            (r#"",""#, 2000, false),
            (r#""\",,""#, 2000, false),
            (r#""\\","#, 1001, true),
        ];
        for (part, times, expected) in cases {
            assert_eq!(has_more_values(part.repeat(times).as_bytes(), 1000), expected, "{part} {times}");
        }
    }

    #[test]
    fn strings_are_quoted_as_python_does() {
        let cases = [
            ("a", "'a'"),
            ("it's", "\"it's\""),
            ("'\"", "'\\'\"'"),
            ("a\nb", "'a\\nb'"),
            ("\u{1}", "'\\x01'"),
            ("é", "'é'"),
        ];
        for (text, expected) in cases {
            assert_eq!(repr(text), expected);
        }
    }

    #[test]
    fn floats() {
        let cases =
            [(1.0, "1.0"), (1e16, "1e+16"), (1.5e-5, "1.5e-05"), (0.0001, "0.0001"), (-0.0, "-0.0"), (1e300, "1e+300")];
        for (number, expected) in cases {
            assert_eq!(float(number), expected);
        }
        assert_eq!(float(f64::NAN) + &float(f64::NEG_INFINITY), "nan-inf");
    }

    #[test]
    fn json_is_ascii() {
        assert_eq!(json(&Value::from("é😀")), "\"\\u00e9\\ud83d\\ude00\"");
    }
}
