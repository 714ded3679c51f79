//! From a model and its folder to the `InferenceService` that serves it.

use super::archive::Format;
use super::folder::Folder;
use super::manifest::InferenceService;
use super::names;
use super::rules::{Options, Storage};
use super::store::Found;
use crate::error::{Error, Result};
use crate::types::uri;

/// What is said of a model without a signature.
pub const NO_SIGNATURE: &str = "The model has no signature: the serving runtime may refuse it or take any input.";

const S3_IS_PINNED: &str = "Invalid value for parameter 'pin': an s3:// URI is that of a version; use storage=archive or \
                            storage=models with an alias.";
const NO_ALIAS_TO_PIN: &str =
    "Invalid value for parameter 'pin': no alias was asked for; ask for NAME@ALIAS/inferenceservice.yaml.";
const NO_ADDRESS: &str = "The address of this server cannot be told from the request; name it as serverUrl.";

/// The service for a model. `server` is where the client reached this server, without a slash at its end.
///
/// # Errors
///
/// `INVALID_PARAMETER_VALUE` for options that do not go together with each other or with where the model is; those of
/// reading `MLmodel`.
pub async fn describe(
    found: &Found,
    folder: &Folder,
    options: Options,
    server: Option<&str>,
) -> Result<InferenceService> {
    let storage = options.storage.unwrap_or(if folder.s3_uri().is_some() { Storage::S3 } else { Storage::Archive });
    let mut warnings = Vec::new();
    if !folder.has_signature().await? {
        warnings.push(NO_SIGNATURE.to_owned());
    }
    if storage == Storage::S3 && folder.empty_files() > 0 {
        let count = folder.empty_files();
        warnings.push(format!("KServe does not download files without content from S3; the model has {count}."));
    }
    let storage_uri = match storage {
        Storage::S3 if options.pin_alias => return Err(Error::invalid(S3_IS_PINNED)),
        Storage::S3 => s3_uri(found, folder, server)?,
        Storage::Models => format!("models://{}", reference(found, options.pin_alias)?),
        Storage::Archive => {
            let server = options.server_url.as_deref().or(server).ok_or_else(|| Error::invalid(NO_ADDRESS))?;
            archive_url(server, &reference(found, options.pin_alias)?)
        }
    };
    let (model, version) = found.version.clone().unwrap_or_default();
    Ok(InferenceService {
        name: options.name.unwrap_or_else(|| names::service_name(&model)),
        namespace: options.namespace,
        model,
        version,
        alias: found.alias.clone(),
        run_id: found.run_id.clone(),
        warnings,
        storage_uri,
        runtime: options.runtime,
        service_account_name: options.service_account_name,
        min_replicas: options.min_replicas,
        canary_traffic_percent: options.canary_traffic_percent,
    })
}

/// `s3://BUCKET/PREFIX/` of a model.
///
/// # Errors
///
/// `INVALID_PARAMETER_VALUE` naming the model's archive, if it is not in S3.
pub fn s3_uri(found: &Found, folder: &Folder, server: Option<&str>) -> Result<String> {
    if let Some(uri) = folder.s3_uri() {
        return Ok(uri);
    }
    let archive = archive_url(server.unwrap_or_default(), &reference(found, found.alias.is_some())?);
    Err(Error::invalid(format!("{} is in no place that an s3:// URI names. Use its archive: {archive}", found.what)))
}

fn archive_url(server: &str, reference: &str) -> String {
    format!("{server}/kserve/models/{reference}{}", Format::TarGz.suffix())
}

/// `NAME/VERSION`, or `NAME@ALIAS` with the alias that was asked for.
fn reference(found: &Found, by_alias: bool) -> Result<String> {
    let encode = |text: &str| uri::segment(text).to_string();
    let (name, version) =
        found.version.as_ref().map(|(name, version)| (encode(name), encode(version))).unwrap_or_default();
    match &found.alias {
        _ if !by_alias => Ok(format!("{name}/{version}")),
        Some(alias) => Ok(format!("{name}@{}", encode(alias))),
        None => Err(Error::invalid(NO_ALIAS_TO_PIN)),
    }
}
