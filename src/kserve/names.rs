//! Names as Kubernetes wants them.

/// What [`is_dns_label`] asks for.
pub const DNS_LABEL: &str = "a DNS label: at most 63 small letters, digits and dashes, with no dash at either end";
/// What [`is_service_name`] asks for.
pub const SERVICE_NAME: &str =
    "a DNS label that begins with a letter: at most 63 small letters, digits and dashes, with no dash at the end";
/// What [`is_subdomain`] asks for.
pub const SUBDOMAIN: &str = "a DNS name: at most 253 small letters, digits, dashes and dots";

const MAX_LABEL: usize = 63;
const MAX_SUBDOMAIN: usize = 253;
/// Characters of a name that is made here. KServe appends to it for objects whose own names end at 63.
const MAX_MADE: usize = 40;

/// Whether a namespace can be called so (RFC 1123).
#[must_use]
pub fn is_dns_label(text: &str) -> bool {
    let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    text.len() <= MAX_LABEL
        && text.bytes().all(inner)
        && text.starts_with(is_small_alphanumeric)
        && text.ends_with(is_small_alphanumeric)
}

/// Whether an `InferenceService` can be called so (RFC 1035).
#[must_use]
pub fn is_service_name(text: &str) -> bool {
    is_dns_label(text) && text.starts_with(|c: char| c.is_ascii_lowercase())
}

/// Whether most other things can be called so.
#[must_use]
pub fn is_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_dns_label)
}

fn is_small_alphanumeric(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit()
}

/// A name for the `InferenceService` of a model: what there is of it in small letters and digits.
#[must_use]
pub fn service_name(model: &str) -> String {
    let mut name = String::new();
    for c in model.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            c if is_small_alphanumeric(c) => name.push(c),
            _ if name.is_empty() || name.ends_with('-') => {}
            _ => name.push('-'),
        }
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        name.insert_str(0, if name.is_empty() { "model" } else { "model-" });
    }
    name.truncate(MAX_MADE);
    name.trim_end_matches('-').to_owned()
}

/// `text` as the value of a label: at most 63 letters, digits, dashes, underscores and dots, the first and last neither
/// dash, underscore nor dot. Perhaps nothing is left.
#[must_use]
pub fn label_value(text: &str) -> String {
    let allowed = |c: char| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' };
    let is_edge = |c: char| !c.is_ascii_alphanumeric();
    let value: String = text.chars().map(allowed).collect();
    let value: String = value.trim_start_matches(is_edge).chars().take(MAX_LABEL).collect();
    value.trim_end_matches(is_edge).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_services() {
        for (model, expected) in [
            ("iris", "iris"),
            ("Iris Classifier", "iris-classifier"),
            ("a__b..c", "a-b-c"),
            ("-x-", "x"),
            ("2024-iris", "model-2024-iris"),
            ("日本", "model"),
            ("ünder", "nder"),
            ("iris@x.tar.gz", "iris-x-tar-gz"),
            (&"n".repeat(60), &"n".repeat(40)),
            (&format!("{}-x", "n".repeat(39)), &"n".repeat(39)),
        ] {
            let name = service_name(model);
            assert_eq!(name, expected, "{model}");
            assert!(is_service_name(&name), "{name}");
        }
    }

    #[test]
    fn values_of_labels() {
        for (text, expected) in [
            ("iris", "iris"),
            ("Iris 1.0_b", "Iris-1.0_b"),
            ("-.x._", "x"),
            ("日本", ""),
            ("", ""),
            (&"n".repeat(70), &"n".repeat(63)),
            (&format!("{}-{}", "n".repeat(62), "x"), &"n".repeat(62)),
        ] {
            assert_eq!(label_value(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_a_name() {
        for (text, label, service, subdomain) in [
            ("a", true, true, true),
            ("a-1", true, true, true),
            ("1a", true, false, true),
            ("a.b", false, false, true),
            ("a..b", false, false, false),
            ("A", false, false, false),
            ("-a", false, false, false),
            ("a-", false, false, false),
            ("", false, false, false),
            ("a_b", false, false, false),
            ("é", false, false, false),
        ] {
            assert_eq!(
                (is_dns_label(text), is_service_name(text), is_subdomain(text)),
                (label, service, subdomain),
                "{text}"
            );
        }
        assert!(is_dns_label(&"n".repeat(63)) && !is_dns_label(&"n".repeat(64)));
    }
}
