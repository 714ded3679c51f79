//! The experiments, newest first.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::experiments::search::Search;
use crate::experiments::wire::{Experiment, SearchExperiments, Tag};
use crate::runs;
use crate::search::{self, page_token};
use crate::types::view::ViewType;
use crate::ui::pages::kit::filter::FilterBox;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::table::{Heading, Sort};
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

const PAGE: i64 = 50;
const TAGS: usize = 3;
/// Seconds after which the page looks again for a first run.
const FIRST_RUN_REFRESH: u32 = 5;
const EXAMPLE: &str = "name ILIKE '%iris%' AND tags.team = 'nlp'";
/// What the table can be ordered by, and its name in MLflow's language.
const ORDERS: [(&str, &str); 3] = [("name", "name"), ("created", "creation_time"), ("updated", "last_update_time")];

/// What the table shows.
struct Found {
    experiments: Vec<Experiment>,
    /// When the newest run of each experiment started.
    latest: HashMap<i32, i64>,
    has_more: bool,
    /// Nothing was ever logged to this server, as far as this page knows.
    is_new: bool,
}

/// `GET /tracklet/`
pub async fn experiments(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site) -> Result<Page> {
    site.check_query()?;
    let (number, view, sort) = (site.page()?, site.view()?, Sort::parse(site.given("sort")));
    let filter = site.given("q");
    let wrong = search::experiments::filter(filter).err();
    let found = if wrong.is_some() {
        Found { experiments: Vec::new(), latest: HashMap::new(), has_more: false, is_new: false }
    } else {
        let search = Search::new(&SearchExperiments {
            view_type: view,
            max_results: PAGE,
            order_by: sort.order_by(&ORDERS, "Experiments")?,
            filter: filter.to_owned(),
            page_token: (number > 1).then(|| page_token::create((number - 1) * PAGE)),
        })?;
        app.db.read(move |conn| find(conn, &search)).await?
    };
    let is_new = found.is_new && filter.is_empty() && number == 1 && view == ViewType::ActiveOnly;
    let shown = Shown { site, number, view, sort };
    let body = html! {
        div.head { h1 { "Experiments" } }
        @if is_new { (first_run(site)) } @else {
            (shown.views())
            (shown.search(wrong.as_ref().map(Error::message)))
        }
        @if found.experiments.is_empty() {
            @if wrong.is_none() { (shown.nothing()) }
        } @else {
            (shown.table(&found))
            (layout::pager(number, found.has_more, |page| shown.url().page(page)))
        }
    };
    let page = Page::new("Experiments", Section::Experiments, body);
    let refresh = is_new.then_some(FIRST_RUN_REFRESH);
    Ok(Page { refresh, ..page.because_of(wrong.as_ref()) })
}

fn find(conn: &mut Conn, search: &Search) -> Result<Found> {
    let answer = search.run(conn)?;
    let ids = answer.experiments.iter().filter_map(|experiment| experiment.experiment_id.parse().ok()).collect();
    let latest = runs::store::latest_starts(conn, ids)?;
    let is_new = latest.is_empty() && answer.experiments.len() <= 1;
    Ok(Found { experiments: answer.experiments, latest, has_more: answer.next_page_token.is_some(), is_new })
}

/// What the address says.
struct Shown<'a> {
    site: &'a Site,
    number: i64,
    view: ViewType,
    sort: Sort,
}

impl Shown<'_> {
    fn view_name(&self) -> &'static str {
        if self.view == ViewType::DeletedOnly { "deleted" } else { "" }
    }

    fn url_by(&self, sort: &Sort) -> Url {
        let url = self.site.home().with("q", self.site.given("q"));
        url.with("sort", &sort.shown()).with("view", self.view_name())
    }

    fn url(&self) -> Url {
        self.url_by(&self.sort)
    }

    fn views(&self) -> Markup {
        let deleted = self.view == ViewType::DeletedOnly;
        let url = || self.site.home().with("q", self.site.given("q")).with("sort", &self.sort.shown());
        layout::tabs("Lifecycle", &[("Active", url(), !deleted), ("Deleted", url().with("view", "deleted"), deleted)])
    }

    fn search(&self, error: Option<&str>) -> Markup {
        let url = self.site.home().with("sort", &self.sort.shown()).with("view", self.view_name());
        let filter = self.site.given("q");
        let label = "Filter experiments";
        FilterBox { url, filter, label, example: EXAMPLE, error, name: "name" }.render()
    }

    fn nothing(&self) -> Markup {
        html! {
            div.empty {
                h2 {
                    @if self.number > 1 { "Nothing on this page" }
                    @else if self.view == ViewType::DeletedOnly { "No deleted experiments" }
                    @else { "No experiment matches" }
                }
                p { a href=(self.site.home()) { "All experiments" } }
            }
        }
    }

    fn table(&self, found: &Found) -> Markup {
        let by = self.sort.clone().or("-created");
        let heading = |label, key, numeric| Heading { label, key, numeric }.render(&by, |sort| self.url_by(sort));
        let table = html! {
            table {
                thead {
                    tr {
                        (heading("Name", "name", false))
                        th.n scope="col" { "Last run" }
                        (heading("Created", "created", true))
                        (heading("Changed", "updated", true))
                        th scope="col" { "Tags" }
                        th.n scope="col" { "ID" }
                    }
                }
                tbody { @for experiment in &found.experiments { (self.row(experiment, &found.latest)) } }
            }
        };
        layout::region("Experiments", &table)
    }

    fn row(&self, experiment: &Experiment, latest: &HashMap<i32, i64>) -> Markup {
        let id = &experiment.experiment_id;
        let last = id.parse().ok().and_then(|id: i32| latest.get(&id)).copied();
        html! {
            tr {
                th scope="row" {
                    a href=(self.site.experiment(id)) { bdi { (T(&cut(&experiment.name, 80))) } }
                }
                td.n { (ago(last, self.site.now)) }
                td.n { (ago(experiment.creation_time, self.site.now)) }
                td.n { (ago(experiment.last_update_time, self.site.now)) }
                td { (tags(&experiment.tags)) }
                td.n { code { (id) } }
            }
        }
    }
}

fn tags(tags: &[Tag]) -> Markup {
    let own = || tags.iter().filter(|tag| !tag.key.starts_with("mlflow."));
    html! {
        @for tag in own().take(TAGS) {
            span.chip { bdi { (T(&cut(&tag.key, 24))) } ": " bdi { (T(&cut(&tag.value, 24))) } } " "
        }
        @if own().count() > TAGS { span.quiet { "+" (own().count() - TAGS) } }
    }
}

fn first_run(site: &Site) -> Markup {
    let snippet = format!(
        "import mlflow\n\nmlflow.set_tracking_uri(\"{}\")\nmlflow.set_experiment(\"first steps\")\n\nwith \
         mlflow.start_run():\n    mlflow.log_param(\"lr\", 0.01)\n    for step in range(100):\n        \
         mlflow.log_metric(\"loss\", 1 / (step + 1), step=step)\n",
        site.tracking_uri
    );
    let variable = format!("export MLFLOW_TRACKING_URI={}", site.tracking_uri);
    html! {
        section.first aria-labelledby="first" {
            h2 #first { "Log a first run" }
            p { "Any MLflow client will do, unchanged. In Python, after " code { "pip install mlflow" } ":" }
            (layout::program(&snippet, "the program"))
            p { "A program that logs with MLflow already needs no change, only an environment variable:" }
            (layout::program(&variable, "the command"))
            p.quiet { "What is logged appears here within seconds. Without JavaScript, load the page again." }
        }
    }
}
