//! Texts and numbers as people read them.

use std::borrow::Cow;
use std::fmt::Write as _;

use maud::{Escaper, Render};

/// A text that a client sent, escaped, with what cannot be seen made visible: control characters, and the marks that
/// turn the direction of what follows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct T<'a>(pub(crate) &'a str);

impl Render for T<'_> {
    fn render_to(&self, out: &mut String) {
        let mut escaper = Escaper::new(out);
        for c in self.0.chars() {
            // Writing to a String cannot fail.
            let _ = escaper.write_char(visible(c));
        }
    }
}

/// A text that goes back to where it came from, as the value of a field: escaped and otherwise unchanged, but for
/// control characters, which HTML cannot hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Exact<'a>(pub(crate) &'a str);

impl Render for Exact<'_> {
    fn render_to(&self, out: &mut String) {
        let mut escaper = Escaper::new(out);
        for c in self.0.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')) {
            let _ = escaper.write_char(c);
        }
    }
}

/// The character that stands for `c` on a page.
pub(crate) fn visible(c: char) -> char {
    let code = u32::from(c);
    match c {
        '\n' | '\t' => c,
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + code).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2066}'..='\u{2069}'
        | '\u{fdd0}'..='\u{fdef}' => '\u{fffd}',
        _ if code & 0xfffe == 0xfffe => '\u{fffd}',
        _ => c,
    }
}

/// At most `limit` characters, the last of them an ellipsis where something is missing.
pub(crate) fn cut(text: &str, limit: usize) -> Cow<'_, str> {
    if text.chars().nth(limit).is_none() {
        return Cow::Borrowed(text);
    }
    let kept: String = text.chars().take(limit.saturating_sub(1)).collect();
    Cow::Owned(format!("{}…", kept.trim_end()))
}

/// The start of a text that takes at most `limit` bytes on a page, and whether that is all of it.
pub(crate) fn within(text: &str, limit: usize) -> (&str, bool) {
    let mut left = limit;
    for (at, c) in text.char_indices() {
        let cost = match c {
            '&' => 5,
            '<' | '>' => 4,
            '"' => 6,
            c => visible(c).len_utf8(),
        };
        let Some(rest) = left.checked_sub(cost) else { return (text.get(..at).unwrap_or_default(), false) };
        left = rest;
    }
    (text, true)
}

/// A value of a metric with six significant digits. MLflow keeps infinities as the greatest doubles.
pub(crate) fn number(value: f64) -> String {
    const SIGNIFICANT: usize = 6;
    match value {
        value if value.is_nan() => return "NaN".to_owned(),
        value if value >= f64::MAX => return "∞".to_owned(),
        value if value <= f64::MIN => return "−∞".to_owned(),
        _ => {}
    }
    let size = value.abs();
    if value.fract() == 0.0 && size < 1e9 {
        return format!("{value:.0}");
    }
    if !(1e-4..1e9).contains(&size) {
        return trimmed(&format!("{value:.3e}"));
    }
    let whole_digits = format!("{size:.0}").len();
    let decimals = if size < 1.0 { SIGNIFICANT } else { SIGNIFICANT.saturating_sub(whole_digits) };
    trimmed(&format!("{value:.decimals$}"))
}

/// Without zeros at the end of the decimals.
fn trimmed(number: &str) -> String {
    let (digits, exponent) = number.find('e').map_or((number, ""), |at| number.split_at(at));
    let digits = if digits.contains('.') { digits.trim_end_matches('0').trim_end_matches('.') } else { digits };
    format!("{digits}{exponent}")
}

/// A size in bytes.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 4] = [("TiB", 1 << 40), ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    match UNITS.iter().find(|(_, unit)| bytes >= *unit) {
        None => format!("{bytes} B"),
        Some((name, unit)) => {
            let tenths = bytes.saturating_mul(10) / unit;
            if tenths >= 1000 {
                format!("{} {name}", tenths / 10)
            } else {
                format!("{}.{} {name}", tenths / 10, tenths % 10)
            }
        }
    }
}

/// A count with its noun: `1 run`, `2 runs`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
