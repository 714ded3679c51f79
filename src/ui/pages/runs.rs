//! The runs of an experiment.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::columns::{Column, Columns};
use super::runs_table;
use crate::app::App;
use crate::error::{Error, Result};
use crate::experiments;
use crate::experiments::wire::Experiment;
use crate::runs::search::Search;
use crate::runs::wire::{SearchRuns, SearchRunsResponse};
use crate::search::{self, page_token};
use crate::types::view::{DELETED, ViewType};
use crate::ui::pages::kit::filter::FilterBox;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::table::Sort;
use crate::ui::pages::kit::text::{T, cut, within};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

const PAGE: i64 = 50;
const EXAMPLE: &str = "metrics.loss < 0.5 AND params.model = 'xgb'";
const NOTE: &str = "mlflow.note.content";
/// Bytes of an experiment's description that are shown.
const NOTE_LIMIT: usize = 6_000;

/// What the address says.
pub(super) struct Shown<'a> {
    pub(super) site: &'a Site,
    pub(super) experiment: &'a Experiment,
    pub(super) sort: Sort,
    pub(super) columns: Columns,
    view: ViewType,
    number: i64,
}

/// `GET /tracklet/experiments/{experiment_id}`
pub async fn runs(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let filter = site.given("q");
    let wrong = search::runs::filter(filter).err();
    let mut columns = Columns::of(site)?;
    let (number, view, sort) = (site.page()?, site.view()?, Sort::parse(site.given("sort")));
    let search = Search::new(&SearchRuns {
        experiment_ids: vec![id.clone()],
        filter: if wrong.is_some() { String::new() } else { filter.to_owned() },
        run_view_type: view,
        max_results: PAGE,
        order_by: order(&sort)?,
        page_token: (number > 1).then(|| page_token::create((number - 1) * PAGE)),
    })?;
    let skip = wrong.is_some();
    let read = move |conn: &mut crate::db::Conn| {
        let experiment = experiments::store::get(conn, &id)?;
        let none = SearchRunsResponse { runs: Vec::new(), next_page_token: None };
        Ok((experiment, if skip { none } else { search.run(conn)? }))
    };
    let (experiment, found) = app.db.read(read).await?;
    columns.settle(&found.runs);
    let shown = Shown { site, experiment: &experiment, sort, columns, view, number };
    let body = shown.body(&found, wrong.as_ref().map(Error::message));
    let page = Page::new(experiment.name.as_str(), Section::Experiments, body).below("Experiments", site.home());
    Ok(page.because_of(wrong.as_ref()))
}

/// The order in MLflow's language.
fn order(sort: &Sort) -> Result<Vec<String>> {
    let by = match sort.key.as_str() {
        "" => return Ok(Vec::new()),
        key @ ("run_name" | "start_time" | "end_time" | "status" | "user_id") => format!("attributes.{key}"),
        key => Column::parse(key).map(|column| column.order()).ok_or_else(|| {
            Error::invalid(format!(
                "Runs cannot be ordered by '{key}', but by start_time, end_time, run_name, status, user_id, and by \
                 columns such as metrics.loss."
            ))
        })?,
    };
    Ok(vec![format!("{by} {}", sort.direction())])
}

impl Shown<'_> {
    fn view_name(&self) -> &'static str {
        if self.view == ViewType::DeletedOnly { "deleted" } else { "" }
    }

    fn base(&self) -> Url {
        self.site.experiment(&self.experiment.experiment_id)
    }

    /// The address of this view in another order.
    pub(super) fn url_by(&self, sort: &Sort) -> Url {
        let url = self.base().with("q", self.site.given("q")).with("sort", &sort.shown());
        self.columns.put(url.with("view", self.view_name()))
    }

    fn body(&self, found: &SearchRunsResponse, wrong: Option<&str>) -> Markup {
        let without_columns = self.base().with("q", self.site.given("q")).with("sort", &self.sort.shown());
        html! {
            (self.head())
            (self.views())
            (self.search(wrong))
            @if wrong.is_none() {
                @if found.runs.is_empty() {
                    (self.nothing())
                } @else {
                    div.bar {
                        button.compare-submit form="compare" { "Compare selected" }
                        (self.columns.picker(&found.runs, &without_columns.with("view", self.view_name())))
                    }
                    (runs_table::table(self, &found.runs))
                }
                (layout::pager(self.number, found.next_page_token.is_some(), |page| self.url_by(&self.sort).page(page)))
            }
        }
    }

    fn head(&self) -> Markup {
        let Experiment { experiment_id, name, lifecycle_stage, artifact_location, creation_time, tags, .. } =
            self.experiment;
        let note = tags.iter().find(|tag| tag.key == NOTE).map(|tag| tag.value.as_str()).unwrap_or_default();
        let (note, whole) = within(note, NOTE_LIMIT);
        html! {
            div.head {
                h1 { bdi { (T(name)) } }
                @if lifecycle_stage == DELETED { span.status.deleted { "Deleted" } }
            }
            p.facts {
                span { "ID " code { (experiment_id) } } (layout::copy(experiment_id, "the ID"))
                span { "Created " (ago(*creation_time, self.site.now)) }
                span { "Artifacts " code { (T(&cut(artifact_location, 120))) } }
                @for tag in tags.iter().filter(|tag| !tag.key.starts_with("mlflow.")).take(12) {
                    span.chip { bdi { (T(&cut(&tag.key, 40))) } ": " bdi { (T(&cut(&tag.value, 80))) } }
                }
            }
            @if !note.is_empty() {
                details.note { summary { "Description" } div.text { (T(note)) @if !whole { "…" } } }
            }
        }
    }

    fn views(&self) -> Markup {
        let deleted = self.view == ViewType::DeletedOnly;
        let url = || self.base().with("q", self.site.given("q")).with("sort", &self.sort.shown());
        let (active, gone) = (self.columns.put(url()), self.columns.put(url().with("view", "deleted")));
        let traces = self.site.traces(&self.experiment.experiment_id);
        let views = [("Active", active, !deleted), ("Deleted", gone, deleted), ("Traces", traces, false)];
        layout::tabs("What is in the experiment", &views)
    }

    fn search(&self, error: Option<&str>) -> Markup {
        let url = self.columns.put(self.base().with("sort", &self.sort.shown()).with("view", self.view_name()));
        let filter = self.site.given("q");
        let label = "Filter runs";
        FilterBox { url, filter, label, example: EXAMPLE, error, name: "attributes.run_name" }.render()
    }

    fn nothing(&self) -> Markup {
        let filtered = !self.site.given("q").is_empty();
        html! {
            div.empty {
                @if self.number > 1 {
                    h2 { "Nothing on this page" }
                    p { a href=(self.url_by(&self.sort)) { "To the first page" } }
                } @else if filtered {
                    h2 { "No run matches" }
                    p { a href=(self.base()) { "All runs of this experiment" } }
                } @else if self.view == ViewType::DeletedOnly {
                    h2 { "No deleted runs" }
                } @else {
                    h2 { "No runs yet" }
                    p { "Log one from any MLflow client:" }
                    @let snippet = format!("import mlflow\n\nmlflow.set_tracking_uri(\"{}\")\nmlflow.set_experiment(experiment_id=\"{}\")\nwith mlflow.start_run():\n    mlflow.log_metric(\"accuracy\", 0.93)\n", self.site.tracking_uri, self.experiment.experiment_id);
                    (layout::program(&snippet, "the program"))
                }
            }
        }
    }
}
