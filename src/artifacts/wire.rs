//! Requests and responses, named as MLflow's messages.

use std::collections::BTreeMap;

use serde::Serialize;

use super::store::{Entry, Part, Presigned};
use crate::error::Result;
use crate::http::reply::is_empty;
use crate::types::message::{Fields, Message};

/// `GET mlflow/artifacts/list`.
#[derive(Debug)]
pub struct ListArtifacts {
    /// The run.
    pub run_id: String,
    /// The folder in its artifacts; the root when absent.
    pub path: Option<String>,
}

impl Message for ListArtifacts {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { run_id: fields.run_id()?, path: fields.optional("path")? })
    }
}

/// `GET mlflow-artifacts/artifacts`.
#[derive(Debug)]
pub struct ListArtifactsMlflowArtifacts {
    /// The folder below the artifacts destination; the root when absent.
    pub path: Option<String>,
}

impl Message for ListArtifactsMlflowArtifacts {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { path: fields.optional("path")? })
    }
}

/// `GET logged-models/{model_id}/artifacts/directories`.
#[derive(Debug)]
pub struct ListLoggedModelArtifacts {
    /// The folder in the model's artifacts; the root when absent.
    pub artifact_directory_path: Option<String>,
}

impl Message for ListLoggedModelArtifacts {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { artifact_directory_path: fields.optional("artifact_directory_path")? })
    }
}

/// A listing.
#[derive(Debug, Serialize)]
pub struct ListArtifactsResponse {
    /// The artifact URI of the run or model.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub root_uri: Option<String>,
    /// What is in the folder.
    #[serde(skip_serializing_if = "is_empty")]
    pub files: Vec<FileInfo>,
}

/// A file or folder in a listing.
#[derive(Debug, Serialize)]
pub struct FileInfo {
    /// Relative to the root of the listing.
    pub path: String,
    /// Whether it is a folder.
    pub is_dir: bool,
    /// Bytes; folders have none, and MLflow leaves out zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
}

impl FileInfo {
    /// An entry of the folder `dir`.
    #[must_use]
    pub fn of(entry: Entry, dir: &str) -> Self {
        let Entry { name, is_dir, file_size } = entry;
        Self { path: super::path::join(dir, &name), is_dir, file_size: file_size.filter(|size| *size > 0) }
    }
}

/// `POST mlflow-artifacts/mpu/create/{dir}`.
#[derive(Debug)]
pub struct CreateMultipartUpload {
    /// The file's name, or the client's local path.
    pub path: String,
    /// How many parts to sign.
    pub num_parts: i64,
}

impl Message for CreateMultipartUpload {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { path: fields.required("path")?, num_parts: fields.or_default("num_parts")? })
    }
}

/// The answer: where each part goes.
#[derive(Debug, Serialize)]
pub struct CreateMultipartUploadResponse {
    /// Names the upload from here on.
    pub upload_id: String,
    /// One for each part.
    #[serde(skip_serializing_if = "is_empty")]
    pub credentials: Vec<MultipartUploadCredential>,
}

/// A signed URL for one part.
#[derive(Debug, Serialize)]
pub struct MultipartUploadCredential {
    /// Where to `PUT` the part.
    pub url: String,
    /// From 1.
    pub part_number: usize,
    /// Headers to send with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
}

/// `POST mlflow-artifacts/mpu/complete/{dir}`.
#[derive(Debug)]
pub struct CompleteMultipartUpload {
    /// The file's name, or the client's local path.
    pub path: String,
    /// The upload.
    pub upload_id: String,
    /// What the store answered to each part.
    pub parts: Vec<MultipartUploadPart>,
}

impl Message for CompleteMultipartUpload {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            path: fields.required("path")?,
            upload_id: fields.or_default("upload_id")?,
            parts: fields.required("parts")?,
        })
    }
}

/// A part that the client has sent.
#[derive(Debug)]
pub struct MultipartUploadPart {
    /// From 1.
    pub part_number: i64,
    /// The tag that the store answered with.
    pub etag: String,
}

impl Message for MultipartUploadPart {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { part_number: fields.or_default("part_number")?, etag: fields.or_default("etag")? })
    }
}

impl From<MultipartUploadPart> for Part {
    fn from(part: MultipartUploadPart) -> Self {
        // No store numbers a part 0, so what does not fit is refused there.
        Self { number: u32::try_from(part.part_number).unwrap_or(0), etag: part.etag }
    }
}

/// `POST mlflow-artifacts/mpu/abort/{dir}`.
#[derive(Debug)]
pub struct AbortMultipartUpload {
    /// The file's name, or the client's local path.
    pub path: String,
    /// The upload.
    pub upload_id: String,
}

impl Message for AbortMultipartUpload {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self { path: fields.required("path")?, upload_id: fields.or_default("upload_id")? })
    }
}

/// `POST mlflow/artifacts/presigned-upload-url`.
#[derive(Debug)]
pub struct CreatePresignedUploadUrl {
    /// The run, or empty.
    pub run_id: String,
    /// The logged model, or empty.
    pub model_id: String,
    /// The file in its artifacts.
    pub path: String,
    /// Seconds that the URL is valid.
    pub expiration: Option<i64>,
}

impl Message for CreatePresignedUploadUrl {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            run_id: fields.or_default("run_id")?,
            model_id: fields.or_default("model_id")?,
            path: fields.required("path")?,
            expiration: fields.optional("expiration")?,
        })
    }
}

/// `POST mlflow/artifacts/presigned-download-url`.
#[derive(Debug)]
pub struct CreatePresignedDownloadUrl {
    /// The run.
    pub run_id: String,
    /// The file in its artifacts.
    pub path: String,
    /// Seconds that the URL is valid.
    pub expiration: Option<i64>,
}

impl Message for CreatePresignedDownloadUrl {
    fn read(fields: &mut Fields) -> Result<Self> {
        Ok(Self {
            run_id: fields.required("run_id")?,
            path: fields.required("path")?,
            expiration: fields.optional("expiration")?,
        })
    }
}

/// A signed URL, as the `mlflow/artifacts` endpoints answer.
#[derive(Debug, Serialize)]
pub struct CreatePresignedUrlResponse {
    /// Where to send the request.
    pub presigned_url: String,
    /// Headers to send with it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Bytes, for downloads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
}

impl From<Presigned> for CreatePresignedUrlResponse {
    fn from(signed: Presigned) -> Self {
        let Presigned { url, headers, file_size } = signed;
        Self { presigned_url: url, headers: headers.into_iter().collect(), file_size }
    }
}

/// A signed URL, as the proxy answers.
#[derive(Debug, Serialize)]
pub struct PresignedDownloadUrlResponse {
    /// Where to send the request.
    pub url: String,
    /// Headers to send with it.
    pub headers: BTreeMap<String, String>,
    /// Bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file_size: Option<u64>,
}

impl From<Presigned> for PresignedDownloadUrlResponse {
    fn from(signed: Presigned) -> Self {
        let Presigned { url, headers, file_size } = signed;
        Self { url, headers: headers.into_iter().collect(), file_size }
    }
}
