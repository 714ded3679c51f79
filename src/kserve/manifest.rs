//! An `InferenceService` as YAML: what a person would write, with every value a string of JSON, which YAML reads too.

use std::fmt::{self, Display, Write as _};

use super::names::label_value;

/// What goes before the names of our labels and annotations.
const PREFIX: &str = "tracklet";

/// A service that serves one model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InferenceService {
    /// Its own name.
    pub name: String,
    /// Where it lives; unset leaves it to whoever applies the manifest.
    pub namespace: Option<String>,
    /// The registered model.
    pub model: String,
    /// The version that is served, or was meant by the alias when the manifest was made.
    pub version: String,
    /// The alias that was asked for.
    pub alias: Option<String>,
    /// The run that made the version.
    pub run_id: Option<String>,
    /// What whoever applies it should know; each a sentence.
    pub warnings: Vec<String>,
    /// What KServe downloads.
    pub storage_uri: String,
    /// The runtime; unset lets KServe choose.
    pub runtime: Option<String>,
    /// The service account whose secrets KServe downloads with.
    pub service_account_name: Option<String>,
    /// Pods that are always there; 0 scales to none.
    pub min_replicas: Option<u16>,
    /// Percent of the traffic for this model, the rest for the one before.
    pub canary_traffic_percent: Option<u8>,
}

impl InferenceService {
    /// Labels of what a model is, as far as values of labels can say it.
    fn labels(&self) -> Vec<(&'static str, String)> {
        let labels = self.facts().into_iter().map(|(key, value)| (key, label_value(value)));
        labels.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The same in full, and what else there is to say.
    fn annotations(&self) -> Vec<(&'static str, String)> {
        let mut annotations: Vec<_> = self.facts().into_iter().map(|(key, value)| (key, value.to_owned())).collect();
        annotations.push(("model-uri", format!("models:/{}/{}", self.model, self.version)));
        if !self.warnings.is_empty() {
            annotations.push(("warning", self.warnings.join(" ")));
        }
        annotations
    }

    fn facts(&self) -> Vec<(&'static str, &str)> {
        let optional = [("model-alias", &self.alias), ("run-id", &self.run_id)];
        let optional = optional.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        [("model-name", self.model.as_str()), ("model-version", &self.version)].into_iter().chain(optional).collect()
    }
}

impl Display for InferenceService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = |value: &Option<String>| value.as_deref().map(quote);
        f.write_str("apiVersion: serving.kserve.io/v1beta1\nkind: InferenceService\nmetadata:\n")?;
        line(f, "  name", Some(quote(&self.name)))?;
        line(f, "  namespace", quoted(&self.namespace))?;
        for (title, pairs) in [("labels", self.labels()), ("annotations", self.annotations())] {
            writeln!(f, "  {title}:")?;
            for (key, value) in pairs {
                writeln!(f, "    {PREFIX}/{key}: {}", quote(&value))?;
            }
        }
        f.write_str("spec:\n  predictor:\n")?;
        line(f, "    minReplicas", self.min_replicas)?;
        line(f, "    canaryTrafficPercent", self.canary_traffic_percent)?;
        line(f, "    serviceAccountName", quoted(&self.service_account_name))?;
        f.write_str("    model:\n      modelFormat:\n        name: mlflow\n      protocolVersion: v2\n")?;
        line(f, "      runtime", quoted(&self.runtime))?;
        line(f, "      storageUri", Some(quote(&self.storage_uri)))
    }
}

fn line(f: &mut fmt::Formatter<'_>, key: &str, value: Option<impl Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| writeln!(f, "{key}: {value}"))
}

/// A string of JSON in which everything that YAML takes for unprintable or for the end of a line is escaped.
fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> InferenceService {
        InferenceService {
            name: "iris".to_owned(),
            namespace: None,
            model: "iris".to_owned(),
            version: "3".to_owned(),
            alias: None,
            run_id: None,
            warnings: Vec::new(),
            storage_uri: "s3://mlflow/1/r/artifacts/model/".to_owned(),
            runtime: None,
            service_account_name: None,
            min_replicas: None,
            canary_traffic_percent: None,
        }
    }

    #[test]
    fn what_is_not_given_is_not_there() {
        let expected = r#"apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: "iris"
  labels:
    tracklet/model-name: "iris"
    tracklet/model-version: "3"
  annotations:
    tracklet/model-name: "iris"
    tracklet/model-version: "3"
    tracklet/model-uri: "models:/iris/3"
spec:
  predictor:
    model:
      modelFormat:
        name: mlflow
      protocolVersion: v2
      storageUri: "s3://mlflow/1/r/artifacts/model/"
"#;
        assert_eq!(plain().to_string(), expected);
    }

    #[test]
    fn everything_has_its_place() {
        let full = InferenceService {
            namespace: Some("ml".to_owned()),
            model: "Ein \"Modell\"".to_owned(),
            alias: Some("champion".to_owned()),
            run_id: Some("abc".to_owned()),
            warnings: vec!["One.".to_owned(), "Two.".to_owned()],
            runtime: Some("kserve-mlserver".to_owned()),
            service_account_name: Some("models".to_owned()),
            min_replicas: Some(0),
            canary_traffic_percent: Some(10),
            ..plain()
        };
        let expected = r#"apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata:
  name: "iris"
  namespace: "ml"
  labels:
    tracklet/model-name: "Ein--Modell"
    tracklet/model-version: "3"
    tracklet/model-alias: "champion"
    tracklet/run-id: "abc"
  annotations:
    tracklet/model-name: "Ein \"Modell\""
    tracklet/model-version: "3"
    tracklet/model-alias: "champion"
    tracklet/run-id: "abc"
    tracklet/model-uri: "models:/Ein \"Modell\"/3"
    tracklet/warning: "One. Two."
spec:
  predictor:
    minReplicas: 0
    canaryTrafficPercent: 10
    serviceAccountName: "models"
    model:
      modelFormat:
        name: mlflow
      protocolVersion: v2
      runtime: "kserve-mlserver"
      storageUri: "s3://mlflow/1/r/artifacts/model/"
"#;
        assert_eq!(full.to_string(), expected);
    }

    #[test]
    fn no_name_leaves_its_quotes() {
        for (text, expected) in [
            ("a\"b", r#""a\"b""#),
            ("a\\", r#""a\\""#),
            ("a\nspec: x", r#""a\u000aspec: x""#),
            ("\u{85}\u{2028}\u{7f}", r#""\u0085\u2028\u007f""#),
            ("日本 😀: #", "\"日本 😀: #\""),
        ] {
            assert_eq!(quote(text), expected);
        }
    }
}
