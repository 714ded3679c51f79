//! What names, aliases, stages and tags of the registry must be.

use std::collections::BTreeMap;

use super::wire::{CreateModelVersion, CreateRegisteredModel};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::{names, python};

pub use crate::search::registry::PROMPT_TAG as IS_PROMPT;

/// The stage of a version that was deleted: its row stays, so that its number is not given again.
pub const DELETED: &str = "Deleted_Internal";
/// The stage of a version that another one replaced.
pub const ARCHIVED: &str = "Archived";
/// The stages of versions that exist.
pub const STAGES: [&str; 4] = ["None", "Staging", "Production", ARCHIVED];
/// The stages of which a new version may archive the old ones.
const ACTIVE: [&str; 2] = ["Staging", "Production"];

/// The alias that always means the highest version; nobody can set it.
const LATEST: &str = "latest";

/// The tag with the text of a prompt.
const PROMPT_TEXT: &str = "mlflow.prompt.text";

const MAX_ALIAS: usize = 255;
const MAX_TAG_VALUE: usize = 100_000;

/// Checks everything about a new model that needs no database.
pub fn check_model(request: &CreateRegisteredModel) -> Result<()> {
    name(&request.name)?;
    request.tags.iter().try_for_each(model_tag)
}

/// Checks everything about a new version but where its files are.
pub fn check_version(request: &CreateModelVersion) -> Result<()> {
    name(&request.name)?;
    request.tags.iter().try_for_each(version_tag)
}

/// Checks the name of a model.
pub fn name(name: &str) -> Result<()> {
    not_blank("name", name)?;
    if name.contains(['/', ':']) {
        return Err(Error::invalid(format!("Invalid model name '{name}'. Names cannot contain '/' or ':'.")));
    }
    names::one_path(name, "name")
}

/// Checks the new name of a model.
pub fn new_name(new_name: &str) -> Result<()> {
    not_blank("new_name", new_name)?;
    name(new_name)
}

fn not_blank(field: &str, text: &str) -> Result<()> {
    if text.trim().is_empty() {
        return Err(Error::invalid(format!("Missing value for required parameter '{field}'.")));
    }
    Ok(())
}

/// The number of a version.
pub fn version(text: &str) -> Result<i64> {
    python::int(text).ok_or_else(|| Error::invalid(format!("Parameter 'version' must be an integer, got '{text}'.")))
}

/// Checks an alias that may be looked up.
pub fn alias(alias: &str) -> Result<()> {
    names::alias(alias)?;
    names::length("Registered model alias name", MAX_ALIAS, alias)
}

/// Whether an alias means the highest version, whatever that is.
#[must_use]
pub fn is_latest(alias: &str) -> bool {
    alias.to_lowercase() == LATEST
}

/// Checks an alias that is to be set.
pub fn new_alias(name: &str) -> Result<()> {
    alias(name)?;
    if is_latest(name) {
        return Err(Error::invalid("'latest' alias name (case insensitive) is reserved."));
    }
    let digits = name.strip_prefix(['v', 'V']).unwrap_or_default();
    if !digits.is_empty() && digits.chars().all(char::is_numeric) {
        return Err(Error::invalid(format!("Version alias name '{name}' is reserved.")));
    }
    Ok(())
}

/// The stage as it is stored.
pub fn stage(text: &str) -> Result<&'static str> {
    let lower = text.to_lowercase();
    STAGES.into_iter().find(|stage| stage.to_lowercase() == lower).ok_or_else(|| {
        let stages = STAGES.join(", ");
        Error::invalid(format!("Invalid Model Version stage: {text}. Value must be one of {stages}."))
    })
}

/// The stage as it is stored; archiving others makes sense for active stages alone.
pub fn transition(text: &str, archive_existing_versions: bool) -> Result<&'static str> {
    let stage = stage(text)?;
    if archive_existing_versions && !ACTIVE.contains(&stage) {
        let active = python::repr_list(ACTIVE);
        return Err(Error::invalid(format!(
            "Model version transition cannot archive existing model versions because '{text}' is not an Active stage. \
             Valid stages are {active}"
        )));
    }
    Ok(stage)
}

/// Checks a tag of a model.
pub fn model_tag(tag: &KeyValue) -> Result<()> {
    tag_key(&tag.key)?;
    names::length("value", MAX_TAG_VALUE, &tag.value)
}

/// Checks a tag of a version, among which are the texts of prompts.
pub fn version_tag(tag: &KeyValue) -> Result<()> {
    tag_key(&tag.key)?;
    if tag.key == PROMPT_TEXT && names::length("value", MAX_TAG_VALUE, &tag.value).is_err() {
        return Err(Error::invalid(format!("Prompt text exceeds max length of {MAX_TAG_VALUE} characters.")));
    }
    names::length("value", MAX_TAG_VALUE, &tag.value)
}

/// Checks the key of a tag that may be there.
pub fn tag_name(key: &str) -> Result<()> {
    names::key(key, "key")
}

fn tag_key(key: &str) -> Result<()> {
    tag_name(key)?;
    names::length("key", names::MAX_KEY, key)
}

/// The tags in the order of their keys; of a key that occurs again the last value counts.
#[must_use]
pub fn last_of_each(tags: &[KeyValue]) -> BTreeMap<&str, &str> {
    tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
}

/// Whether these tags are those of a prompt.
#[must_use]
pub fn is_prompt(tags: &[KeyValue]) -> bool {
    last_of_each(tags).into_iter().any(|(key, value)| marks_prompt(key, value))
}

/// Whether a tag is the one that makes a prompt of a model or version.
#[must_use]
pub fn marks_prompt(key: &str, value: &str) -> bool {
    key == IS_PROMPT && value.eq_ignore_ascii_case("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message<T>(result: Result<T>) -> String {
        result.err().map(|error| error.message().to_owned()).unwrap_or_default()
    }

    #[test]
    fn names() {
        for good in ["a", "a b", " a", "é", "a@b", "a.tar.gz", "a%2Fb"] {
            assert_eq!(message(name(good)), "", "{good}");
        }
        let cases = [
            ("", "Missing value for required parameter 'name'."),
            (" \t", "Missing value for required parameter 'name'."),
            ("a/b", "Invalid model name 'a/b'. Names cannot contain '/' or ':'."),
            ("a:b", "Invalid model name 'a:b'. Names cannot contain '/' or ':'."),
        ];
        for (bad, expected) in cases {
            assert_eq!(message(name(bad)), expected, "{bad:?}");
        }
        for bad in [".", "..", "..a", "...a"] {
            assert!(message(name(bad)).contains("must not resolve to other names"), "{bad}");
        }
        assert_eq!(message(new_name(" ")), "Missing value for required parameter 'new_name'.");
    }

    #[test]
    fn aliases() {
        for good in ["a", "champion", "v", "v1a", "latest-1", "é", "1", "-", "_"] {
            assert_eq!(message(new_alias(good)), "", "{good}");
        }
        let cases = [
            ("a b", "Invalid alias name: 'a b'. Names may only contain"),
            ("a/b", "Invalid alias name: 'a/b'. Names may only contain"),
            ("LATEST", "'latest' alias name (case insensitive) is reserved."),
            ("v3", "Version alias name 'v3' is reserved."),
            ("V12", "Version alias name 'V12' is reserved."),
        ];
        for (bad, expected) in cases {
            assert!(message(new_alias(bad)).starts_with(expected), "{bad}");
        }
        let long = "a".repeat(256);
        assert_eq!(message(alias(&long)), "'Registered model alias name' exceeds the maximum length of 255 characters");
        assert!(alias("latest").is_ok() && is_latest("Latest"));
    }

    #[test]
    fn stages_and_versions() {
        assert_eq!(stage("PRODUCTION").ok(), Some("Production"));
        assert_eq!(
            message(stage("Deleted_Internal")),
            "Invalid Model Version stage: Deleted_Internal. Value must be one of None, Staging, Production, Archived."
        );
        assert_eq!(transition("staging", true).ok(), Some("Staging"));
        assert!(message(transition("none", true)).ends_with("Valid stages are ['Staging', 'Production']"));
        for (text, expected) in [("1", Some(1)), (" 1_0 ", Some(10)), ("-1", Some(-1)), ("1.0", None), ("", None)] {
            assert_eq!(version(text).ok(), expected, "{text}");
        }
    }
}
