//! What MLflow's GraphQL takes: the types of arguments and variables.

use super::ast::TypeRef;

/// A type of values that come in.
#[derive(Debug, Clone, Copy)]
pub enum Input {
    /// `String`
    Text,
    /// `Int`, of 32 bits
    Int,
    /// `Float`
    Float,
    /// `Boolean`
    Flag,
    /// `LongString`: a number as such or as text
    Long,
    /// One of several words.
    Enum(&'static str, &'static [&'static str]),
    /// Fields.
    Object(&'static InputObject),
}

/// A type of several fields.
#[derive(Debug)]
pub struct InputObject {
    /// Its name.
    pub name: &'static str,
    /// Its fields, none of which has to be there.
    pub fields: &'static [InputField],
}

/// A field of such a type.
#[derive(Debug)]
pub struct InputField {
    /// Its name.
    pub name: &'static str,
    /// What it takes.
    pub shape: Shape,
}

/// One value, or a list of them.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// The type of a value.
    pub input: Input,
    /// Whether it is a list.
    pub list: bool,
}

impl Input {
    /// The type of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let scalars = [Self::Text, Self::Int, Self::Float, Self::Flag, Self::Long, VIEW_TYPE];
        let objects = OBJECTS.iter().map(|object| Self::Object(object));
        scalars.into_iter().chain(objects).find(|input| input.name() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "String",
            Self::Int => "Int",
            Self::Float => "Float",
            Self::Flag => "Boolean",
            Self::Long => "LongString",
            Self::Enum(name, _) => name,
            Self::Object(object) => object.name,
        }
    }
}

impl Shape {
    /// One value.
    #[must_use]
    pub const fn one(input: Input) -> Self {
        Self { input, list: false }
    }

    /// As a document would name it.
    #[must_use]
    pub fn type_ref(self) -> TypeRef {
        let named = TypeRef::Named(self.input.name().to_owned());
        if self.list { TypeRef::List(Box::new(named)) } else { named }
    }

    /// The shape of a list's items, or of the one that stands for a list.
    #[must_use]
    pub const fn item(self) -> Self {
        Self::one(self.input)
    }
}

impl InputObject {
    /// The shape of a field.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<Shape> {
        self.fields.iter().find(|field| field.name == name).map(|field| field.shape)
    }
}

const fn one(name: &'static str, input: Input) -> InputField {
    InputField { name, shape: Shape::one(input) }
}

const fn text(name: &'static str) -> InputField {
    one(name, Input::Text)
}

const fn texts(name: &'static str) -> InputField {
    InputField { name, shape: Shape { input: Input::Text, list: true } }
}

const VIEW_TYPE: Input = Input::Enum("MlflowViewType", &["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]);

static OBJECTS: [&InputObject; 7] = [
    &GET_EXPERIMENT,
    &GET_RUN,
    &SEARCH_RUNS,
    &LIST_ARTIFACTS,
    &SEARCH_MODEL_VERSIONS,
    &METRIC_HISTORY,
    &SEARCH_DATASETS,
];

/// The experiment to get.
pub static GET_EXPERIMENT: InputObject =
    InputObject { name: "MlflowGetExperimentInput", fields: &[text("experimentId")] };

/// The run to get.
pub static GET_RUN: InputObject = InputObject { name: "MlflowGetRunInput", fields: &[text("runId"), text("runUuid")] };

/// The runs to look for.
pub static SEARCH_RUNS: InputObject = InputObject {
    name: "MlflowSearchRunsInput",
    fields: &[
        texts("experimentIds"),
        text("filter"),
        one("runViewType", VIEW_TYPE),
        one("maxResults", Input::Int),
        texts("orderBy"),
        text("pageToken"),
    ],
};

/// The folder to list.
pub static LIST_ARTIFACTS: InputObject = InputObject {
    name: "MlflowListArtifactsInput",
    fields: &[text("runId"), text("runUuid"), text("path"), text("pageToken")],
};

/// The versions to look for.
pub static SEARCH_MODEL_VERSIONS: InputObject = InputObject {
    name: "MlflowSearchModelVersionsInput",
    fields: &[text("filter"), one("maxResults", Input::Long), texts("orderBy"), text("pageToken")],
};

/// The points to get.
pub static METRIC_HISTORY: InputObject = InputObject {
    name: "MlflowGetMetricHistoryBulkIntervalInput",
    fields: &[
        texts("runIds"),
        text("metricKey"),
        one("startStep", Input::Int),
        one("endStep", Input::Int),
        one("maxResults", Input::Int),
    ],
};

/// The experiments whose datasets to get.
pub static SEARCH_DATASETS: InputObject =
    InputObject { name: "MlflowSearchDatasetsInput", fields: &[texts("experimentIds")] };
