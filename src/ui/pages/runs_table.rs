//! The table of runs, which is also the form that compares them.

use maud::{Markup, html};

use super::columns::{Column, Kind};
use super::run::PARENT;
use super::runs::Shown;
use crate::runs::wire::{Run, RunInfo};
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::table::Heading;
use crate::ui::pages::kit::text::{T, cut, number};
use crate::ui::pages::kit::time::{ago, duration};

/// Characters of a value in a cell; the run's page has it whole.
const CELL: usize = 28;

pub(super) fn table(shown: &Shown<'_>, runs: &[Run]) -> Markup {
    let by = shown.sort.clone().or("-start_time");
    let heading =
        |label: &str, key: &str, numeric| Heading { label, key, numeric }.render(&by, |sort| shown.url_by(sort));
    html! {
        form.compare #compare action=(shown.site.compare().action()) {
            div.scroll tabindex="0" role="region" aria-label="Runs" {
                table.runs {
                    thead {
                        (groups(&shown.columns.shown))
                        tr {
                            td {}
                            (heading("Run", "run_name", false))
                            (heading("Status", "status", false))
                            (heading("Started", "start_time", true))
                            th.n scope="col" { "Duration" }
                            (heading("User", "user_id", false))
                            @for column in &shown.columns.shown {
                                (heading(&cut(&column.key, CELL), &column.shown(), column.kind == Kind::Metric))
                            }
                        }
                    }
                    tbody { @for run in runs { (row(shown, run)) } }
                }
            }
        }
    }
}

/// A line that says which columns are metrics, params and tags: a param and a metric may have one name.
fn groups(columns: &[Column]) -> Markup {
    html! {
        @if !columns.is_empty() {
            tr.groups {
                td colspan="6" {}
                @for group in columns.chunk_by(|one, next| one.kind == next.kind) {
                    @if let Some(first) = group.first() { th scope="colgroup" colspan=(group.len()) { (first.kind.heading()) } }
                }
            }
        }
    }
}

fn row(shown: &Shown<'_>, run: &Run) -> Markup {
    let info = &run.info;
    let name = name_of(info);
    html! {
        tr {
            td { input type="checkbox" name="run" value=(info.run_id) aria-label={ "Compare " (T(&cut(name, CELL))) }; }
            th scope="row" {
                @if run.data.tags.iter().any(|tag| tag.key == PARENT) { span.child title="Child of another run" { "↳ " } }
                a href=(shown.site.run(&info.run_id)) { bdi { (T(&cut(name, 48))) } }
            }
            td { (status(info)) }
            td.n { (ago(info.start_time.filter(|start| *start > 0), shown.site.now)) }
            td.n { (took(info, shown.site.now)) }
            td { bdi { (T(&cut(info.user_id.as_deref().unwrap_or_default(), 20))) } }
            @for column in &shown.columns.shown { (cell(run, column)) }
        }
    }
}

fn cell(run: &Run, column: &Column) -> Markup {
    let key = column.key.as_str();
    let pairs = match column.kind {
        Kind::Metric => {
            let metric = run.data.metrics.iter().find(|metric| metric.key == key);
            return html! { td.n { @match metric { Some(metric) => (number(metric.value)), None => span.none { "–" } } } };
        }
        Kind::Param => &run.data.params,
        Kind::Tag => &run.data.tags,
    };
    let value = pairs.iter().find(|pair| pair.key == key).map(|pair| pair.value.as_str());
    html! { td { (layout::value(value, CELL)) } }
}

/// The name of a run, or its id.
pub(super) fn name_of(info: &RunInfo) -> &str {
    info.run_name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(&info.run_id)
}

/// The status of a run in words and colour.
pub(super) fn status(info: &RunInfo) -> Markup {
    let (class, word) = match info.status.as_deref() {
        Some("RUNNING") => ("running", "Running"),
        Some("SCHEDULED") => ("scheduled", "Scheduled"),
        Some("FINISHED") => ("finished", "Finished"),
        Some("FAILED") => ("failed", "Failed"),
        Some("KILLED") => ("killed", "Killed"),
        _ => ("unknown", "Unknown"),
    };
    html! { span class={ "status " (class) } { (word) } }
}

/// How long the run took, or takes.
pub(super) fn took(info: &RunInfo, now: i64) -> Markup {
    let running = info.status.as_deref() == Some("RUNNING");
    let end = info.end_time.or(running.then_some(now));
    html! { @match duration(info.start_time, end) { Some(duration) => (duration), None => span.none { "–" } } }
}
