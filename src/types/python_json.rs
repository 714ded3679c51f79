//! JSON as Python's `json` module reads and writes it: with `NaN` and infinities, whole numbers of any length beside
//! fractions, and members in the order in which they came.

use std::iter::Peekable;
use std::str::CharIndices;

use serde_json::Value;

use super::python;

/// How deep arrays and objects may be in each other.
const DEEPEST: usize = 100;

/// A JSON value.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Json {
    /// `null`.
    #[default]
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number by its digits.
    Int(String),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(String),
    /// Values in an order.
    List(Vec<Json>),
    /// Values by name. Of a name that occurs again the last value counts.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a JSON text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parser = Parser { text, chars: text.char_indices().peekable() };
        parser.skip_space();
        let value = parser.value(0)?;
        parser.skip_space();
        parser.chars.peek().is_none().then_some(value)
    }

    /// What protobuf makes of a JSON value, where every number is a double.
    #[must_use]
    pub fn of_protobuf(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(flag),
            Value::Number(number) => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            Value::String(text) => Self::Text(text),
            Value::Array(values) => Self::List(values.into_iter().map(Self::of_protobuf).collect()),
            Value::Object(map) => {
                Self::Object(map.into_iter().map(|(name, value)| (name, Self::of_protobuf(value))).collect())
            }
        }
    }

    /// The value for an answer of protobuf, where every number is a double. What is no number there becomes its name.
    #[must_use]
    pub fn to_protobuf(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(flag) => (*flag).into(),
            Self::Int(_) | Self::Float(_) => {
                let number = self.number().unwrap_or(f64::NAN);
                serde_json::Number::from_f64(number).map_or_else(|| nonfinite(number).into(), Value::Number)
            }
            Self::Text(text) => text.as_str().into(),
            Self::List(values) => values.iter().map(Self::to_protobuf).collect(),
            Self::Object(members) => members.iter().map(|(name, value)| (name.clone(), value.to_protobuf())).collect(),
        }
    }

    /// The number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Int(digits) => digits.parse().ok(),
            Self::Float(number) => Some(*number),
            _ => None,
        }
    }

    /// The value as `json.dumps` writes it: a blank after each comma and colon, nothing beyond ASCII.
    #[must_use]
    pub fn dumps(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(flag) => out.push_str(if *flag { "true" } else { "false" }),
            Self::Int(digits) => out.push_str(digits),
            Self::Float(number) if number.is_finite() => out.push_str(&python::float(*number)),
            Self::Float(number) => out.push_str(nonfinite(*number)),
            Self::Text(text) => out.push_str(&quoted(text)),
            Self::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    out.push_str(if index == 0 { "" } else { ", " });
                    out.push_str(&quoted(name));
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

fn quoted(text: &str) -> String {
    python::dumps(&Value::from(text))
}

const fn nonfinite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

struct Parser<'a> {
    text: &'a str,
    chars: Peekable<CharIndices<'a>>,
}

impl<'a> Parser<'a> {
    fn value(&mut self, depth: usize) -> Option<Json> {
        match self.chars.peek()?.1 {
            '"' => self.string().map(Json::Text),
            '[' if depth < DEEPEST => self.list(depth + 1),
            '{' if depth < DEEPEST => self.object(depth + 1),
            '[' | '{' => None,
            _ => scalar(self.word()),
        }
    }

    fn list(&mut self, depth: usize) -> Option<Json> {
        let mut values = Vec::new();
        self.items(']', |parser| {
            values.push(parser.value(depth)?);
            Some(())
        })?;
        Some(Json::List(values))
    }

    fn object(&mut self, depth: usize) -> Option<Json> {
        let mut members = serde_json::Map::new();
        let mut values = Vec::new();
        self.items('}', |parser| {
            let name = parser.string()?;
            parser.skip_space();
            parser.chars.next_if(|(_, c)| *c == ':')?;
            parser.skip_space();
            // The first place of a name and its last value.
            members.insert(name, values.len().into());
            values.push(parser.value(depth)?);
            Some(())
        })?;
        let mut value =
            |at: Value| at.as_u64().and_then(|at| values.get_mut(usize::try_from(at).ok()?)).map(std::mem::take);
        Some(Json::Object(members.into_iter().filter_map(|(name, at)| Some((name, value(at)?))).collect()))
    }

    /// Reads what stands between the bracket that is next and `close`, with commas between.
    fn items(&mut self, close: char, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.chars.next();
        self.skip_space();
        if self.chars.next_if(|(_, c)| *c == close).is_some() {
            return Some(());
        }
        loop {
            item(self)?;
            self.skip_space();
            match self.chars.next()?.1 {
                c if c == close => return Some(()),
                ',' => self.skip_space(),
                _ => return None,
            }
        }
    }

    fn string(&mut self) -> Option<String> {
        let (start, _) = self.chars.next_if(|(_, c)| *c == '"')?;
        loop {
            match self.chars.next()? {
                (end, '"') => return serde_json::from_str(self.text.get(start..=end)?).ok(),
                (_, '\\') => drop(self.chars.next()?),
                _ => {}
            }
        }
    }

    /// The characters up to the next space, comma or closing bracket.
    fn word(&mut self) -> &'a str {
        let start = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        while self.chars.next_if(|(_, c)| !is_space(*c) && !matches!(c, ',' | ']' | '}')).is_some() {}
        let end = self.chars.peek().map_or(self.text.len(), |(at, _)| *at);
        self.text.get(start..end).unwrap_or_default()
    }

    fn skip_space(&mut self) {
        while self.chars.next_if(|(_, c)| is_space(*c)).is_some() {}
    }
}

const fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn scalar(word: &str) -> Option<Json> {
    Some(match word {
        "null" => Json::Null,
        "true" => Json::Bool(true),
        "false" => Json::Bool(false),
        "NaN" => Json::Float(f64::NAN),
        "Infinity" => Json::Float(f64::INFINITY),
        "-Infinity" => Json::Float(f64::NEG_INFINITY),
        "-0" => Json::Int("0".into()),
        number => return self::number(number),
    })
}

fn number(text: &str) -> Option<Json> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole = digits(unsigned);
    let (zeros, mut rest) = (unsigned.starts_with('0') && whole > 1, unsigned.get(whole..)?);
    if whole == 0 || zeros {
        return None;
    }
    if rest.is_empty() {
        return Some(Json::Int(text.into()));
    }
    if let Some(fraction) = rest.strip_prefix('.') {
        rest = fraction.get(digits(fraction)..).filter(|rest| rest.len() < fraction.len())?;
    }
    if let Some(exponent) = rest.strip_prefix(['e', 'E']) {
        let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        rest = exponent.get(digits(exponent)..).filter(|rest| rest.len() < exponent.len())?;
    }
    text.parse().ok().filter(|_| rest.is_empty()).map(Json::Float)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_as_python_does() {
        let cases = [
            (r#"{"b":1,"a":[1.0,null,NaN]}"#, r#"{"b": 1, "a": [1.0, null, NaN]}"#),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a": 3, "b": 2}"#),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            (" [ ] ", "[]"),
            ("{ }", "{}"),
            (r#"{"":{}}"#, r#"{"": {}}"#),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("1E16", "1e+16"),
            ("1e999", "Infinity"),
            ("-Infinity", "-Infinity"),
            ("\"\\u00e9é\\n\\\"😀\"", "\"\\u00e9\\u00e9\\n\\\"\\ud83d\\ude00\""),
            ("[true,\tfalse\n]", "[true, false]"),
        ];
        for (text, expected) in cases {
            assert_eq!(Json::parse(text).map(|value| value.dumps()).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_json() {
        let deep = "[".repeat(101) + &"]".repeat(101);
        for text in
            ["", "{", "[1", "[1,]", "{1:2}", "{\"a\"}", "01", "1.", ".5", "+1", "nan", "'a'", "1 2", "\"\n\"", &deep]
        {
            assert_eq!(Json::parse(text), None, "{text}");
        }
        assert!(Json::parse(&("[".repeat(100) + &"]".repeat(100))).is_some());
    }

    #[test]
    fn numbers_are_doubles_in_protobuf() {
        let value: Value = serde_json::from_str(r#"{"a": [1, 1e16, true, null, "NaN"]}"#).unwrap_or_default();
        let read = Json::of_protobuf(value);
        assert_eq!(read.dumps(), r#"{"a": [1.0, 1e+16, true, null, "NaN"]}"#);
        assert_eq!(read.to_protobuf().to_string(), r#"{"a":[1.0,1e+16,true,null,"NaN"]}"#);
        assert_eq!(
            Json::parse("[5, NaN]").map(|value| value.to_protobuf().to_string()).as_deref(),
            Some(r#"[5.0,"NaN"]"#)
        );
    }
}
