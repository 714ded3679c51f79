//! Cuts a document into tokens.

use std::fmt;

use crate::error::{Error, Result};

/// A piece of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token<'a> {
    /// One of `!$&():=@[]{|}`.
    Mark(char),
    /// `...`
    Spread,
    /// A word.
    Name(&'a str),
    /// A number without a fraction.
    Int(&'a str),
    /// Any other number.
    Float(&'a str),
    /// A string, unescaped.
    Text(String),
    /// The end of the document.
    End,
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mark(mark) => write!(f, "'{mark}'"),
            Self::Spread => f.write_str("'...'"),
            Self::Name(text) => write!(f, "Name '{text}'"),
            Self::Int(text) => write!(f, "Int '{text}'"),
            Self::Float(text) => write!(f, "Float '{text}'"),
            Self::Text(_) => f.write_str("String"),
            Self::End => f.write_str("<EOF>"),
        }
    }
}

/// Where a document is being read.
#[derive(Debug)]
pub struct Lexer<'a> {
    text: &'a str,
    rest: &'a str,
    /// What the last token was the first of.
    token: &'a str,
}

impl<'a> Lexer<'a> {
    /// At the beginning of a document.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, rest: text, token: text }
    }

    /// The next token.
    pub fn token(&mut self) -> Result<Token<'a>> {
        self.skip_ignored();
        self.token = self.rest;
        let Some(first) = self.rest.chars().next() else { return Ok(Token::End) };
        match first {
            '!' | '$' | '&' | '(' | ')' | ':' | '=' | '@' | '[' | ']' | '{' | '|' | '}' => {
                self.cut(1);
                Ok(Token::Mark(first))
            }
            '.' if self.rest.starts_with("...") => {
                self.cut(3);
                Ok(Token::Spread)
            }
            '_' | 'a'..='z' | 'A'..='Z' => Ok(Token::Name(self.cut_while(is_name))),
            '-' | '0'..='9' => self.number(),
            '"' if self.rest.starts_with(r#"""""#) => self.block(),
            '"' => self.string(),
            other => Err(self.wrong(&format!("Unexpected character: '{}'.", other.escape_default()))),
        }
    }

    /// The error for what is wrong with the last token.
    #[must_use]
    pub fn wrong(&self, what: &str) -> Error {
        let read = self.text.get(..self.text.len() - self.token.len()).unwrap_or_default();
        let line = read.matches('\n').count() + 1;
        let column = read.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Error::invalid(format!("Syntax Error: {what} (line {line}, column {column})"))
    }

    fn skip_ignored(&mut self) {
        loop {
            let blank = |c: char| matches!(c, '\u{feff}' | ' ' | '\t' | '\r' | '\n' | ',');
            self.rest = self.rest.trim_start_matches(blank);
            if !self.rest.starts_with('#') {
                return;
            }
            self.cut_while(|c| c != '\n' && c != '\r');
        }
    }

    fn cut(&mut self, bytes: usize) -> &'a str {
        let (head, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.rest = rest;
        head
    }

    fn cut_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !wanted(c)).unwrap_or(self.rest.len());
        self.cut(end)
    }

    /// JSON's numbers are GraphQL's, except that nothing like a number or a word may follow.
    fn number(&mut self) -> Result<Token<'a>> {
        let text = self.rest;
        let end = text.find(|c: char| !(is_name(c) || matches!(c, '-' | '+' | '.'))).unwrap_or(text.len());
        let text = text.get(..end).unwrap_or_default();
        if serde_json::from_str::<serde_json::Number>(text).is_err() && !is_whole(text) {
            return Err(self.wrong("Invalid number."));
        }
        self.cut(end);
        Ok(if is_whole(text) { Token::Int(text) } else { Token::Float(text) })
    }

    /// JSON's strings are GraphQL's, except that JSON does not know `\u{…}`.
    fn string(&mut self) -> Result<Token<'a>> {
        let mut escaped = false;
        let closing = self.rest.char_indices().skip(1).find(|(_, c)| {
            let closes = *c == '"' && !escaped;
            escaped = *c == '\\' && !escaped;
            closes
        });
        let json = closing.and_then(|(end, _)| self.rest.get(..=end));
        let text = json.and_then(|json| Some((json.len(), serde_json::from_str(json).ok()?)));
        let Some((length, text)) = text else { return Err(self.wrong("Invalid or unterminated string.")) };
        self.cut(length);
        Ok(Token::Text(text))
    }

    fn block(&mut self) -> Result<Token<'a>> {
        const QUOTES: &str = r#"""""#;
        let body = self.rest.get(3..).unwrap_or_default();
        let mut from = 0;
        loop {
            let found = body.get(from..).and_then(|rest| rest.find(QUOTES));
            let Some(end) = found.map(|found| found + from) else { return Err(self.wrong("Unterminated string.")) };
            let inside = body.get(..end).unwrap_or_default();
            if inside.ends_with('\\') {
                from = end + QUOTES.len();
                continue;
            }
            self.cut(end + 2 * QUOTES.len());
            return Ok(Token::Text(dedent(inside).replace("\\\"\"\"", QUOTES)));
        }
    }
}

fn is_name(c: char) -> bool {
    c == '_' || c.is_ascii_alphanumeric()
}

/// Whether this is a number without fraction and exponent, of any size.
fn is_whole(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    digits == "0" || !digits.is_empty() && !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// The value of a block string: without common indentation, and without blank lines around it.
fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let margin = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let is_blank = |line: &&str| margin(line) == line.len();
    let common = lines.iter().skip(1).filter(|line| !is_blank(line)).map(margin).min().unwrap_or(0);
    let cut = |(at, line): (usize, &&'_ str)| {
        if at == 0 { (*line).to_owned() } else { line.get(common..).unwrap_or_default().to_owned() }
    };
    let cut: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let filled = |line: &String| !is_blank(&line.as_str());
    let first = cut.iter().position(filled).unwrap_or(cut.len());
    let last = cut.iter().rposition(filled).map_or(first, |last| last + 1);
    cut.get(first..last).unwrap_or_default().join("\n")
}
