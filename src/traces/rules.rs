//! What traces, their tags and requests about them must be.

use super::wire::{DeleteTraces, LinkTracesToRun, Texts, TraceInfoV3, TraceLocation};
use crate::error::{Error, Result};
use crate::types::message::KeyValue;
use crate::types::{names, python};

/// The tag that is a trace's name.
pub const NAME_TAG: &str = "mlflow.traceName";
/// The tag that says where the files of a trace are.
pub const LOCATION_TAG: &str = "mlflow.artifactLocation";
/// The tag that says where the spans of a trace are.
pub const SPANS_TAG: &str = "mlflow.trace.spansLocation";
/// The value of [`SPANS_TAG`] for spans in the database.
pub const IN_DATABASE: &str = "TRACKING_STORE";
/// The metadata that says that what a client sent last about a trace counts.
pub const FINALIZED: &str = "mlflow.trace.infoFinalized";

const ARCHIVAL_FAILURE_TAG: &str = "mlflow.trace.archivalFailure";
/// Tags that only the server sets.
pub const OWN_TAGS: [&str; 4] = [LOCATION_TAG, SPANS_TAG, "mlflow.trace.archiveLocation", ARCHIVAL_FAILURE_TAG];

const MAX_ID: usize = 50;
const MAX_PREVIEW: usize = 1000;
const MAX_NAME: usize = 4096;
const MAX_SESSION: usize = 250;
const MAX_LINKS: usize = 100;
/// How long the ids at both ends of a link may be in the database.
const MAX_LINKED_ID: usize = 36;

/// Takes out the tags that only the server sets: older clients send back all that they were told.
pub fn drop_own_tags(tags: &mut Texts) {
    tags.retain(|key, _| !OWN_TAGS.contains(&key.as_str()));
}

/// Checks a tag that is to be set, and cuts its value if need be.
pub fn tag(pair: KeyValue, truncate: bool) -> Result<KeyValue> {
    if OWN_TAGS.contains(&pair.key.as_str()) {
        return Err(immutable(&pair.key, "set"));
    }
    names::key(&pair.key, "key")?;
    names::length("key", names::MAX_KEY, &pair.key)?;
    let value = names::cut("value", names::MAX_TAG_VALUE, pair.value, truncate)?;
    if pair.key == NAME_TAG {
        name(Some(&value))?;
    }
    Ok(KeyValue { key: pair.key, value })
}

/// Checks the key of a tag that is to be deleted. Deleting the mark of a failed archival is how it is tried again.
pub fn deleted_tag(key: &str) -> Result<()> {
    if OWN_TAGS.contains(&key) && key != ARCHIVAL_FAILURE_TAG { Err(immutable(key, "deleted")) } else { Ok(()) }
}

fn immutable(key: &str, what: &str) -> Error {
    Error::invalid(format!("Tag '{key}' is immutable and cannot be {what} on a trace."))
}

/// Checks the name of a trace.
pub fn name(name: Option<&String>) -> Result<()> {
    name.map_or(Ok(()), |name| names::length("Trace name", MAX_NAME, name))
}

/// Checks the id of a session.
pub fn session(session: &str) -> Result<()> {
    names::length("Session ID", MAX_SESSION, session)
}

/// Checks the id of a new trace, which becomes a folder's name.
pub fn new_id(id: &str) -> Result<()> {
    let refuse = |why| Err(Error::invalid(format!("{}: {why}", names::invalid_value("trace_id", id))));
    if id.is_empty() || id.ends_with([' ', '.']) || id.contains('/') {
        return refuse("must be a single path component");
    }
    if id.chars().any(|c| matches!(c, '%' | '?' | '#' | '\u{0}'..='\u{1f}' | '\u{7f}')) {
        return refuse("must not contain '%', '?', '#' or control characters");
    }
    names::length("trace_id", MAX_ID, id)
}

/// Checks that a trace is located where it says, and that the texts of its head fit.
pub fn head(trace: &TraceInfoV3) -> Result<()> {
    let TraceLocation { kind, experiment_id } = &trace.trace_location;
    if let Some(id) = experiment_id.as_ref().filter(|_| *kind != "MLFLOW_EXPERIMENT") {
        return Err(Error::invalid(format!(
            "Trace location type TraceLocationType.{kind} does not match the provided location \
             MlflowExperimentLocation(experiment_id={}).",
            python::repr(id)
        )));
    }
    let cases = [
        ("client_request_id", MAX_ID, &trace.client_request_id),
        ("request_preview", MAX_PREVIEW, &trace.request_preview),
        ("response_preview", MAX_PREVIEW, &trace.response_preview),
    ];
    cases
        .into_iter()
        .try_for_each(|(what, limit, text)| names::length(what, limit, text.as_deref().unwrap_or_default()))
}

/// Checks that keys and values of tags or metadata fit.
pub fn texts(texts: &Texts) -> Result<()> {
    texts.iter().try_for_each(|(key, value)| {
        names::length("key", names::MAX_KEY, key)?;
        names::length("value", names::MAX_TAG_VALUE, value)
    })
}

/// Checks which traces to delete.
pub fn deletion(request: &DeleteTraces) -> Result<()> {
    let by_id = !request.request_ids.is_empty();
    let refuse = |why: &str| Err(Error::invalid(why));
    match (request.max_timestamp_millis, request.max_traces) {
        (None, _) if !by_id => refuse("Either `max_timestamp_millis` or `trace_ids` must be specified."),
        (Some(_), _) if by_id => refuse("Only one of `max_timestamp_millis` and `trace_ids` can be specified."),
        (_, Some(_)) if by_id => refuse("`max_traces` can't be specified if `trace_ids` is specified."),
        (_, Some(most)) if most <= 0 => {
            Err(Error::invalid(format!("`max_traces` must be a positive integer, received {most}.")))
        }
        _ => Ok(()),
    }
}

/// Checks links of traces to a run.
pub fn links(request: &LinkTracesToRun) -> Result<()> {
    let given = request.trace_ids.len();
    if given > MAX_LINKS {
        return Err(Error::invalid(format!(
            "Cannot link more than {MAX_LINKS} traces to a run in a single request. Provided {given} traces."
        )));
    }
    names::length("run_id", MAX_LINKED_ID, &request.run_id)?;
    request.trace_ids.iter().try_for_each(|id| names::length("trace_id", MAX_LINKED_ID, id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_new_traces() {
        for good in ["tr-0", "a b", "a.b", "é", "a\\b", &"x".repeat(50)] {
            assert!(new_id(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "a ", "a.", "a/b", "/", "a%b", "a?", "a#", "a\nb", "a\u{7f}", &"x".repeat(51)] {
            assert!(new_id(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn tags_of_the_server() {
        let set = |key: &str| tag(KeyValue { key: key.into(), value: String::new() }, true).is_ok();
        let cases = [("a", true, true), (LOCATION_TAG, false, false), (SPANS_TAG, false, false)];
        let cases = cases.into_iter().chain([(ARCHIVAL_FAILURE_TAG, false, true), (NAME_TAG, true, true)]);
        for (key, may_set, may_delete) in cases {
            assert_eq!((set(key), deleted_tag(key).is_ok()), (may_set, may_delete), "{key}");
        }
    }

    #[test]
    fn what_may_be_deleted() {
        let cases = [
            (None, None, 0, "Either"),
            (Some(0), None, 0, ""),
            (Some(0), None, 1, "Only one"),
            (None, Some(1), 1, "`max_traces` can't"),
            (None, None, 1, ""),
            (Some(0), Some(0), 0, "`max_traces` must be a positive integer, received 0."),
            (Some(0), Some(1), 0, ""),
        ];
        for (max_timestamp_millis, max_traces, ids, expected) in cases {
            let request_ids = vec!["tr".into(); ids];
            let request = DeleteTraces { experiment_id: "0".into(), max_timestamp_millis, max_traces, request_ids };
            let message = deletion(&request).err().map(|error| error.message().to_owned()).unwrap_or_default();
            assert!(message.starts_with(expected) && message.is_empty() == expected.is_empty(), "{message}");
        }
    }
}
