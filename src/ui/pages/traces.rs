//! The traces of an experiment.

use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::trace_facts::{name_of, own_name, preview, status, took, usage};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::experiments;
use crate::experiments::wire::Experiment;
use crate::search::{self, page_token};
use crate::traces::reply::TraceInfo;
use crate::traces::roots;
use crate::traces::search::Search;
use crate::traces::wire::SearchTraces;
use crate::ui::pages::kit::filter::FilterBox;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::table::{Heading, Sort};
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

const PAGE: i64 = 50;
const EXAMPLE: &str = "status = 'ERROR' AND execution_time_ms > 1000";
/// Characters of a preview in a cell.
const CELL: usize = 80;
/// What the table can be ordered by, and its name in MLflow's language.
const ORDERS: [(&str, &str); 4] =
    [("name", "name"), ("status", "status"), ("start_time", "timestamp_ms"), ("took", "execution_time_ms")];

/// What the address says.
struct Shown<'a> {
    site: &'a Site,
    experiment: &'a Experiment,
    sort: Sort,
    number: i64,
    /// The names of the first spans of traces that have none, by their ids.
    roots: HashMap<String, String>,
}

/// `GET /tracklet/experiments/{experiment_id}/traces`
pub async fn traces(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let (number, sort, filter) = (site.page()?, Sort::parse(site.given("sort")), site.given("q"));
    let wrong = search::traces::filter(filter).err();
    let search = Search::of(&SearchTraces {
        experiment_ids: vec![id.clone()],
        filter: if wrong.is_some() { String::new() } else { filter.to_owned() },
        max_results: PAGE,
        order_by: sort.order_by(&ORDERS, "Traces")?,
        page_token: if number > 1 { page_token::create((number - 1) * PAGE) } else { String::new() },
    })?;
    let skip = wrong.is_some();
    let read = move |conn: &mut Conn| {
        let experiment = experiments::store::get(conn, &id)?;
        let (found, next) = if skip { (Vec::new(), None) } else { search.page(conn)? };
        let nameless = found.iter().filter(|trace| own_name(trace).is_none());
        let roots = roots::names(conn, nameless.map(|trace| trace.trace_id.clone()).collect())?;
        Ok((experiment, found, next, roots))
    };
    let (experiment, found, next, roots) = app.db.read(read).await?;
    let shown = Shown { site, experiment: &experiment, sort, number, roots };
    let body = shown.body(&found, next.is_some(), wrong.as_ref());
    let page = Page::new(format!("Traces of {}", cut(&experiment.name, 80)), Section::Experiments, body);
    let page = page.below("Experiments", site.home());
    let page = page.below(&cut(&experiment.name, 60), site.experiment(&experiment.experiment_id));
    Ok(page.because_of(wrong.as_ref()))
}

impl Shown<'_> {
    fn base(&self) -> Url {
        self.site.traces(&self.experiment.experiment_id)
    }

    fn url_by(&self, sort: &Sort) -> Url {
        self.base().with("q", self.site.given("q")).with("sort", &sort.shown())
    }

    fn body(&self, found: &[TraceInfo], has_more: bool, wrong: Option<&Error>) -> Markup {
        let runs = self.site.experiment(&self.experiment.experiment_id);
        let url = self.base().with("sort", &self.sort.shown());
        let (filter, label, error) = (self.site.given("q"), "Filter traces", wrong.map(Error::message));
        html! {
            div.head { h1 { bdi { (T(&self.experiment.name)) } } }
            (layout::tabs("What is in the experiment", &[("Runs", runs, false), ("Traces", self.base(), true)]))
            (FilterBox { url, filter, label, example: EXAMPLE, error, name: "name" }.render())
            @if wrong.is_none() {
                @if found.is_empty() { (self.nothing()) } @else { (self.table(found)) }
                (layout::pager(self.number, has_more, |page| self.url_by(&self.sort).page(page)))
            }
        }
    }

    fn table(&self, found: &[TraceInfo]) -> Markup {
        let by = self.sort.clone().or("-start_time");
        let heading = |label, key, numeric| Heading { label, key, numeric }.render(&by, |sort| self.url_by(sort));
        let table = html! {
            table {
                thead {
                    tr {
                        (heading("Trace", "name", false))
                        (heading("Status", "status", false))
                        (heading("Began", "start_time", true))
                        (heading("Took", "took", true))
                        th scope="col" { "Asked" }
                        th scope="col" { "Answered" }
                        th.n scope="col" { "Tokens" }
                    }
                }
                tbody { @for trace in found { (self.row(trace)) } }
            }
        };
        layout::region("Traces", &table)
    }

    fn row(&self, trace: &TraceInfo) -> Markup {
        let name = name_of(trace, self.roots.get(&trace.trace_id).map(String::as_str));
        html! {
            tr {
                th scope="row" { a href=(self.site.trace(&trace.trace_id)) { bdi { (T(&cut(name, 48))) } } }
                td { (status(trace.state)) }
                td.n { (ago(Some(trace.request_time), self.site.now)) }
                td.n { (took(trace.execution_duration)) }
                @for text in [&trace.request_preview, &trace.response_preview] {
                    td { (layout::value(text.as_deref().map(preview).as_deref(), CELL)) }
                }
                td.n { @match usage(trace, "total_tokens") { Some(total) => (total), None => span.none { "–" } } }
            }
        }
    }

    fn nothing(&self) -> Markup {
        let snippet = format!(
            "import mlflow\n\nmlflow.set_tracking_uri(\"{}\")\nmlflow.set_experiment(experiment_id=\"{}\")\n\n@mlflow.trace\n\
             def answer(question):\n    return question.upper()\n\nanswer(\"why\")\n",
            self.site.tracking_uri, self.experiment.experiment_id
        );
        let variables = format!(
            "export OTEL_EXPORTER_OTLP_ENDPOINT={}\nexport OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nexport \
             OTEL_EXPORTER_OTLP_HEADERS=x-mlflow-experiment-id={}\n",
            self.site.tracking_uri, self.experiment.experiment_id
        );
        html! {
            div.empty {
                @if self.number > 1 {
                    h2 { "Nothing on this page" }
                    p { a href=(self.url_by(&self.sort)) { "To the first page" } }
                } @else if !self.site.given("q").is_empty() {
                    h2 { "No trace matches" }
                    p { a href=(self.base()) { "All traces of this experiment" } }
                } @else {
                    h2 { "No traces yet" }
                    p { "Send one from any MLflow client:" }
                    (layout::program(&snippet, "the program"))
                    p { "Or from any program with an SDK of OpenTelemetry:" }
                    (layout::program(&variables, "the variables"))
                }
            }
        }
    }
}
