//! Compressed twins of files, and who takes them.

/// The encodings of twins, the smallest first: their names in HTTP, and what is behind the name of the file.
const TWINS: [(&str, &str); 2] = [("br", ".br"), ("gzip", ".gz")];

/// The twins that `Accept-Encoding` takes.
pub(super) fn accepted(header: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    TWINS.into_iter().filter(move |(name, _)| takes(header, name))
}

/// A name counts for more than `*`; what has the weight 0 is not taken.
fn takes(header: &str, name: &str) -> bool {
    let weight = |wanted: &str| {
        header.split(',').find_map(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            parts.next().filter(|found| found.eq_ignore_ascii_case(wanted))?;
            let given = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
            Some(given.map_or(1.0, |weight| weight.parse::<f32>().unwrap_or(0.0)))
        })
    };
    weight(name).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_say_what_they_take() {
        for (header, expected) in [
            ("", &[][..]),
            ("identity", &[]),
            ("gzip", &["gzip"]),
            ("GZip;q=0.5, deflate", &["gzip"]),
            ("gzip, deflate, br, zstd", &["br", "gzip"]),
            ("gzip;q=0, *", &["br"]),
            ("gzip; q=0.000", &[]),
            ("gzip;q=much", &[]),
            ("*", &["br", "gzip"]),
            ("*;q=0", &[]),
            ("xgzip, gzipx", &[]),
        ] {
            let names: Vec<_> = accepted(header).map(|(name, _)| name).collect();
            assert_eq!(names, expected, "{header:?}");
        }
    }
}
