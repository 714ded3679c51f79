//! Requests, named as MLflow's messages. What is answered stands in `reply`.

use crate::error::Result;
use crate::types::message::{Fields, KeyValue, Message};

/// `POST registered-models/create`.
#[derive(Debug)]
pub struct CreateRegisteredModel {
    /// The name, unique among models and prompts.
    pub name: String,
    /// Tags to start with.
    pub tags: Vec<KeyValue>,
    /// Free text.
    pub description: String,
}

impl Message for CreateRegisteredModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            name: fields.required("name")?,
            tags: fields.list("tags")?,
            description: fields.or_default("description")?,
        })
    }
}

/// `GET registered-models/get` and `DELETE registered-models/delete`.
#[derive(Debug)]
pub struct RegisteredModelName {
    /// The model.
    pub name: String,
}

impl Message for RegisteredModelName {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")? })
    }
}

/// `PATCH registered-models/update`.
#[derive(Debug)]
pub struct UpdateRegisteredModel {
    /// The model.
    pub name: String,
    /// The new description; unset clears it.
    pub description: String,
}

impl Message for UpdateRegisteredModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, description: fields.or_default("description")? })
    }
}

/// `POST registered-models/rename`.
#[derive(Debug)]
pub struct RenameRegisteredModel {
    /// The model.
    pub name: String,
    /// Its new name.
    pub new_name: String,
}

impl Message for RenameRegisteredModel {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, new_name: fields.required("new_name")? })
    }
}

/// `GET registered-models/search`.
#[derive(Debug)]
pub struct SearchRegisteredModels {
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// Page size.
    pub max_results: i64,
    /// `name DESC` and the like.
    pub order_by: Vec<String>,
    /// Where the page before ended.
    pub page_token: String,
}

impl SearchRegisteredModels {
    /// The largest page.
    const MAX_RESULTS: i64 = 1_000;
}

impl Message for SearchRegisteredModels {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            filter: fields.or_default("filter")?,
            max_results: fields.at_most("max_results", Self::MAX_RESULTS)?.unwrap_or(100),
            order_by: fields.list("order_by")?,
            page_token: fields.or_default("page_token")?,
        })
    }
}

/// `GET` and `POST registered-models/get-latest-versions`.
#[derive(Debug)]
pub struct GetLatestVersions {
    /// The model.
    pub name: String,
    /// The stages of interest, in any case; all when empty.
    pub stages: Vec<String>,
}

impl Message for GetLatestVersions {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, stages: fields.list("stages")? })
    }
}

/// `POST registered-models/set-tag`.
#[derive(Debug)]
pub struct SetRegisteredModelTag {
    /// The model.
    pub name: String,
    /// The tag.
    pub tag: KeyValue,
}

impl Message for SetRegisteredModelTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, tag: tag(fields)? })
    }
}

fn tag(fields: &mut Fields) -> Result<KeyValue> {
    Ok(KeyValue { key: fields.required("key")?, value: fields.or_default("value")? })
}

/// `DELETE registered-models/delete-tag`.
#[derive(Debug)]
pub struct DeleteRegisteredModelTag {
    /// The model.
    pub name: String,
    /// The tag's key.
    pub key: String,
}

impl Message for DeleteRegisteredModelTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, key: fields.required("key")? })
    }
}

/// `GET` and `DELETE registered-models/alias`.
#[derive(Debug)]
pub struct RegisteredModelAlias {
    /// The model.
    pub name: String,
    /// The alias.
    pub alias: String,
}

impl Message for RegisteredModelAlias {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, alias: fields.required("alias")? })
    }
}

/// `POST registered-models/alias`.
#[derive(Debug)]
pub struct SetRegisteredModelAlias {
    /// The model.
    pub name: String,
    /// The alias.
    pub alias: String,
    /// The version that it is to name, a number as text.
    pub version: String,
}

impl Message for SetRegisteredModelAlias {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            name: fields.required("name")?,
            alias: fields.required("alias")?,
            version: fields.required("version")?,
        })
    }
}

/// `POST model-versions/create`.
#[derive(Debug, Clone)]
pub struct CreateModelVersion {
    /// The model.
    pub name: String,
    /// URI of the files.
    pub source: String,
    /// The run that made them.
    pub run_id: Option<String>,
    /// Tags to start with.
    pub tags: Vec<KeyValue>,
    /// Address of the run's page.
    pub run_link: String,
    /// Free text.
    pub description: String,
    /// The logged model that this version is.
    pub model_id: Option<String>,
}

impl Message for CreateModelVersion {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            name: fields.required("name")?,
            source: fields.required("source")?,
            run_id: fields.optional("run_id")?,
            tags: fields.list("tags")?,
            run_link: fields.or_default("run_link")?,
            description: fields.or_default("description")?,
            model_id: fields.optional("model_id")?,
        })
    }
}

/// `GET model-versions/get`, `DELETE model-versions/delete`.
#[derive(Debug)]
pub struct ModelVersionNumber {
    /// The model.
    pub name: String,
    /// The version, a number as text.
    pub version: String,
}

impl Message for ModelVersionNumber {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { name: fields.required("name")?, version: fields.required("version")? })
    }
}

/// `GET model-versions/get-download-uri`. Of this message no field is required: what is missing is empty, and refused as
/// such.
#[derive(Debug)]
pub struct GetModelVersionDownloadUri {
    /// Which version.
    pub of: ModelVersionNumber,
}

impl Message for GetModelVersionDownloadUri {
    fn read(fields: &mut Fields) -> Result<Self> {
        let of = ModelVersionNumber { name: fields.or_default("name")?, version: fields.or_default("version")? };
        Ok(Self { of })
    }
}

/// `PATCH model-versions/update`.
#[derive(Debug)]
pub struct UpdateModelVersion {
    /// Which version.
    pub of: ModelVersionNumber,
    /// The new description; unset takes it away.
    pub description: Option<String>,
}

impl Message for UpdateModelVersion {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { of: ModelVersionNumber::read(fields)?, description: fields.optional("description")? })
    }
}

/// `POST model-versions/transition-stage`.
#[derive(Debug)]
pub struct TransitionModelVersionStage {
    /// Which version.
    pub of: ModelVersionNumber,
    /// The stage to move it to, in any case.
    pub stage: String,
    /// Whether other versions of that stage are archived.
    pub archive_existing_versions: bool,
}

impl Message for TransitionModelVersionStage {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            of: ModelVersionNumber::read(fields)?,
            stage: fields.required("stage")?,
            archive_existing_versions: fields.flag("archive_existing_versions")?.unwrap_or_default(),
        })
    }
}

/// `GET model-versions/search`.
#[derive(Debug)]
pub struct SearchModelVersions {
    /// Conditions in MLflow's filter language.
    pub filter: String,
    /// Page size.
    pub max_results: i64,
    /// `version_number DESC` and the like.
    pub order_by: Vec<String>,
    /// Where the page before ended.
    pub page_token: String,
}

impl SearchModelVersions {
    /// The largest page, and the one that who asks for none gets.
    const MAX_RESULTS: i64 = 200_000;
}

impl Message for SearchModelVersions {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            filter: fields.or_default("filter")?,
            max_results: fields.at_most("max_results", Self::MAX_RESULTS)?.unwrap_or(Self::MAX_RESULTS),
            order_by: fields.list("order_by")?,
            page_token: fields.or_default("page_token")?,
        })
    }
}

/// `POST model-versions/set-tag`.
#[derive(Debug)]
pub struct SetModelVersionTag {
    /// Which version.
    pub of: ModelVersionNumber,
    /// The tag.
    pub tag: KeyValue,
}

impl Message for SetModelVersionTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { of: ModelVersionNumber::read(fields)?, tag: tag(fields)? })
    }
}

/// `DELETE model-versions/delete-tag`.
#[derive(Debug)]
pub struct DeleteModelVersionTag {
    /// Which version.
    pub of: ModelVersionNumber,
    /// The tag's key.
    pub key: String,
}

impl Message for DeleteModelVersionTag {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { of: ModelVersionNumber::read(fields)?, key: fields.required("key")? })
    }
}
