//! One run: what went in, what came out.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::run_head::{Found, Tab, read};
use super::run_inputs::{self, Model};
use super::run_versions;
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::experiments::wire::Tag;
use crate::metrics::wire::Metric;
use crate::registry::reply::ModelVersion;
use crate::runs::wire::Run;
use crate::ui::pages::kit::layout::{self, Page};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{Exact, T, count, cut, number, within};
use crate::ui::pages::kit::url::Url;

/// Lines of a list, with which the page stays below 100 kB.
const LINES: usize = 80;
/// Bytes of a value in a list.
const VALUE: usize = 240;
/// Where a list is as short as this, its values are shown up to [`LONG_VALUE`].
const FEW: usize = 5;
const LONG_VALUE: usize = 9_000;
const NOTE: &str = "mlflow.note.content";
pub(super) const PARENT: &str = "mlflow.parentRunId";

/// `GET /tracklet/runs/{run_id}`
pub async fn run(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let more = |conn: &mut Conn, run: &Run| Ok((run_inputs::models(conn, run)?, run_versions::of(conn, run)?));
    let (found, (models, versions)) = read(&app.db, id, more).await?;
    let body = body(site, &found, &models, &versions);
    Ok(found.page(site, Tab::Overview, &body))
}

fn body(site: &Site, found: &Found, models: &[Model], versions: &[ModelVersion]) -> Markup {
    let run = &found.run;
    let find = site.given("find");
    let url = site.run(&run.info.run_id);
    let note = run.data.tags.iter().find(|tag| tag.key == NOTE).map(|tag| tag.value.as_str()).unwrap_or_default();
    let (note, whole) = within(note, LONG_VALUE);
    let is_own = |tag: &&Tag| !tag.key.starts_with("mlflow.");
    let own = matching(run.data.tags.iter().filter(is_own), find);
    let others = matching(run.data.tags.iter().filter(|tag| !is_own(tag) && tag.key != NOTE), find);
    html! {
        @if !note.is_empty() { section.note aria-label="Description" { div.text { (T(note)) @if !whole { "…" } } } }
        @if is_long(run) || !find.is_empty() { (finder(&url, find)) }
        div.grid {
            (pairs("Params", &matching(run.data.params.iter(), find), "Nothing was logged with log_param."))
            (metrics(&url, &run.data.metrics, find))
        }
        div.grid {
            div {
                (pairs("Tags", &own, "No tags but those that MLflow sets."))
                @if !others.is_empty() {
                    details open[!find.is_empty()] {
                        summary { (count(others.len(), "tag")) " of MLflow’s" }
                        (lines("MLflow’s tags", &others))
                    }
                }
            }
            (around(site, run))
        }
        (run_inputs::datasets(&run.inputs.dataset_inputs))
        (run_inputs::models_table(models))
        (run_versions::table(site, versions))
    }
}

/// Where the run stands among others, where it comes from, and where its artifacts are.
fn around(site: &Site, run: &Run) -> Markup {
    let tag = |key: &str| run.data.tags.iter().find(|tag| tag.key == key).map(|tag| tag.value.as_str());
    let parent = tag(PARENT).filter(|parent| !parent.is_empty());
    let children = format!("tags.`{PARENT}` = '{}'", run.info.run_id);
    let children = site.experiment(&run.info.experiment_id).with("q", &children);
    let traces = site.traces(&run.info.experiment_id).with("q", &format!("run_id = '{}'", run.info.run_id));
    let uri = run.info.artifact_uri.as_deref().unwrap_or_default();
    let table = html! {
        table.pairs {
            tbody {
                @if let Some(parent) = parent { (fact("Parent run", &html! { a href=(site.run(parent)) { (T(&cut(parent, 64))) } })) }
                (fact("Child runs", &html! { a href=(children) { "Find them" } }))
                (fact("Traces", &html! { a href=(traces) { "Find them" } }))
                @if let Some(source) = tag("mlflow.source.name") { (fact("Source", &html! { code { (T(&cut(source, 200))) } })) }
                @if let Some(commit) = tag("mlflow.source.git.commit") { (fact("Commit", &html! { code { (T(&cut(commit, 64))) } })) }
                (fact("Artifacts", &html! { code { (T(&cut(uri, 400))) } " " (layout::copy(uri, "the artifact URI")) }))
            }
        }
    };
    html! { section aria-label="Origin" { h2 { "Origin" } (layout::region("Origin", &table)) } }
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { tr { th scope="row" { (name) } td { (value) } } }
}

/// Whether the lists are too long to be seen at a glance.
fn is_long(run: &Run) -> bool {
    const SHORT: usize = 12;
    [run.data.params.len(), run.data.metrics.len(), run.data.tags.len()].into_iter().any(|length| length > SHORT)
}

/// A box that looks for keys in all lists of the page.
pub(super) fn finder(url: &Url, find: &str) -> Markup {
    html! {
        form.search.find action=(url.action()) role="search" {
            @for (name, value) in url.pairs() { input type="hidden" name=(name) value=(Exact(value)); }
            input type="search" name="find" value=(Exact(find)) placeholder="Find by name" aria-label="Find by name"
                autocomplete="off" autocapitalize="off" spellcheck="false";
            button { "Find" }
            @if !find.is_empty() { a.button href=(url) { "Clear" } }
        }
    }
}

/// Whether a key is looked for; capital and small letters are the same.
pub(super) fn matches(key: &str, find: &str) -> bool {
    find.is_empty() || key.to_lowercase().contains(&find.to_lowercase())
}

fn matching<'a>(tags: impl Iterator<Item = &'a Tag>, find: &str) -> Vec<&'a Tag> {
    let mut tags: Vec<&Tag> = tags.filter(|tag| matches(&tag.key, find)).collect();
    tags.sort_by(|a, b| a.key.cmp(&b.key));
    tags
}

fn pairs(title: &str, tags: &[&Tag], empty: &str) -> Markup {
    html! {
        section aria-label=(title) {
            h2 { (title) @if !tags.is_empty() { " " span.quiet { (tags.len()) } } }
            @if tags.is_empty() { p.quiet { (empty) } } @else { (lines(title, tags)) }
        }
    }
}

fn lines(title: &str, tags: &[&Tag]) -> Markup {
    let limit = if tags.len() <= FEW { LONG_VALUE } else { VALUE };
    let table = html! {
        table.pairs {
            tbody {
                @for tag in tags.iter().take(LINES) {
                    @let (value, whole) = within(&tag.value, limit);
                    tr {
                        th scope="row" { bdi { (T(&cut(&tag.key, 120))) } }
                        td { bdi { (T(value)) } @if !whole { "…" } }
                    }
                }
            }
        }
    };
    html! { (layout::region(title, &table)) (more(tags.len())) }
}

fn more(all: usize) -> Markup {
    html! { @if all > LINES { p.quiet { "The first " (LINES) " of " (all) ". Find the others by name." } } }
}

fn metrics(url: &Url, metrics: &[Metric], find: &str) -> Markup {
    let mut shown: Vec<&Metric> = metrics.iter().filter(|metric| matches(&metric.key, find)).collect();
    shown.sort_by(|a, b| a.key.cmp(&b.key));
    html! {
        section aria-label="Metrics" {
            h2 { "Metrics" @if !shown.is_empty() { " " span.quiet { (shown.len()) } } }
            @if shown.is_empty() { p.quiet { "Nothing was logged with log_metric." } } @else {
                (layout::region("Latest values", &latest(url, &shown)))
                (more(shown.len()))
            }
        }
    }
}

fn latest(url: &Url, metrics: &[&Metric]) -> Markup {
    html! {
        table.pairs {
            thead { tr { th scope="col" { "Metric" } th.n scope="col" { "Latest" } th.n scope="col" { "Step" } } }
            tbody {
                @for metric in metrics.iter().take(LINES) {
                    tr {
                        th scope="row" {
                            a href=(url.clone().segment("metrics").with("metric", &metric.key)) { bdi { (T(&cut(&metric.key, 120))) } }
                        }
                        td.n { (number(metric.value)) }
                        td.n { (metric.step) }
                    }
                }
            }
        }
    }
}
