//! Text to tokens, with the rules of the SQL lexer that MLflow stands on.
//!
//! A rule that looks odd here is one that an MLflow user can notice: `12ab` is the number `1` and the name `2ab`, a
//! word before or after a dot is a name even when SQL reserves it, and a quote behind a backslash does not end a text.

use super::scan::{
    bracketed, comparator_word, is_letter, is_space, is_word, joint_follows, nulls, number, phrase, quoted, run,
};

/// What a [`Token`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Space,
    Comment,
    /// A word, or something in backticks or square brackets.
    Name,
    /// Something in double quotes, which SQL reads as a name.
    Symbol,
    /// Something in single quotes.
    Text,
    Integer,
    Float,
    /// `0x1F`, which nothing can be compared with.
    Hexadecimal,
    Placeholder,
    Keyword,
    /// `ASC` or `DESC`.
    Order,
    Comparator,
    Operator,
    Wildcard,
    /// `.`, or the JSON arrows, which join names the same way.
    Joint,
    Cast,
    Comma,
    Semicolon,
    Open,
    Close,
    OpenBracket,
    CloseBracket,
    Other,
}

/// A piece of the source: its kind and where it stands, in bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
}

/// The most tokens that one string may have; MLflow's parser gives up at the same number.
const LIMIT: usize = 10_000;

/// The tokens of `source`, every byte of it in exactly one; `None` when there are more than 10,000.
pub(super) fn tokens(source: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut lexer = Lexer { rest: source, before: None, unclosed_comment: false };
    let mut start = 0;
    while !lexer.rest.is_empty() {
        if tokens.len() == LIMIT {
            return None;
        }
        let (kind, length) = lexer.token();
        let end = source.len() - lexer.advance(length).len();
        tokens.push(Token { kind, start, end });
        start = end;
    }
    Some(tokens)
}

struct Lexer<'a> {
    rest: &'a str,
    before: Option<char>,
    /// Set once a search for `*/` was in vain, so that no later one is made.
    unclosed_comment: bool,
}

impl<'a> Lexer<'a> {
    fn advance(&mut self, length: usize) -> &'a str {
        let (token, rest) = self.rest.split_at_checked(length.max(1)).unwrap_or((self.rest, ""));
        self.before = token.chars().next_back();
        self.rest = rest;
        rest
    }

    fn token(&mut self) -> (Kind, usize) {
        let first = self.rest.chars().next().unwrap_or_default();
        if let Some(length) = self.comment() {
            return (Kind::Comment, length);
        }
        match first {
            '\r' if self.rest.starts_with("\r\n") => (Kind::Space, 2),
            _ if is_space(first) => (Kind::Space, first.len_utf8()),
            _ if is_word(first) => self.word(first),
            '`' | '´' => quoted(self.rest, first, false).map_or((Kind::Other, first.len_utf8()), |n| (Kind::Name, n)),
            '\'' => quoted(self.rest, first, true).map_or((Kind::Other, 1), |n| (Kind::Text, n)),
            '"' => quoted(self.rest, first, true).map_or((Kind::Other, 1), |n| (Kind::Symbol, n)),
            _ => self.sign(first),
        }
    }

    fn comment(&mut self) -> Option<usize> {
        let rest = self.rest;
        if rest.starts_with("--") || rest.starts_with("# ") {
            let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
            let (_, tail) = rest.split_at_checked(end)?;
            return Some(end + if tail.starts_with("\r\n") { 2 } else { tail.len().min(1) });
        }
        let inside = rest.strip_prefix("/*").filter(|_| !self.unclosed_comment)?;
        let end = inside.find("*/");
        self.unclosed_comment = end.is_none();
        end.map(|end| end + 4)
    }

    fn word(&self, first: char) -> (Kind, usize) {
        let rest = self.rest;
        let length = run(rest, is_word);
        let (word, tail) = rest.split_at_checked(length).unwrap_or((rest, ""));
        let is = |candidates: &[&str]| candidates.iter().any(|c| word.eq_ignore_ascii_case(c));
        if is(&["CASE", "IN", "VALUES", "USING", "FROM", "AS"]) {
            return (Kind::Keyword, length);
        }
        if is_letter(first) && (self.before == Some('.') || tail.starts_with('(') || joint_follows(tail)) {
            return (Kind::Name, length);
        }
        if let Some(number) = number(rest) {
            return number;
        }
        if let Some(length) = comparator_word(rest) {
            return (Kind::Comparator, length);
        }
        if is(&["ASC", "DESC"]) {
            return (Kind::Order, length + nulls(tail));
        }
        let pairs = [["NOT", "NULL"], ["ORDER", "BY"], ["GROUP", "BY"], ["UNION", "ALL"]];
        if let Some(length) = pairs.iter().find_map(|pair| phrase(rest, pair)) {
            return (Kind::Keyword, length);
        }
        let length = run(rest, |c| is_word(c) || c == '$' || c == '#');
        (if length == word.len() && is_keyword(word) { Kind::Keyword } else { Kind::Name }, length)
    }

    fn sign(&self, first: char) -> (Kind, usize) {
        let rest = self.rest;
        if let Some(number) = number(rest) {
            return number;
        }
        let starts = |prefix: &str| rest.starts_with(prefix);
        let name_after = |prefix: &str| {
            let tail = rest.strip_prefix(prefix)?;
            let length = run(tail, is_word);
            (tail.starts_with(is_letter) && tail.chars().take(2).filter(|c| is_word(*c)).count() == 2)
                .then_some(prefix.len() + length)
        };
        let after_word = self.before.is_some_and(is_word);
        let word_after = || rest.get(1..).map_or(0, |tail| run(tail, is_word));
        match first {
            ':' if starts(":=") => (Kind::Other, 2),
            ':' if starts("::") => (Kind::Cast, 2),
            '*' => (Kind::Wildcard, 1),
            '?' => (Kind::Placeholder, 1),
            '%' if starts("%s") || starts("%S") => (Kind::Placeholder, 2),
            '$' | ':' if !after_word && word_after() > 0 => (Kind::Placeholder, 1 + word_after()),
            '\\' => (Kind::Other, 1 + word_after()),
            '@' | '#' if let Some(n) = name_after("@").or(name_after("##")).or(name_after("#")) => (Kind::Name, n),
            '[' => match bracketed(rest).filter(|_| !after_word && self.before != Some(']')) {
                Some(length) => (Kind::Name, length),
                None => (Kind::OpenBracket, 1),
            },
            ']' => (Kind::CloseBracket, 1),
            '(' => (Kind::Open, 1),
            ')' => (Kind::Close, 1),
            '.' => (Kind::Joint, 1),
            ',' => (Kind::Comma, 1),
            ';' => (Kind::Semicolon, 1),
            '-' if starts("->>") => (Kind::Joint, 3),
            '-' if starts("->") => (Kind::Joint, 2),
            '-' => (Kind::Operator, 1),
            '<' if starts("<@") => (Kind::Operator, 2),
            '<' | '>' | '=' | '~' | '!' => (Kind::Comparator, run(rest, |c| "<>=~!".contains(c))),
            '+' | '/' | '@' | '#' | '%' | '^' | '&' | '|' => (Kind::Operator, run(rest, |c| "+/@#%^&|-".contains(c))),
            _ => (Kind::Other, first.len_utf8()),
        }
    }
}

/// Words that stand for themselves and never for a name: those that people write into a filter by habit. MLflow's
/// parser knows hundreds more, which makes no difference but in the words of an error.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 40] = [
        "ALL",
        "AND",
        "ANY",
        "BETWEEN",
        "BY",
        "COUNT",
        "DATA",
        "DATE",
        "DELETE",
        "DISTINCT",
        "DROP",
        "EXISTS",
        "FALSE",
        "FLOAT",
        "HAVING",
        "INT",
        "INSERT",
        "IS",
        "JOIN",
        "LIMIT",
        "NONE",
        "NOT",
        "NOTHING",
        "NULL",
        "OFFSET",
        "OR",
        "ORDER",
        "SELECT",
        "SOURCE",
        "TABLE",
        "TEXT",
        "TIMESTAMP",
        "TRUE",
        "TYPE",
        "UNION",
        "UNKNOWN",
        "UPDATE",
        "USER",
        "VERSION",
        "WHERE",
    ];
    KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}
