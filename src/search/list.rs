//! The lists of `IN (...)`, which MLflow reads as Python literals.

use std::iter::Peekable;
use std::str::Chars;

/// Why a list is none that can be used.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It is not a list of literals.
    IllFormed,
    /// It contains something that is not a text; this is the list as Python prints it.
    NotTexts(String),
}

enum Item {
    Text(String),
    /// A number, as Python prints it.
    Number(String),
    /// A literal of another type, as Python prints it.
    Other(String),
}

/// Reads `('a', "b")`. One text in parentheses is a list of one, and `()` is an empty list.
pub(super) fn texts(source: &str) -> Result<Vec<String>, Failure> {
    read(source, |item| match item {
        Item::Text(text) => Some(text.clone()),
        Item::Number(_) | Item::Other(_) => None,
    })
}

/// As [`texts`], where a number stands for its text.
pub(super) fn texts_or_numbers(source: &str) -> Result<Vec<String>, Failure> {
    read(source, |item| match item {
        Item::Text(text) | Item::Number(text) => Some(text.clone()),
        Item::Other(_) => None,
    })
}

fn read(source: &str, text: fn(&Item) -> Option<String>) -> Result<Vec<String>, Failure> {
    let mut inside = parenthesized(source).ok_or(Failure::IllFormed)?;
    while let Some(deeper) = parenthesized(inside) {
        inside = deeper;
    }
    let items = items(inside).ok_or(Failure::IllFormed)?;
    items.iter().map(text).collect::<Option<_>>().ok_or_else(|| Failure::NotTexts(printed(&items)))
}

fn parenthesized(source: &str) -> Option<&str> {
    source.trim().strip_prefix('(')?.strip_suffix(')')
}

fn printed(items: &[Item]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|item| match item {
            Item::Text(text) => super::python::repr(text),
            Item::Number(text) | Item::Other(text) => text.clone(),
        })
        .collect();
    let comma = if items.len() == 1 { "," } else { "" };
    format!("({}{comma})", items.join(", "))
}

fn items(source: &str) -> Option<Vec<Item>> {
    let mut chars = source.chars().peekable();
    let mut items = Vec::new();
    loop {
        skip_space(&mut chars);
        if chars.peek().is_none() {
            return Some(items);
        }
        items.push(item(&mut chars)?);
        skip_space(&mut chars);
        match chars.next() {
            Some(',') => {}
            None => return Some(items),
            Some(_) => return None,
        }
    }
}

fn item(chars: &mut Peekable<Chars<'_>>) -> Option<Item> {
    if !matches!(chars.peek(), Some('\'' | '"')) {
        return other(chars);
    }
    let mut text = String::new();
    while let Some(quote) = chars.next_if(|c| matches!(c, '\'' | '"')) {
        quoted(chars, quote, &mut text)?;
        skip_space(chars);
    }
    Some(Item::Text(text))
}

/// Reads up to the closing quote.
fn quoted(chars: &mut Peekable<Chars<'_>>, quote: char, text: &mut String) -> Option<()> {
    loop {
        match chars.next()? {
            c if c == quote => return Some(()),
            '\n' | '\r' => return None,
            '\\' => escape(chars, text)?,
            c => text.push(c),
        }
    }
}

fn escape(chars: &mut Peekable<Chars<'_>>, text: &mut String) -> Option<()> {
    let c = chars.next()?;
    let decoded = match c {
        '\n' => return Some(()),
        '\\' | '\'' | '"' => c,
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => coded(chars, 16, 2, 2, 0)?,
        'u' => coded(chars, 16, 4, 4, 0)?,
        'U' => coded(chars, 16, 8, 8, 0)?,
        'N' => return None,
        '0'..='7' => coded(chars, 8, 0, 2, c.to_digit(8)?)?,
        _ => {
            text.push('\\');
            c
        }
    };
    text.push(decoded);
    Some(())
}

/// A character by its number, of `least` to `most` more digits. NUL and halves of pairs cannot be stored.
fn coded(chars: &mut Peekable<Chars<'_>>, radix: u32, least: usize, most: usize, mut code: u32) -> Option<char> {
    for count in 0..most {
        match chars.peek().and_then(|c| c.to_digit(radix)) {
            Some(digit) => code = code.checked_mul(radix)?.checked_add(digit)?,
            None if count >= least => break,
            None => return None,
        }
        chars.next();
    }
    char::from_u32(code).filter(|c| *c != '\0')
}

/// A number, `True`, `False` or `None`.
fn other(chars: &mut Peekable<Chars<'_>>) -> Option<Item> {
    let mut word = String::new();
    while let Some(c) = chars.next_if(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+')) {
        word.push(c);
    }
    let integer = word.strip_prefix('-').unwrap_or(&word);
    let has_leading_zero = integer.starts_with('0') && integer != "0";
    let is_integer = !integer.is_empty() && !has_leading_zero && integer.bytes().all(|b| b.is_ascii_digit());
    let is_float = integer.starts_with(|c: char| c.is_ascii_digit() || c == '.') && word.contains(['.', 'e', 'E']);
    if matches!(word.as_str(), "True" | "False" | "None") {
        return Some(Item::Other(word));
    }
    if is_integer {
        return Some(Item::Number(word));
    }
    word.parse::<f64>().ok().filter(|_| is_float).map(|number| Item::Number(super::python::float(number)))
}

fn skip_space(chars: &mut Peekable<Chars<'_>>) {
    while chars.next_if(|c| matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c')).is_some() {}
}
