//! What may be logged, as far as no database is needed to tell.

use super::wire::{LogBatch, NewMetric};
use crate::error::{Code, Error, Result};
use crate::logged_models::{self, store::ModelMetric};
use crate::metrics::rules::ValidMetric;
use crate::types::message::KeyValue;
use crate::types::{names, python};

const MAX_METRICS: usize = 1000;
const MAX_PARAMS_OR_TAGS: usize = 100;
const MAX_ENTITIES: usize = 1000;

/// The tag that repeats the run's name.
pub const RUN_NAME_TAG: &str = "mlflow.runName";

/// A batch that may be stored.
#[derive(Debug)]
pub struct ValidBatch {
    /// The run.
    pub run_id: String,
    /// Points.
    pub metrics: Vec<ValidMetric>,
    /// Those of the points that say something of a logged model.
    pub model_metrics: Vec<ModelMetric>,
    /// Params, each key once.
    pub params: Vec<KeyValue>,
    /// Tags.
    pub tags: Vec<KeyValue>,
}

/// Checks a batch. Values that are too long are cut where `truncate` says so.
pub fn check(batch: LogBatch, truncate: bool) -> Result<ValidBatch> {
    names::run_id(&batch.run_id)?;
    let model_metrics = batch.metrics.iter().filter_map(model_metric).collect();
    let metrics: Vec<_> = indexed("metrics", batch.metrics, metric)?;
    let params: Vec<_> = indexed("params", batch.params, |pair, path| param(pair, path, truncate))?;
    let tags: Vec<_> = indexed("tags", batch.tags, |pair, path| tag(pair, path, truncate))?;
    limit("metrics", MAX_METRICS, metrics.len())?;
    limit("params", MAX_PARAMS_OR_TAGS, params.len())?;
    limit("tags", MAX_PARAMS_OR_TAGS, tags.len())?;
    limit("metrics, params, and tags", MAX_ENTITIES, metrics.len() + params.len() + tags.len())?;
    unique(&params)?;
    Ok(ValidBatch { run_id: batch.run_id, metrics, model_metrics, params, tags })
}

fn indexed<T, U>(list: &str, items: Vec<T>, check: impl Fn(T, &str) -> Result<U>) -> Result<Vec<U>> {
    items.into_iter().enumerate().map(|(index, item)| check(item, &format!("{list}[{index}]."))).collect()
}

/// Refuses tags of a new run with one key twice. MLflow has the database refuse them.
pub fn unique_tags(tags: &[KeyValue]) -> Result<()> {
    match repeated(tags) {
        again if again.is_empty() => Ok(()),
        again => {
            let again = python::repr_list(again);
            Err(Error::new(Code::BadRequest, format!("Duplicate tag keys have been submitted: {again}.")))
        }
    }
}

fn repeated(pairs: &[KeyValue]) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    pairs.iter().map(|pair| pair.key.as_str()).filter(|key| !seen.insert(*key)).collect()
}

/// Checks a point; `path` is what its fields follow in messages.
pub fn metric(metric: NewMetric, path: &str) -> Result<ValidMetric> {
    logged_models::rules::metric_dataset(&metric.dataset_name, &metric.dataset_digest)?;
    ValidMetric::new(metric.key, metric.value, metric.timestamp, metric.step, path)
}

/// The point as one of a logged model, if it names one.
#[must_use]
pub fn model_metric(metric: &NewMetric) -> Option<ModelMetric> {
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Some(ModelMetric {
        model_id: some(&metric.model_id)?,
        key: metric.key.clone(),
        value: metric.value,
        timestamp: metric.timestamp,
        step: metric.step,
        dataset_name: some(&metric.dataset_name),
        dataset_digest: some(&metric.dataset_digest),
    })
}

/// Checks a param and cuts its value if need be.
pub fn param(pair: KeyValue, path: &str, truncate: bool) -> Result<KeyValue> {
    names::key(&pair.key, &format!("{path}key"))?;
    names::length("Param key", names::MAX_KEY, &pair.key)?;
    let value = names::cut("Param value", names::MAX_PARAM_VALUE, pair.value, truncate)?;
    Ok(KeyValue { key: pair.key, value })
}

/// Checks a tag and cuts its value if need be.
pub fn tag(pair: KeyValue, path: &str, truncate: bool) -> Result<KeyValue> {
    names::key(&pair.key, &format!("{path}key"))?;
    names::length(&format!("{path}key"), names::MAX_KEY, &pair.key)?;
    let value = names::cut(&format!("{path}value"), names::MAX_TAG_VALUE, pair.value, truncate)?;
    Ok(KeyValue { key: pair.key, value })
}

fn limit(what: &str, most: usize, given: usize) -> Result<()> {
    if given > most {
        return Err(Error::invalid(format!(
            "A batch logging request can contain at most {most} {what}. Got {given} {what}. Please split up {what} \
             across multiple requests and try again."
        )));
    }
    Ok(())
}

fn unique(params: &[KeyValue]) -> Result<()> {
    let again = repeated(params);
    if again.is_empty() {
        return Ok(());
    }
    Err(Error::invalid(format!(
        "Duplicate parameter keys have been submitted: {}. Please ensure the request contains only one param value per \
         param key.",
        python::repr_list(again)
    )))
}
