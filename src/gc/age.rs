//! How long ago: `30d`, `1d2h3m4s`, `1.5h`.

use std::str::FromStr;

/// The longest age that counts, in milliseconds: a million days, so that no sum overflows.
const LONGEST: f64 = 86_400_000_000_000.0;

/// An age as it was given, and in milliseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Age {
    text: String,
    millis: i64,
}

impl Age {
    /// The age in milliseconds.
    #[must_use]
    pub const fn millis(&self) -> i64 {
        self.millis
    }

    /// The age as it was given.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl FromStr for Age {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unreadable = || {
            format!(
                "Could not parse any time information from '{text}'. Examples of valid strings: '8h', '2d8h5m20s', '2m4s'"
            )
        };
        let mut rest = text;
        let mut millis = 0.0;
        for (unit, length) in [('d', 86_400_000.0), ('h', 3_600_000.0), ('m', 60_000.0), ('s', 1_000.0)] {
            if let Some((number, after)) = rest.split_once(unit) {
                // Neither a sign nor an exponent.
                let plain = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || c == '.');
                let number: f64 = number.parse().ok().filter(|_| plain).ok_or_else(unreadable)?;
                millis += number * length;
                rest = after;
            }
        }
        if !rest.is_empty() || millis > LONGEST {
            return Err(unreadable());
        }
        #[expect(clippy::cast_possible_truncation, reason = "bounded just before, and the fraction is meant to go")]
        let millis = millis as i64;
        Ok(Self { text: text.to_owned(), millis })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_as_mlflow_reads_them() {
        for (text, expected) in [
            ("30d", Some(2_592_000_000)),
            ("1d2h3m4s", Some(93_784_000)),
            ("1.2d3h4m5s", Some(114_725_000)),
            ("8h", Some(28_800_000)),
            ("2m4s", Some(124_000)),
            ("0.0005s", Some(0)),
            (".5s", Some(500)),
            ("1.s", Some(1_000)),
            ("0d", Some(0)),
            ("d", None),
            ("8", None),
            ("4s2m", None),
            ("1h1h", None),
            ("-1d", None),
            ("1e3s", None),
            ("infd", None),
            ("1.2.3s", None),
            (".s", None),
            ("1 d", None),
            ("30D", None),
            ("99999999999999999999d", None),
        ] {
            let read = text.parse::<Age>();
            assert_eq!(read.as_ref().ok().map(Age::millis), expected, "{text:?}");
            if let Err(message) = read {
                assert!(
                    message.starts_with(&format!("Could not parse any time information from '{text}'.")),
                    "{message}"
                );
            }
        }
    }
}
