//! What the lexer recognises at the start of a text: pieces by their lengths, in bytes.

use super::lexer::Kind;

/// The length of the quoted piece at the start of `rest`; a doubled quote does not end it, nor does a quote behind a
/// backslash where `escapes` holds. When nothing else ends it, the last quote of these does.
pub(super) fn quoted(rest: &str, quote: char, escapes: bool) -> Option<usize> {
    let mut chars = rest.char_indices().skip(1).peekable();
    let mut fallback = None;
    while let Some((at, c)) = chars.next() {
        if c == quote {
            if chars.next_if(|(_, next)| *next == quote).is_none() {
                return Some(at + quote.len_utf8());
            }
            fallback = Some(at + quote.len_utf8());
        } else if escapes
            && c == '\\'
            && let Some((at, _)) = chars.next_if(|(_, next)| *next == quote)
        {
            fallback = Some(at + quote.len_utf8());
        }
    }
    fallback
}

/// The length of `[name]` at the start of `rest`.
pub(super) fn bracketed(rest: &str) -> Option<usize> {
    let inside = rest.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    (end > 0 && inside.get(end..)?.starts_with(']')).then_some(end + 2)
}

/// The number at the start of `rest`. Digits that run into a letter lose their last one to it.
pub(super) fn number(rest: &str) -> Option<(Kind, usize)> {
    let digits = |text: &str| run(text, |c| c.is_ascii_digit());
    let sign = usize::from(rest.starts_with('-'));
    let body = rest.get(sign..)?;
    let whole = digits(body);
    if let Some(hex) = body.strip_prefix("0x").or_else(|| body.strip_prefix("0X")) {
        let length = run(hex, |c| c.is_ascii_hexdigit());
        if length > 0 {
            return Some((Kind::Hexadecimal, sign + 2 + length));
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
    let ends_well =
        |length: usize| body.get(length..).is_some_and(|tail| !tail.starts_with(|c| c == '_' || is_letter(c)));
    let settle = |length: usize, spare: bool| {
        if ends_well(length) { Some(length) } else { spare.then(|| length - 1) }
    };
    let float = point
        .filter(|_| whole + fraction > 0)
        .and_then(|_| settle(whole + 1 + fraction, if whole > 0 { fraction > 0 } else { fraction > 1 }));
    if let Some(length) = float {
        return Some((Kind::Float, sign + length));
    }
    let length = settle(whole, whole > 1).filter(|_| whole > 0)?;
    Some((Kind::Integer, sign + length))
}

/// The length of a comparator that is written in letters.
pub(super) fn comparator_word(rest: &str) -> Option<usize> {
    let operators = ["LIKE", "ILIKE", "RLIKE", "REGEXP"];
    let plain = |operator| phrase(rest, &[operator]);
    let negated = |operator| phrase(rest, &["NOT", operator]);
    operators.into_iter().find_map(|operator| plain(operator).or_else(|| negated(operator)))
}

/// The length of `NULLS FIRST` or `NULLS LAST` with the space before it, or 0.
pub(super) fn nulls(tail: &str) -> usize {
    let space = run(tail, is_space);
    let rest = tail.get(space..).filter(|_| space > 0).unwrap_or_default();
    phrase(rest, &["NULLS", "FIRST"]).or_else(|| phrase(rest, &["NULLS", "LAST"])).map_or(0, |length| space + length)
}

/// The length of `words` at the start of `rest`, with any white space between them.
pub(super) fn phrase(rest: &str, words: &[&str]) -> Option<usize> {
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
pub(super) fn joint_follows(tail: &str) -> bool {
    let tail = tail.trim_start_matches(is_space).strip_prefix('.');
    tail.is_some_and(|tail| !tail.starts_with(|c: char| c.is_ascii_digit()))
}

/// The length of the characters at the start of `text` that `accepts` takes.
pub(super) fn run(text: &str, accepts: impl Fn(char) -> bool) -> usize {
    text.find(|c| !accepts(c)).unwrap_or(text.len())
}

/// White space as Python's regular expressions have it.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// What words are made of.
pub(super) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// What a SQL name starts with.
pub(super) fn is_letter(c: char) -> bool {
    c.is_ascii_alphabetic() || ('À'..='Ü').contains(&c) || ('à'..='ü').contains(&c)
}
