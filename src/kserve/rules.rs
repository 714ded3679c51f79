//! What a URL names, and what a manifest's parameters may be.

use std::str::FromStr;

use super::names;
use crate::artifacts::path::validate_path_is_safe;
use crate::error::{Error, Result};
use crate::registry::rules;

/// What a URL names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// `NAME@ALIAS`. Aliases have no `@`, so the last one is the sign.
    Alias {
        /// A registered model.
        name: String,
        /// An alias of it, or `latest`.
        alias: String,
    },
    /// `NAME/VERSION`
    Version {
        /// A registered model.
        name: String,
        /// The number of a version.
        version: i64,
    },
    /// `RUN_ID/PATH`
    Run {
        /// A run.
        run_id: String,
        /// A folder of its artifacts, or the name of a model that it made.
        path: String,
    },
}

impl Asked {
    /// What an alias of a model names.
    pub fn alias(name: String, alias: String) -> Result<Self> {
        rules::name(&name)?;
        rules::alias(&alias)?;
        Ok(Self::Alias { name, alias })
    }

    /// A version of a model.
    pub fn version(name: String, version: &str) -> Result<Self> {
        rules::name(&name)?;
        Ok(Self::Version { name, version: rules::version(version)? })
    }

    /// A folder of a run.
    pub fn run(run_id: String, path: &str) -> Result<Self> {
        Ok(Self::Run { run_id, path: validate_path_is_safe(path)? })
    }
}

/// What the `storageUri` of a manifest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Storage {
    /// The URL of this server's archive.
    Archive,
    /// The folder in S3.
    S3,
    /// `models://`, for a `ClusterStorageContainer`.
    Models,
}

/// The parameters of a manifest. What is `None` was not given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// `namespace`: a DNS label.
    pub namespace: Option<String>,
    /// `name`: the name of the `InferenceService`, a DNS label that begins with a letter.
    pub name: Option<String>,
    /// `canaryTrafficPercent`: from 0 to 100.
    pub canary_traffic_percent: Option<u8>,
    /// `minReplicas`: from 0.
    pub min_replicas: Option<u16>,
    /// `runtime`: the name of a `ServingRuntime`.
    pub runtime: Option<String>,
    /// `serviceAccountName`: the name of a service account.
    pub service_account_name: Option<String>,
    /// `storage`: `archive`, `s3` or `models`.
    pub storage: Option<Storage>,
    /// `pin`: whether the version is written into the `storageUri`, or the alias that was asked for.
    pub pin_alias: bool,
    /// `serverUrl`: where pods reach this server, without a slash at its end.
    pub server_url: Option<String>,
}

impl Options {
    /// Reads a query string's pairs.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` naming a parameter that is unknown, there twice, or has a value that it cannot have.
    pub fn of(pairs: Vec<(String, String)>) -> Result<Self> {
        let mut options = Self::default();
        for (at, (key, value)) in pairs.iter().enumerate() {
            if pairs.iter().take(at).any(|(before, _)| before == key) {
                return Err(Error::invalid(format!("Parameter '{key}' is given twice.")));
            }
            options.set(key, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<()> {
        let one_of = |what: &str| invalid(key, value, what);
        match key {
            "namespace" => self.namespace = Some(checked(key, value, names::is_dns_label, names::DNS_LABEL)?),
            "name" => self.name = Some(checked(key, value, names::is_service_name, names::SERVICE_NAME)?),
            "runtime" => self.runtime = Some(checked(key, value, names::is_subdomain, names::SUBDOMAIN)?),
            "serviceAccountName" => {
                self.service_account_name = Some(checked(key, value, names::is_subdomain, names::SUBDOMAIN)?);
            }
            "canaryTrafficPercent" => {
                self.canary_traffic_percent =
                    Some(number(value).filter(|n| *n <= 100).ok_or_else(|| one_of("a number from 0 to 100"))?);
            }
            "minReplicas" => {
                self.min_replicas = Some(number(value).ok_or_else(|| one_of("a number from 0 to 65535"))?);
            }
            "storage" => {
                self.storage = Some(match value {
                    "archive" => Storage::Archive,
                    "s3" => Storage::S3,
                    "models" => Storage::Models,
                    _ => return Err(one_of("one of archive, s3, models")),
                });
            }
            "pin" => {
                self.pin_alias = match value {
                    "version" | "true" => false,
                    "alias" | "false" => true,
                    _ => return Err(one_of("version (or true) or alias (or false)")),
                };
            }
            "serverUrl" => {
                self.server_url = Some(server_url(value).ok_or_else(|| one_of("an http or https URL of a server"))?);
            }
            _ => return Err(Error::invalid(format!("There is no parameter '{key}'."))),
        }
        Ok(())
    }
}

fn checked(key: &str, value: &str, is_sound: fn(&str) -> bool, what: &str) -> Result<String> {
    if is_sound(value) { Ok(value.to_owned()) } else { Err(invalid(key, value, what)) }
}

fn invalid(key: &str, value: &str, what: &str) -> Error {
    Error::invalid(format!("Invalid value '{value}' for parameter '{key}': it must be {what}."))
}

/// Digits alone: no sign, no blank.
fn number<T: FromStr>(text: &str) -> Option<T> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

fn server_url(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let is_plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    let is_server = matches!(url.scheme(), "http" | "https") && url.has_host() && url.password().is_none();
    (is_plain && is_server).then(|| url.as_str().trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(query: &[(&str, &str)]) -> Result<Options> {
        Options::of(query.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn parameters() {
        let text = |text: &str| Some(text.to_owned());
        let default = Options::default;
        for (key, value, expected) in [
            ("namespace", "ml-1", Options { namespace: text("ml-1"), ..default() }),
            ("name", "iris", Options { name: text("iris"), ..default() }),
            ("runtime", "kserve-mlserver.v2", Options { runtime: text("kserve-mlserver.v2"), ..default() }),
            ("serviceAccountName", "s3", Options { service_account_name: text("s3"), ..default() }),
            ("canaryTrafficPercent", "0", Options { canary_traffic_percent: Some(0), ..default() }),
            ("canaryTrafficPercent", "100", Options { canary_traffic_percent: Some(100), ..default() }),
            ("minReplicas", "0", Options { min_replicas: Some(0), ..default() }),
            ("storage", "models", Options { storage: Some(Storage::Models), ..default() }),
            ("pin", "false", Options { pin_alias: true, ..default() }),
            ("pin", "alias", Options { pin_alias: true, ..default() }),
            ("pin", "version", default()),
            (
                "serverUrl",
                "http://tracklet.ml:5000/",
                Options { server_url: text("http://tracklet.ml:5000"), ..default() },
            ),
            ("serverUrl", "https://h/mlflow", Options { server_url: text("https://h/mlflow"), ..default() }),
        ] {
            assert_eq!(options(&[(key, value)]).unwrap(), expected, "{key}={value}");
        }
    }

    #[test]
    fn parameters_that_are_refused() {
        for (key, value) in [
            ("namespace", "ML"),
            ("namespace", ""),
            ("namespace", "a.b"),
            ("name", "1iris"),
            ("name", "iris_1"),
            ("name", "iris\n"),
            ("runtime", "a b"),
            ("serviceAccountName", "-x"),
            ("canaryTrafficPercent", "101"),
            ("canaryTrafficPercent", "-1"),
            ("canaryTrafficPercent", "+1"),
            ("canaryTrafficPercent", ""),
            ("canaryTrafficPercent", "10%"),
            ("minReplicas", "-1"),
            ("minReplicas", "1.5"),
            ("minReplicas", "99999999999999999999"),
            ("storage", "S3"),
            ("storage", ""),
            ("pin", "no"),
            ("serverUrl", "tracklet:5000"),
            ("serverUrl", "ftp://h"),
            ("serverUrl", "https://u:p@h"),
            ("serverUrl", "https://h?x"),
        ] {
            let error = options(&[(key, value)]).unwrap_err();
            let expected = format!("Invalid value '{value}' for parameter '{key}': it must be ");
            assert!(error.to_string().starts_with(&format!("INVALID_PARAMETER_VALUE: {expected}")), "{error}");
        }
        let unknown = options(&[("canary", "1")]).unwrap_err();
        assert_eq!(unknown.message(), "There is no parameter 'canary'.");
        let twice = options(&[("name", "a"), ("name", "b")]).unwrap_err();
        assert_eq!(twice.message(), "Parameter 'name' is given twice.");
    }
}
