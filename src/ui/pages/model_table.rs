//! The table of a model's versions, which is also the form that compares the runs that made them.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::model_head::{first_line, own_tags, run_id, run_link, stage, status, version_link};
use crate::registry::reply::ModelVersion;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{Exact, T, cut};
use crate::ui::pages::kit::time::ago;

/// What a line takes, as a rule, but for the address of the version.
pub(super) const LINE: usize = 1_300;
/// Aliases and tags of a line.
const ALIASES: usize = 4;
const TAGS: usize = 3;

/// What the lines of a table have in common.
struct Columns {
    stages: bool,
    tags: bool,
    /// How many runs there are; more than one can be compared.
    runs: usize,
}

/// A column is there if a version has something in it.
pub(super) fn versions(site: &Site, versions: &[ModelVersion]) -> Markup {
    let runs: BTreeSet<&str> = versions.iter().filter_map(run_id).collect();
    let columns = Columns {
        stages: versions.iter().any(|version| stage(version).is_some()),
        tags: versions.iter().any(|version| !own_tags(&version.tags).is_empty()),
        runs: runs.len(),
    };
    let table = table(site, versions, &columns);
    if columns.runs < 2 {
        return layout::region("Versions", &table);
    }
    html! {
        form.compare action=(site.compare().action()) {
            div.bar {
                button.compare-submit { "Compare selected" }
                span.quiet { "Check the versions whose runs to compare." }
            }
            (layout::region("Versions", &table))
        }
    }
}

fn table(site: &Site, versions: &[ModelVersion], columns: &Columns) -> Markup {
    html! {
        table {
            thead {
                tr {
                    @if columns.runs > 1 { td {} }
                    th scope="col" { "Version" }
                    th scope="col" { "Status" }
                    @if columns.stages { th scope="col" { "Stage" } }
                    th scope="col" { "Aliases" }
                    @if columns.runs > 0 { th scope="col" { "Run" } }
                    th.n scope="col" { "Created" }
                    @if columns.tags { th scope="col" { "Tags" } }
                    th scope="col" { "Description" }
                }
            }
            tbody { @for version in versions { (row(site, version, columns)) } }
        }
    }
}

fn row(site: &Site, version: &ModelVersion, columns: &Columns) -> Markup {
    let tags = own_tags(&version.tags);
    let number = &version.version;
    html! {
        tr {
            @if columns.runs > 1 {
                td {
                    @if let Some(run) = run_id(version) {
                        input type="checkbox" name="run" value=(Exact(run)) aria-label={ "Compare version " (number) };
                    }
                }
            }
            th scope="row" { (version_link(site, &version.name, Some(number))) }
            td { (status(version.status.as_deref())) }
            @if columns.stages {
                td { @match stage(version) { Some(stage) => (T(&cut(stage, 24))), None => span.none { "–" } } }
            }
            td {
                @for alias in version.aliases.iter().take(ALIASES) { span.chip { "@" bdi { (T(&cut(alias, 24))) } } " " }
                @if version.aliases.len() > ALIASES { span.quiet { "+" (version.aliases.len() - ALIASES) } }
            }
            @if columns.runs > 0 { td { (run_link(site, version)) } }
            td.n { (ago(version.creation_timestamp, site.now)) }
            @if columns.tags {
                td {
                    @for tag in tags.iter().take(TAGS) {
                        span.chip { bdi { (T(&cut(&tag.key, 24))) } ": " bdi { (T(&cut(&tag.value, 24))) } } " "
                    }
                    @if tags.len() > TAGS { span.quiet { "+" (tags.len() - TAGS) } }
                }
            }
            td.note { bdi { (T(&cut(first_line(version.description.as_deref()), 60))) } }
        }
    }
}
