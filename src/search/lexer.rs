//! Text to tokens, with the rules of the SQL lexer that MLflow stands on.
//!
//! A rule that looks odd here is one that an MLflow user can notice: `12ab` is the number `1` and the name `2ab`, a
//! word before or after a dot is a name even when SQL reserves it, and a quote behind a backslash does not end a text.

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
        if is(&["NOT"]) {
            return (Kind::Keyword, phrase(rest, &["NOT", "NULL"]).unwrap_or(length));
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

/// The length of the quoted piece at the start of `rest`; a doubled quote does not end it, nor does a quote behind a
/// backslash where `escapes` holds. When nothing else ends it, the last quote of these does.
fn quoted(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    let mut fallback = None;
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.next_if(|(_, next)| *next == quote).is_none() {
                return Some(at + quote.len_utf8());
            }
            fallback = Some(at + quote.len_utf8());
        } else if escapes && c == '\\' && let Some((at, _)) = chars.next_if(|(_, next)| *next == quote) {
            fallback = Some(at + quote.len_utf8());
        }
    }
    fallback
}

/// The length of `[name]` at the start of `rest`.
fn bracketed(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    (end > 0 && inside.get(end..)?.starts_with(']')).then_some(end + 2)
}

/// The number at the start of `rest`. Digits that run into a letter lose their last one to it.
fn number(rest: &str) -> Option<(Kind, usize)> {
    let digits = |text: &str| run(text, |c| c.is_ascii_digit());
    let sign = usize::from(rest.starts_with('-'));
    let body = rest.get(sign..)?;
    let whole = digits(body);
    if let Some(hex) = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        let length = run(hex, |c| c.is_ascii_hexdigit());
        if length > 0 {
            return Some((Kind::Other, sign + 2 + length));
        }
    }
    let point = body.get(whole..)?.strip_prefix('.');
    let fraction = point.map_or(0, digits);
    if whole > 0 {
        let mantissa = if fraction > 0 { whole + 1 + fraction } else { whole };
        if let Some(exponent) = body.get(mantissa..)?.strip_prefix(['e', 'E']) {
            let minus = usize::from(exponent.starts_with('-'));
            let length = exponent.get(minus..).map_or(0, digits);
            if length > 0 {
                return Some((Kind::Float, sign + mantissa + 1 + minus + length));
            }
        }
    }
    let ends_well = |length: usize| body.get(length..).is_some_and(|tail| !tail.starts_with(|c| c == '_' || is_letter(c)));
    let settle = |length: usize, spare: bool| {
        if ends_well(length) { Some(length) } else { spare.then(|| length - 1) }
    };
    let float = point.filter(|_| whole + fraction > 0).and_then(|_| {
        settle(whole + 1 + fraction, if whole > 0 { fraction > 0 } else { fraction > 1 })
    });
    if let Some(length) = float {
        return Some((Kind::Float, sign + length));
    }
    let length = settle(whole, whole > 1).filter(|_| whole > 0)?;
    Some((Kind::Integer, sign + length))
}

/// The length of a comparator that is written in letters.
fn comparator_word(rest: &str) -> Option<usize> {
    let operators = ["LIKE", "ILIKE", "RLIKE", "REGEXP"];
    let plain = |operator| phrase(rest, &[operator]);
    let negated = |operator| phrase(rest, &["NOT", operator]);
    operators.into_iter().find_map(|operator| plain(operator).or_else(|| negated(operator)))
}

/// The length of `NULLS FIRST` or `NULLS LAST` with the space before it, or 0.
fn nulls(tail: &str) -> usize {
    let space = run(tail, is_space);
    let rest = tail.get(space..).filter(|_| space > 0).unwrap_or_default();
    phrase(rest, &["NULLS", "FIRST"]).or_else(|| phrase(rest, &["NULLS", "LAST"])).map_or(0, |length| space + length)
}

/// The length of `words` at the start of `rest`, with any white space between them.
fn phrase(rest: &str, words: &[&str]) -> Option<usize> {
    let mut at = 0;
    for (index, word) in words.iter().enumerate() {
        let space = run(rest.get(at..)?, is_space);
        if (index > 0) != (space > 0) {
            return None;
        }
        at += space;
        let length = run(rest.get(at..)?, is_word);
        if !rest.get(at..at + length)?.eq_ignore_ascii_case(word) {
            return None;
        }
        at += length;
    }
    Some(at)
}

/// Whether a dot that belongs to no number follows.
fn joint_follows(tail: &str) -> bool {
    let tail = tail.trim_start_matches(is_space).strip_prefix('.');
    tail.is_some_and(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()))
}

fn run(text: &str, accepts: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accepts(c)).unwrap_or(text.len())
}

fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('À'..='Ü').contains(&c) || ('à'..='ü').contains(&c)
}

/// Words that stand for themselves and never for a name: those that people write into a filter by habit. MLflow's
/// parser knows hundreds more, which makes no difference but in the words of an error.
fn is_keyword(word: &str) -> bool {
    const KEYWORDS: [&str; 36] = [
        "ALL", "AND", "ANY", "BETWEEN", "BY", "COUNT", "DATA", "DATE", "DELETE", "DISTINCT", "DROP", "EXISTS", "FALSE",
        "FLOAT", "HAVING", "INT", "INSERT", "IS", "JOIN", "LIMIT", "NONE", "NULL", "OFFSET", "OR", "ORDER", "SELECT",
        "SOURCE", "TABLE", "TEXT", "TIMESTAMP", "TRUE", "TYPE", "UNION", "UPDATE", "USER", "WHERE",
    ];
    KEYWORDS.iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}
