//! What MLflow's GraphQL answers: the messages of the REST API under GraphQL's names.

use super::inputs::{self, InputObject};

/// A type with fields.
#[derive(Debug)]
pub struct Object {
    /// Its name.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// A field of such a type.
#[derive(Debug)]
pub struct Field {
    /// Its name, that of the message's field in camel case.
    pub name: &'static str,
    /// What it answers.
    pub kind: Kind,
    /// Whether it is a list.
    pub list: bool,
    /// What it takes, for the fields that requests begin with.
    pub input: Option<&'static InputObject>,
}

/// What a field answers. An unset field of a message is empty text, zero or an empty message, as in protobuf.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// Text.
    Text,
    /// A number of 64 bits, as text.
    Long,
    /// A number; NaN, which GraphQL does not know, is `null`.
    Float,
    /// Yes or no.
    Flag,
    /// The name of an enum's value, or `null`.
    Enum(&'static str),
    /// A message.
    Object(&'static Object),
    /// A message that is never there.
    Never(&'static Object),
}

impl Object {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// The type whose fields are selected, if it has some.
    #[must_use]
    pub const fn object(&self) -> Option<&'static Object> {
        match self.kind {
            Kind::Object(object) | Kind::Never(object) => Some(object),
            _ => None,
        }
    }

    /// Its type, as errors name it.
    #[must_use]
    pub fn type_name(&self) -> String {
        let name = match self.kind {
            Kind::Text => "String",
            Kind::Long => "LongString",
            Kind::Float => "Float",
            Kind::Flag => "Boolean",
            Kind::Enum(name) => name,
            Kind::Object(object) | Kind::Never(object) => object.name,
        };
        match (self.list, self.object()) {
            (false, _) => name.to_owned(),
            (true, None) => format!("[{name}]"),
            (true, Some(_)) => format!("[{name}!]"),
        }
    }
}

/// The type of that name.
#[must_use]
pub fn object(name: &str) -> Option<&'static Object> {
    OBJECTS.iter().find(|object| object.name == name).copied()
}

/// Whether a value that is no object goes out under that name.
#[must_use]
pub fn is_leaf(name: &str) -> bool {
    let leaves = ["String", "LongString", "Float", "Boolean", "Int"];
    let of_object = |object: &&Object| object.fields.iter().any(|f| matches!(f.kind, Kind::Enum(kind) if kind == name));
    leaves.contains(&name) || OBJECTS.iter().any(of_object)
}

const fn field(name: &'static str, kind: Kind) -> Field {
    Field { name, kind, list: false, input: None }
}

const fn text(name: &'static str) -> Field {
    field(name, Kind::Text)
}

const fn long(name: &'static str) -> Field {
    field(name, Kind::Long)
}

const fn one(name: &'static str, object: &'static Object) -> Field {
    field(name, Kind::Object(object))
}

const fn many(name: &'static str, object: &'static Object) -> Field {
    Field { name, kind: Kind::Object(object), list: true, input: None }
}

const fn texts(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, list: true, input: None }
}

const fn root(name: &'static str, answer: &'static Object, input: &'static InputObject) -> Field {
    Field { name, kind: Kind::Object(answer), list: false, input: Some(input) }
}

/// MLflow's errors are in `errors`; this field only exists for its queries.
const API_ERROR: Field = field("apiError", Kind::Never(&ERROR));

macro_rules! objects {
    ($($place:ident = $name:literal { $($field:expr),+ $(,)? })+) => {
        static OBJECTS: &[&Object] = &[$(&$place),+];
        $(
            #[doc = concat!("`", $name, "`")]
            pub static $place: Object = Object { name: $name, fields: &[$($field),+] };
        )+
    };
}

objects! {
    QUERY = "Query" {
        root("mlflowGetExperiment", &GET_EXPERIMENT, &inputs::GET_EXPERIMENT),
        root("mlflowGetMetricHistoryBulkInterval", &METRIC_HISTORY, &inputs::METRIC_HISTORY),
        root("mlflowGetRun", &GET_RUN, &inputs::GET_RUN),
        root("mlflowListArtifacts", &LIST_ARTIFACTS, &inputs::LIST_ARTIFACTS),
        root("mlflowSearchModelVersions", &SEARCH_MODEL_VERSIONS, &inputs::SEARCH_MODEL_VERSIONS),
        root("mlflowSearchRuns", &SEARCH_RUNS, &inputs::SEARCH_RUNS),
    }
    MUTATION = "Mutation" {
        root("mlflowSearchDatasets", &SEARCH_DATASETS, &inputs::SEARCH_DATASETS),
        root("mlflowSearchRuns", &SEARCH_RUNS, &inputs::SEARCH_RUNS),
    }
    GET_EXPERIMENT = "MlflowGetExperimentResponse" { one("experiment", &EXPERIMENT), API_ERROR }
    GET_RUN = "MlflowGetRunResponse" { one("run", &RUN), API_ERROR }
    SEARCH_RUNS = "MlflowSearchRunsResponse" { many("runs", &RUN), text("nextPageToken"), API_ERROR }
    METRIC_HISTORY = "MlflowGetMetricHistoryBulkIntervalResponse" { many("metrics", &METRIC_WITH_RUN_ID), API_ERROR }
    LIST_ARTIFACTS = "MlflowListArtifactsResponse" {
        text("rootUri"), many("files", &FILE_INFO), text("nextPageToken"), API_ERROR,
    }
    SEARCH_MODEL_VERSIONS = "MlflowSearchModelVersionsResponse" {
        many("modelVersions", &MODEL_VERSION), text("nextPageToken"), API_ERROR,
    }
    SEARCH_DATASETS = "MlflowSearchDatasetsResponse" { many("datasetSummaries", &DATASET_SUMMARY), API_ERROR }
    ERROR = "ApiError" {
        text("code"), text("message"), text("helpUrl"), text("traceId"), many("errorDetails", &ERROR_DETAIL),
    }
    ERROR_DETAIL = "ErrorDetail" { text("field"), text("message") }
    EXPERIMENT = "MlflowExperiment" {
        text("experimentId"), text("name"), text("artifactLocation"), text("lifecycleStage"), long("lastUpdateTime"),
        long("creationTime"), many("tags", &EXPERIMENT_TAG), text("effectiveTraceArchivalRetention"), text("workspace"),
    }
    EXPERIMENT_TAG = "MlflowExperimentTag" { text("key"), text("value") }
    RUN = "MlflowRunExtension" {
        one("info", &RUN_INFO), one("data", &RUN_DATA), one("inputs", &RUN_INPUTS), one("outputs", &RUN_OUTPUTS),
        one("experiment", &EXPERIMENT), many("modelVersions", &MODEL_VERSION),
    }
    RUN_INFO = "MlflowRunInfo" {
        text("runId"), text("runUuid"), text("runName"), text("experimentId"), text("userId"),
        field("status", Kind::Enum("MlflowRunStatus")), long("startTime"), long("endTime"), text("artifactUri"),
        text("lifecycleStage"),
    }
    RUN_DATA = "MlflowRunData" { many("metrics", &METRIC), many("params", &PARAM), many("tags", &RUN_TAG) }
    METRIC = "MlflowMetricExtension" {
        text("key"), field("value", Kind::Float), long("timestamp"), long("step"), text("datasetName"),
        text("datasetDigest"), text("modelId"), text("runId"),
    }
    METRIC_WITH_RUN_ID = "MlflowMetricWithRunId" {
        text("key"), field("value", Kind::Float), long("timestamp"), long("step"), text("runId"),
    }
    PARAM = "MlflowParam" { text("key"), text("value") }
    RUN_TAG = "MlflowRunTag" { text("key"), text("value") }
    RUN_INPUTS = "MlflowRunInputs" { many("datasetInputs", &DATASET_INPUT), many("modelInputs", &MODEL_INPUT) }
    DATASET_INPUT = "MlflowDatasetInput" { many("tags", &INPUT_TAG), one("dataset", &DATASET) }
    INPUT_TAG = "MlflowInputTag" { text("key"), text("value") }
    DATASET = "MlflowDataset" {
        text("name"), text("digest"), text("sourceType"), text("source"), text("schema"), text("profile"),
    }
    MODEL_INPUT = "MlflowModelInput" { text("modelId") }
    RUN_OUTPUTS = "MlflowRunOutputs" { many("modelOutputs", &MODEL_OUTPUT) }
    MODEL_OUTPUT = "MlflowModelOutput" { text("modelId"), long("step") }
    FILE_INFO = "MlflowFileInfo" { text("path"), field("isDir", Kind::Flag), long("fileSize") }
    DATASET_SUMMARY = "MlflowDatasetSummary" { text("experimentId"), text("name"), text("digest"), text("context") }
    MODEL_VERSION = "MlflowModelVersion" {
        text("name"), text("version"), long("creationTimestamp"), long("lastUpdatedTimestamp"), text("userId"),
        text("currentStage"), text("description"), text("source"), text("runId"),
        field("status", Kind::Enum("MlflowModelVersionStatus")), text("statusMessage"), many("tags", &VERSION_TAG),
        text("runLink"), texts("aliases"), text("modelId"), many("modelParams", &MODEL_PARAM),
        many("modelMetrics", &MODEL_METRIC), one("deploymentJobState", &JOB_STATE),
    }
    VERSION_TAG = "MlflowModelVersionTag" { text("key"), text("value") }
    MODEL_PARAM = "MlflowModelParam" { text("name"), text("value") }
    MODEL_METRIC = "MlflowModelMetric" {
        text("key"), field("value", Kind::Float), long("timestamp"), long("step"), text("datasetName"),
        text("datasetDigest"), text("modelId"), text("runId"),
    }
    JOB_STATE = "MlflowModelVersionDeploymentJobState" {
        text("jobId"), text("runId"), field("jobState", Kind::Enum("MlflowDeploymentJobConnectionState")),
        field("runState", Kind::Enum("MlflowModelVersionDeploymentJobStateDeploymentJobRunState")),
        text("currentTaskName"),
    }
}
