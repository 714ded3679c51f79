//! Times and durations as protobuf's JSON has them, in milliseconds.

use serde_json::Value;

use super::message::{FromJson, Path, mistyped};
use super::time::{civil, days_from_civil};
use crate::error::Result;

/// A time in a message, in milliseconds since the epoch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Timestamp(pub i64);

impl FromJson for Timestamp {
    fn from_json(value: Value, path: Path<'_>) -> Result<Self> {
        let millis = value.as_str().and_then(parse_timestamp);
        millis.map(Self).ok_or_else(|| mistyped(&value, path))
    }
}

const DAY: i64 = 86_400;

/// `2026-11-22T19:34:16.818Z`, of milliseconds since the epoch. Whole seconds have no fraction.
#[must_use]
pub fn timestamp(millis: i64) -> String {
    let (seconds, fraction) = (millis.div_euclid(1000), millis.rem_euclid(1000));
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let second = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if fraction == 0 { format!("{text}Z") } else { format!("{text}.{fraction:03}Z") }
}

/// `1.500s`, of milliseconds. Whole seconds have no fraction.
#[must_use]
pub fn duration(millis: i64) -> String {
    let (sign, millis) = (if millis < 0 { "-" } else { "" }, millis.unsigned_abs());
    let (seconds, fraction) = (millis / 1000, millis % 1000);
    if fraction == 0 { format!("{sign}{seconds}s") } else { format!("{sign}{seconds}.{fraction:03}s") }
}

/// Milliseconds since the epoch of a text like `2026-11-22T19:34:16.818Z`, with any offset in place of the `Z`.
/// Smaller fractions are cut.
#[must_use]
pub fn parse_timestamp(text: &str) -> Option<i64> {
    let (date, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.strip_prefix('T')?.split_at_checked(8)?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at_checked(rest.bytes().take_while(u8::is_ascii_digit).count().min(9))?,
        None => ("0", rest),
    };
    let days = days_from_civil(year, month, day);
    let exists = year > 0 && civil(days) == (year, month, day) && hour < 24 && minute < 60 && second < 60;
    let seconds = days * DAY + hour * 3600 + minute * 60 + second - offset(zone)?;
    exists.then_some(seconds * 1000 + thousandths(fraction)?)
}

/// Milliseconds of a text like `1.5s`. Smaller fractions are cut.
#[must_use]
pub fn parse_duration(text: &str) -> Option<i64> {
    /// The longest duration that protobuf knows, in seconds.
    const LONGEST: i64 = 315_576_000_000;
    let text = text.strip_suffix('s')?;
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |text| (-1, text));
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = digits(seconds)?.parse().ok().filter(|seconds| *seconds <= LONGEST)?;
    Some(sign * (seconds * 1000 + thousandths(fraction)?))
}

fn digits(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())).then_some(text)
}

fn numbers(text: &str, separator: char, widths: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(separator);
    let mut read = |width| digits(parts.next()?).filter(|part| part.len() == width)?.parse().ok();
    let [first, second, third] = widths;
    let numbers = [read(first)?, read(second)?, read(third)?];
    parts.next().is_none().then_some(numbers)
}

fn thousandths(fraction: &str) -> Option<i64> {
    format!("{:0<3}", digits(fraction)?).get(..3)?.parse().ok()
}

/// Seconds that a time zone is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, zone) =
        zone.strip_prefix('+').map(|zone| (1, zone)).or(zone.strip_prefix('-').map(|zone| (-1, zone)))?;
    let (hours, minutes) = zone.split_once(':')?;
    let (hours, minutes): (i64, i64) = (digits(hours)?.parse().ok()?, digits(minutes)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        let cases = [
            (0, "1970-01-01T00:00:00Z"),
            (1, "1970-01-01T00:00:00.001Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_795_376_056_818, "2026-11-22T19:34:16.818Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
        ];
        for (millis, text) in cases {
            assert_eq!(timestamp(millis), text);
            assert_eq!(parse_timestamp(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn other_ways_to_write_a_time() {
        let cases = [
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1969-12-31T19:30:00.5-04:30", Some(500)),
            ("1970-01-01T00:00:00.123456789Z", Some(123)),
            ("1970-01-01T00:00:00", None),
            ("1970-01-01 00:00:00Z", None),
            ("1970-02-30T00:00:00Z", None),
            ("1970-13-01T00:00:00Z", None),
            ("1970-01-01T24:00:00Z", None),
            ("1970-01-01T00:00:00.Z", None),
            ("1970-01-01T00:00:00.1234567890Z", None),
            ("1970-1-1T00:00:00Z", None),
            ("1970-01-01T00:00:00Zx", None),
            ("1970-01-01T00:00:00+1", None),
            ("٠970-01-01T00:00:00Z", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(parse_timestamp(text), expected, "{text}");
        }
    }

    #[test]
    fn durations() {
        let cases = [(0, "0s"), (1, "0.001s"), (1500, "1.500s"), (-1500, "-1.500s"), (60_000, "60s")];
        for (millis, text) in cases {
            assert_eq!(duration(millis), text);
            assert_eq!(parse_duration(text), Some(millis), "{text}");
        }
        for bad in ["", "s", "1", "1.s", "a.5s", "1.5", "--1s", "1e3s", "999999999999999999s", "٣s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
        assert_eq!(parse_duration("0.5s"), Some(500));
        assert_eq!(parse_duration("1.1234567891s"), Some(1123));
    }
}
