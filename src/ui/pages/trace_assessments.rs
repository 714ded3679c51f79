//! What people and programs said of a trace.

use maud::{Markup, html};

use crate::assessments::reply::Assessment;
use crate::assessments::wire::{AssessmentError, Feedback, Value};
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;

/// How many assessments are shown.
const SHOWN: usize = 10;
/// Characters of a value.
const VALUE: usize = 120;

/// The part of the page about them.
pub(super) fn render(site: &Site, assessments: &[Assessment]) -> Markup {
    let table = html! {
        table {
            thead {
                tr {
                    @for name in ["What", "Value", "By", "Why"] { th scope="col" { (name) } }
                    th.n scope="col" { "When" }
                }
            }
            tbody { @for assessment in assessments.iter().take(SHOWN) { (row(site, assessment)) } }
        }
    };
    html! {
        @if !assessments.is_empty() {
            section aria-labelledby="assessments" {
                h2 #assessments { "Assessments " span.quiet { (assessments.len()) } }
                (layout::region("Assessments", &table))
                @if assessments.len() > SHOWN { p.quiet { "The first " (SHOWN) " of " (assessments.len()) "." } }
            }
        }
    }
}

fn row(site: &Site, assessment: &Assessment) -> Markup {
    let Assessment { assessment_name, source, value, rationale, create_time, valid, .. } = assessment;
    let by = source.source_id.as_deref().filter(|id| !id.is_empty()).unwrap_or(&source.source_type);
    let kind = match value {
        Value::Feedback(_) => "feedback",
        Value::Expectation(_) => "expectation",
        Value::Issue(_) => "issue",
    };
    html! {
        tr {
            th scope="row" {
                bdi { (T(&cut(assessment_name, 60))) } " " span.quiet { (kind) }
                @if !valid { " " span.status.deleted { "Replaced" } }
            }
            td { (said(value)) }
            td { bdi { (T(&cut(by, 40))) } }
            td.note { (layout::value(rationale.as_deref(), 160)) }
            td.n { (ago(Some(*create_time), site.now)) }
        }
    }
}

fn said(value: &Value) -> Markup {
    let (error, text) = match value {
        Value::Feedback(Feedback { error: Some(error), .. }) => (Some(error), String::new()),
        Value::Feedback(Feedback { value, .. }) | Value::Expectation(value) => (None, value.dumps()),
        Value::Issue(name) => (None, name.clone()),
    };
    html! {
        @match error {
            Some(AssessmentError { error_code, error_message, .. }) => {
                span.status.failed { "Error" } " " bdi { (T(&cut(error_code, 60))) } " "
                @if let Some(message) = error_message { bdi { (T(&cut(message, VALUE))) } }
            },
            None => bdi { (T(&cut(&text, VALUE))) },
        }
    }
}
