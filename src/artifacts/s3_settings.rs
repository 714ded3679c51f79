//! What the environment says about S3, as boto3 and MLflow read it.

use std::time::Duration;

use object_store::aws::{AmazonS3, AmazonS3Builder, AmazonS3ConfigKey};
use object_store::{BackoffConfig, Certificate, ClientOptions, HeaderMap, HeaderValue, RetryConfig};
use serde_json::{Map, Value};

use super::s3_metered::MeteredConnector;
use super::s3_profile::Profile;
use crate::config::{AddressingStyle, S3};
use crate::error::{Error, Result};
use crate::meter::ObjectStore;

/// Everything needed to talk to S3, read once at start.
#[derive(Clone, Default)]
pub struct S3Settings {
    endpoint: Option<String>,
    public_endpoint: Option<String>,
    addressing: AddressingStyle,
    region: String,
    options: Vec<(AmazonS3ConfigKey, String)>,
    certificates: Vec<Certificate>,
    ignore_tls: bool,
    headers: Vec<Header>,
    upload_headers: Vec<Header>,
    storage_class: Option<String>,
    meter: ObjectStore,
}

/// Name and value.
type Header = (&'static str, String);

/// Variables that `object_store` reads as they are.
const PASSED_ON: [&str; 9] = [
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_ENDPOINT_URL_STS",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_METADATA_ENDPOINT",
    "AWS_REQUEST_PAYER",
];

impl S3Settings {
    /// Completes what the operator chose with the `AWS_*` variables that boto3 reads, through `env`.
    ///
    /// # Errors
    ///
    /// `INVALID_PARAMETER_VALUE` that names the variable, for values that cannot be followed: better at start than a
    /// bucket that quietly lacks its encryption.
    pub fn new(config: &S3, env: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let env = |name: &str| env(name).filter(|value| !value.is_empty());
        let from_env = || ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"].into_iter().find_map(env);
        let mut settings = Self {
            endpoint: config.endpoint_url.clone().filter(|endpoint| !endpoint.is_empty()).or_else(from_env),
            public_endpoint: config.public_endpoint_url.clone().filter(|endpoint| !endpoint.is_empty()),
            ignore_tls: config.ignore_tls,
            addressing: config.addressing_style,
            ..Self::default()
        };
        for endpoint in settings.endpoint.iter().chain(&settings.public_endpoint) {
            check_endpoint(endpoint)?;
        }
        let profile = Profile::read(&env);
        settings.region = ["AWS_DEFAULT_REGION", "AWS_REGION"]
            .into_iter()
            .find_map(env)
            .or_else(|| profile.get("region"))
            .unwrap_or_else(|| "us-east-1".to_owned());
        settings.read_credentials(&env, &profile);
        if let Some(path) = env("AWS_CA_BUNDLE") {
            settings.certificates = certificates(&path)?;
        }
        if let Some(owner) = &config.expected_bucket_owner {
            settings.headers.push(("x-amz-expected-bucket-owner", owner.clone()));
        }
        if let Some(json) = &config.upload_extra_args {
            settings.read_upload_arguments(json)?;
        }
        Ok(settings)
    }

    /// Has the requests of clients made from now on counted.
    pub fn count_with(&mut self, meter: ObjectStore) {
        self.meter = meter;
    }

    /// Static keys first, then the web identity, then the credentials file, then what the container or machine offers.
    fn read_credentials(&mut self, env: &impl Fn(&str) -> Option<String>, profile: &Profile) {
        let key_in_env = env("AWS_ACCESS_KEY_ID");
        let web_identity = env("AWS_WEB_IDENTITY_TOKEN_FILE").is_some() && env("AWS_ROLE_ARN").is_some();
        let from_profile = key_in_env.is_none() && !web_identity;
        for (variable, name, key) in [
            ("AWS_ACCESS_KEY_ID", "aws_access_key_id", AmazonS3ConfigKey::AccessKeyId),
            ("AWS_SECRET_ACCESS_KEY", "aws_secret_access_key", AmazonS3ConfigKey::SecretAccessKey),
            ("AWS_SESSION_TOKEN", "aws_session_token", AmazonS3ConfigKey::Token),
        ] {
            let value = if from_profile { profile.get(name) } else { env(variable) };
            self.options.extend(value.map(|value| (key, value)));
        }
        for variable in PASSED_ON {
            let key = variable.to_ascii_lowercase().parse::<AmazonS3ConfigKey>().ok();
            self.options.extend(key.zip(env(variable)));
        }
        if env("AWS_EC2_METADATA_V1_DISABLED").is_none_or(|value| value.to_lowercase() != "true") {
            self.options.push((AmazonS3ConfigKey::ImdsV1Fallback, "true".to_owned()));
        }
    }

    fn read_upload_arguments(&mut self, json: &str) -> Result<()> {
        let refuse = |what: &str| Error::invalid(format!("MLFLOW_S3_UPLOAD_EXTRA_ARGS: {what}"));
        let arguments: Map<String, Value> =
            serde_json::from_str(json).map_err(|error| refuse("not a JSON object").caused_by(error))?;
        for (name, value) in arguments {
            let text = match value {
                Value::String(text) => text,
                Value::Bool(flag) => flag.to_string(),
                _ => return Err(refuse(&format!("the value of '{name}' must be a string"))),
            };
            let (option, header) = match name.as_str() {
                "ServerSideEncryption" => ("aws_server_side_encryption", "x-amz-server-side-encryption"),
                "SSEKMSKeyId" => ("aws_sse_kms_key_id", "x-amz-server-side-encryption-aws-kms-key-id"),
                "BucketKeyEnabled" => ("aws_sse_bucket_key_enabled", "x-amz-server-side-encryption-bucket-key-enabled"),
                "StorageClass" => {
                    self.upload_headers.push(("x-amz-storage-class", text.clone()));
                    self.storage_class = Some(text);
                    continue;
                }
                "ExpectedBucketOwner" => {
                    self.headers.push(("x-amz-expected-bucket-owner", text));
                    continue;
                }
                _ => return Err(refuse(&format!("'{name}' is not supported"))),
            };
            let option: AmazonS3ConfigKey = option.parse().map_err(Error::internal)?;
            self.options.push((option, text.clone()));
            self.upload_headers.push((header, text));
        }
        Ok(())
    }

    /// The headers that a presigned upload must carry besides its content type.
    pub(super) fn presigned_upload_headers(&self) -> impl Iterator<Item = &Header> {
        self.headers.iter().chain(&self.upload_headers)
    }

    /// The storage class for new objects, if not the bucket's own.
    pub(super) fn storage_class(&self) -> Option<&str> {
        self.storage_class.as_deref()
    }

    /// A client for `bucket`.
    pub(super) fn client(&self, bucket: &str) -> Result<AmazonS3> {
        self.build(bucket, self.endpoint.as_deref(), &self.headers)
    }

    /// A client for listing `bucket`: `object_store` does not sign extra headers of listings, and AWS refuses unsigned
    /// ones.
    pub(super) fn listing_client(&self, bucket: &str) -> Result<AmazonS3> {
        self.build(bucket, self.endpoint.as_deref(), &[])
    }

    /// Whether requests name the account that must own the bucket.
    pub(super) const fn names_an_owner(&self) -> bool {
        !self.headers.is_empty()
    }

    /// A client whose presigned URLs carry the public endpoint; `None` if there is none.
    pub(super) fn public_client(&self, bucket: &str) -> Result<Option<AmazonS3>> {
        self.public_endpoint.as_deref().map(|endpoint| self.build(bucket, Some(endpoint), &self.headers)).transpose()
    }

    fn build(&self, bucket: &str, endpoint: Option<&str>, headers: &[Header]) -> Result<AmazonS3> {
        // Without a provider the TLS client panics. A program that carries the server may have chosen its own.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let options = self.client_options(endpoint, headers)?;
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(bucket)
            .with_region(&self.region)
            .with_client_options(options.clone())
            .with_http_connector(MeteredConnector(self.meter.clone()))
            .with_retry(retries());
        for (key, value) in &self.options {
            builder = builder.with_config(*key, value);
        }
        // A certificate of AWS covers one label below the endpoint, so a bucket with dots needs the path style.
        let own_host = match self.addressing {
            AddressingStyle::Path => false,
            AddressingStyle::Virtual => true,
            AddressingStyle::Auto => endpoint.is_none() && !bucket.contains('.'),
        };
        builder = builder.with_virtual_hosted_style_request(own_host);
        if let Some(endpoint) = endpoint {
            let endpoint = endpoint.trim_end_matches('/');
            let endpoint = match endpoint.split_once("://") {
                Some((scheme, rest)) if own_host => format!("{scheme}://{bucket}.{rest}"),
                _ => endpoint.to_owned(),
            };
            builder = builder.with_endpoint(endpoint);
        }
        // A container without the certificates of a system can still talk to a store beside it.
        let plain = endpoint.is_some_and(|endpoint| endpoint.to_lowercase().starts_with("http:"));
        let without = || builder.clone().with_client_options(options.with_no_system_certificates(true)).build();
        builder.clone().build().or_else(|error| if plain { without() } else { Err(error) }).map_err(|error| {
            Error::invalid(format!("The S3 settings for bucket '{bucket}' are not usable")).caused_by(error)
        })
    }

    fn client_options(&self, endpoint: Option<&str>, headers: &[Header]) -> Result<ClientOptions> {
        let mut default_headers = HeaderMap::new();
        for (name, value) in headers {
            let value =
                HeaderValue::from_str(value).map_err(|_| Error::invalid(format!("Invalid value for {name}")))?;
            default_headers.insert(*name, value);
        }
        let mut options = ClientOptions::new()
            .with_allow_http(endpoint.is_some_and(|endpoint| endpoint.to_lowercase().starts_with("http://")))
            .with_allow_invalid_certificates(self.ignore_tls)
            .with_default_headers(default_headers)
            // An artifact may take hours; what must not last is silence.
            .with_timeout_disabled()
            .with_connect_timeout(Duration::from_secs(5))
            .with_read_timeout(Duration::from_mins(2));
        for certificate in &self.certificates {
            options = options.with_root_certificate(certificate.clone());
        }
        Ok(options)
    }
}

/// Shows no secret.
impl std::fmt::Debug for S3Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Settings")
            .field("endpoint", &self.endpoint)
            .field("public_endpoint", &self.public_endpoint)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Short, because a client waits, and MLflow's client tries again by itself.
fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig { max_backoff: Duration::from_secs(2), ..BackoffConfig::default() },
        max_retries: 3,
        retry_timeout: Duration::from_secs(30),
    }
}

fn check_endpoint(endpoint: &str) -> Result<()> {
    match url::Url::parse(endpoint) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => Ok(()),
        _ => Err(Error::invalid(format!("Invalid S3 endpoint '{endpoint}': it must be an http or https URL"))),
    }
}

fn certificates(path: &str) -> Result<Vec<Certificate>> {
    let refuse = || Error::invalid(format!("AWS_CA_BUNDLE: no certificates can be read from '{path}'"));
    let pem = std::fs::read(path).map_err(|error| refuse().caused_by(error))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| refuse().caused_by(error))?;
    if certificates.is_empty() { Err(refuse()) } else { Ok(certificates) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    fn settings(config: S3, variables: Variables) -> Result<S3Settings> {
        let variables: HashMap<String, String> =
            variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        S3Settings::new(&config, move |name| variables.get(name).cloned())
    }

    fn option(settings: &S3Settings, key: AmazonS3ConfigKey) -> Option<&str> {
        settings.options.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }

    #[test]
    fn the_most_specific_endpoint_wins() {
        let table: [(Option<&str>, Variables, Option<&str>); 5] = [
            (None, &[], None),
            (None, &[("AWS_ENDPOINT_URL", "http://a:1")], Some("http://a:1")),
            (None, &[("AWS_ENDPOINT_URL", "http://a:1"), ("AWS_ENDPOINT_URL_S3", "http://b:1")], Some("http://b:1")),
            (Some("http://c:1"), &[("AWS_ENDPOINT_URL_S3", "http://b:1")], Some("http://c:1")),
            (Some(""), &[("AWS_ENDPOINT_URL", "http://a:1")], Some("http://a:1")),
        ];
        for (endpoint, variables, expected) in table {
            let config = S3 { endpoint_url: endpoint.map(ToOwned::to_owned), ..S3::default() };
            assert_eq!(settings(config, variables).unwrap().endpoint.as_deref(), expected, "{variables:?}");
        }
    }

    #[test]
    fn what_cannot_be_followed_is_refused_by_name() {
        let text = |text: &str| Some(text.to_owned());
        let missing = [("AWS_CA_BUNDLE", "/does/not/exist.pem")];
        let arguments = |json: &str| S3 { upload_extra_args: text(json), ..S3::default() };
        let table: [(S3, Variables, &str); 5] = [
            (S3 { endpoint_url: text("storage:9000"), ..S3::default() }, &[], "storage:9000"),
            (S3::default(), &missing, "AWS_CA_BUNDLE"),
            (arguments("nonsense"), &[], "MLFLOW_S3_UPLOAD_EXTRA_ARGS"),
            (arguments(r#"{"ACL":"public-read"}"#), &[], "'ACL' is not supported"),
            (arguments(r#"{"SSECustomerKey":"k"}"#), &[], "'SSECustomerKey' is not supported"),
        ];
        for (config, variables, expected) in table {
            let error = settings(config, variables).unwrap_err();
            assert!(error.message().contains(expected), "{error}");
        }
    }

    #[test]
    fn encryption_reaches_the_client_and_the_presigned_headers() {
        let json = r#"{"ServerSideEncryption":"aws:kms","SSEKMSKeyId":"k","StorageClass":"STANDARD_IA"}"#;
        let config = S3 {
            upload_extra_args: Some(json.to_owned()),
            expected_bucket_owner: Some("1234".to_owned()),
            ..S3::default()
        };
        let settings = settings(config, &[]).unwrap();
        let mut headers: Vec<_> = settings.presigned_upload_headers().map(|(name, _)| *name).collect();
        headers.sort_unstable();
        let expected = [
            "x-amz-expected-bucket-owner",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-aws-kms-key-id",
            "x-amz-storage-class",
        ];
        assert_eq!(headers, expected);
        assert_eq!(settings.storage_class(), Some("STANDARD_IA"));
        settings.client("b").unwrap();
    }

    #[test]
    fn keys_of_the_environment_come_before_those_of_the_file() {
        let dir = std::env::temp_dir().join(format!("tracklet-{}", uuid::Uuid::new_v4().simple()));
        std::fs::create_dir(&dir).unwrap();
        let file = dir.join("credentials");
        std::fs::write(&file, "[default]\naws_access_key_id = d\n# x\n[p]\naws_access_key_id=f\naws_secret_access_key = s\nregion = eu-1\n").unwrap();
        let file = file.to_str().unwrap();
        let from_file =
            settings(S3::default(), &[("AWS_SHARED_CREDENTIALS_FILE", file), ("AWS_PROFILE", "p")]).unwrap();
        assert_eq!(option(&from_file, AmazonS3ConfigKey::AccessKeyId), Some("f"));
        assert_eq!(option(&from_file, AmazonS3ConfigKey::SecretAccessKey), Some("s"));
        assert_eq!(from_file.region, "eu-1");
        let by_default = settings(S3::default(), &[("AWS_SHARED_CREDENTIALS_FILE", file)]).unwrap();
        assert_eq!(option(&by_default, AmazonS3ConfigKey::AccessKeyId), Some("d"));
        let both = settings(
            S3::default(),
            &[("AWS_SHARED_CREDENTIALS_FILE", file), ("AWS_ACCESS_KEY_ID", "e"), ("AWS_SECRET_ACCESS_KEY", "t")],
        );
        assert_eq!(option(&both.unwrap(), AmazonS3ConfigKey::AccessKeyId), Some("e"));
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn no_secret_is_shown() {
        let settings =
            settings(S3::default(), &[("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "hush")]).unwrap();
        assert!(!format!("{settings:?}").contains("hush"));
    }
}
