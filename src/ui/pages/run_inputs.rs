//! Datasets and models of a run.

use maud::{Markup, html};

use crate::datasets::wire::DatasetInput;
use crate::db::Conn;
use crate::error::{Result, existing};
use crate::logged_models;
use crate::runs::wire::Run;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::text::{T, cut, within};

/// Of how many datasets and models of a run the page tells.
const MOST: usize = 20;
/// Bytes of a dataset's source and schema that are shown.
const DETAIL: usize = 600;

/// A model that a run used or made.
pub(super) struct Model {
    id: String,
    /// Empty where the model does not exist any more.
    name: String,
    /// The step at which it was made; none for a model that was used.
    step: Option<i64>,
}

/// The models of a run. One that is named and does not exist is shown by its id alone.
pub(super) fn models(conn: &mut Conn, run: &Run) -> Result<Vec<Model>> {
    let inputs = run.inputs.model_inputs.iter().map(|input| (&input.model_id, None));
    let outputs = run.outputs.iter().flat_map(|outputs| &outputs.model_outputs);
    let outputs = outputs.map(|output| (&output.model_id, Some(output.step)));
    let mut models = Vec::new();
    for (id, step) in inputs.chain(outputs).take(MOST) {
        let name = existing(logged_models::store::find(conn, id))?.map(|model| model.name).unwrap_or_default();
        models.push(Model { id: id.clone(), name, step });
    }
    Ok(models)
}

/// The models as a table; nothing where there are none.
pub(super) fn models_table(models: &[Model]) -> Markup {
    html! {
        @if !models.is_empty() {
            h2 { "Models" }
            div.scroll tabindex="0" role="region" aria-label="Models" {
                table {
                    thead { tr { th scope="col" { "Name" } th scope="col" { "Role" } th scope="col" { "Model ID" } } }
                    tbody {
                        @for model in models {
                            tr {
                                th scope="row" { @if model.name.is_empty() { span.none { "–" } } @else { bdi { (T(&cut(&model.name, 80))) } } }
                                td { @match model.step { Some(step) => { "Made at step " (step) }, None => "Used" } }
                                td { code { (T(&cut(&model.id, 60))) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The datasets as a table; nothing where there are none.
pub(super) fn datasets(inputs: &[DatasetInput]) -> Markup {
    html! {
        @if !inputs.is_empty() {
            h2 { "Datasets " span.quiet { (inputs.len()) } }
            div.scroll tabindex="0" role="region" aria-label="Datasets" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Name" }
                            th scope="col" { "Context" }
                            th scope="col" { "Digest" }
                            th scope="col" { "Source" }
                        }
                    }
                    tbody { @for input in inputs.iter().take(MOST) { (dataset(input)) } }
                }
            }
            @if inputs.len() > MOST { p.quiet { "The first " (MOST) " of " (inputs.len()) "." } }
        }
    }
}

fn dataset(input: &DatasetInput) -> Markup {
    let dataset = &input.dataset;
    let context = input.tags.iter().find(|tag| tag.key == "mlflow.data.context").map(|tag| tag.value.as_str());
    let schema = dataset.schema.as_deref().filter(|schema| !schema.is_empty());
    html! {
        tr {
            th scope="row" { bdi { (T(&cut(&dataset.name, 80))) } }
            td { (layout::value(context, 40)) }
            td { code { (T(&cut(&dataset.digest, 40))) } }
            td {
                (T(&cut(&dataset.source_type, 40)))
                details {
                    summary { "Details" }
                    (detail("Source", &dataset.source))
                    @if let Some(schema) = schema { (detail("Schema", schema)) }
                }
            }
        }
    }
}

fn detail(name: &str, text: &str) -> Markup {
    let (text, whole) = within(text, DETAIL);
    html! { p { (name) ": " code { (T(text)) @if !whole { "…" } } } }
}
