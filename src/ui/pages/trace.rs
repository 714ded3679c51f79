//! One trace: what happened when, and one of its spans whole.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::trace_assessments;
use super::trace_facts::{cost, name_of, preview as unquoted, status, took, usage};
use super::trace_span::{self, Chosen};
use super::waterfall::{self, Waterfall};
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::experiments;
use crate::trace_spans::outline;
use crate::traces::reply::TraceInfo;
use crate::traces::rules::NAME_TAG;
use crate::traces::store;
use crate::traces::wire::Texts;
use crate::types::view::ViewType;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, within};
use crate::ui::pages::kit::time::ago;

/// Lines of a list of tags, and bytes of a value in it.
const LINES: usize = 24;
const VALUE: usize = 200;
/// Bytes of a preview.
const PREVIEW: usize = 1_500;
/// Seconds after which the page of a trace that goes on is loaded again.
const REFRESH: u32 = 15;

/// What is known of a trace.
struct Found {
    trace: TraceInfo,
    experiment: String,
    waterfall: Waterfall,
    chosen: Option<Chosen>,
}

/// `GET /tracklet/traces/{trace_id}`
pub async fn trace(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let (number, wanted) = (site.page()?, site.given("span").to_owned());
    let found = app.db.read(move |conn| find(conn, &id, &wanted, number)).await?;
    let trace = &found.trace;
    let experiment = trace.experiment_id.to_string();
    let page = Page::new(cut(found.name(), 80), Section::Experiments, found.body(site));
    let page = page.below("Experiments", site.home());
    let page = page.below(&cut(&found.experiment, 60), site.experiment(&experiment));
    let page = page.below("Traces", site.traces(&experiment));
    let goes_on = trace.state == crate::traces::wire::TraceState::InProgress;
    Ok(Page { refresh: goes_on.then_some(REFRESH), ..page })
}

fn find(conn: &mut Conn, id: &str, wanted: &str, number: i64) -> Result<Found> {
    let trace = store::get(conn, id)?;
    let experiment = experiments::store::find(conn, &trace.experiment_id.to_string(), ViewType::All)?.name;
    let spans = outline::outline(conn, id, waterfall::MOST)?;
    let all = outline::count(conn, id)?;
    let waterfall = Waterfall::of(spans, all, wanted, number);
    let chosen = match waterfall.chosen() {
        Some(span) => outline::content(conn, id, &span.span_id)?.and_then(|content| Chosen::of(span, &content)),
        None => None,
    };
    Ok(Found { trace, experiment, waterfall, chosen })
}

impl Found {
    fn name(&self) -> &str {
        name_of(&self.trace, self.waterfall.name())
    }

    fn body(&self, site: &Site) -> Markup {
        let trace = &self.trace;
        html! {
            (self.head(site))
            (self.previews())
            @if self.waterfall.is_empty() { (self.elsewhere(site)) } @else {
                section aria-labelledby="spans" {
                    h2 #spans { "Spans " span.quiet { (self.waterfall.all()) } }
                    (self.waterfall.render(&site.trace(&trace.trace_id)))
                }
            }
            @if let Some(chosen) = &self.chosen { (trace_span::render(chosen)) }
            (trace_assessments::render(site, &trace.assessments))
            div.grid {
                (texts("Tags", &trace.tags))
                (texts("Metadata", &trace.trace_metadata))
            }
        }
    }

    fn head(&self, site: &Site) -> Markup {
        let trace = &self.trace;
        let metadata = |key: &str| trace.trace_metadata.get(key).filter(|text| !text.is_empty());
        let user = metadata("mlflow.trace.user").or_else(|| metadata("mlflow.user"));
        html! {
            div.head { h1 { bdi { (T(&cut(self.name(), 250))) } } (status(trace.state)) }
            p.facts {
                span { "ID " code { (T(&trace.trace_id)) } } (layout::copy(&trace.trace_id, "the ID of the trace"))
                span { "Began " (ago(Some(trace.request_time), site.now)) }
                span { "Took " (took(trace.execution_duration)) }
                @if let Some(total) = usage(trace, "total_tokens") { span { (total) " tokens" } }
                @if let Some(cost) = cost(trace) { span { "Cost " (cost) } }
                @if let Some(session) = metadata("mlflow.trace.session") {
                    span { "Session " a href=(self.of_session(site, session)) { bdi { (T(&cut(session, 60))) } } }
                }
                @if let Some(run) = metadata("mlflow.sourceRun") {
                    span { "Run " a href=(site.run(run)) { code { (T(&cut(run, 32))) } } }
                }
                @if let Some(user) = user { span { "By " bdi { (T(&cut(user, 60))) } } }
            }
        }
    }

    /// The traces of the same session, if the filter language can name it.
    fn of_session(&self, site: &Site, session: &str) -> crate::ui::pages::kit::url::Url {
        let quote = if session.contains('\'') { '"' } else { '\'' };
        let filter = format!("metadata.`mlflow.trace.session` = {quote}{session}{quote}");
        site.traces(&self.trace.experiment_id.to_string()).with("q", &filter)
    }

    fn previews(&self) -> Markup {
        let previews = [("Asked", &self.trace.request_preview), ("Answered", &self.trace.response_preview)];
        html! {
            div.grid {
                @for (title, preview) in previews {
                    @if let Some(preview) = preview {
                        @let preview = unquoted(preview);
                        @let (shown, whole) = within(&preview, PREVIEW);
                        section aria-label=(title) { h2 { (title) } div.text { (T(shown)) @if !whole { "…" } } }
                    }
                }
            }
        }
    }

    fn elsewhere(&self, site: &Site) -> Markup {
        html! {
            div.empty {
                h2 { "No spans here" }
                p { "Clients before 3.4 store the spans of a trace as a file." }
                p { a.button href=(site.trace_file(&self.trace.trace_id)) { "Download it" } }
            }
        }
    }
}

/// Tags, or metadata: people's own, and folded away those that MLflow sets.
fn texts(title: &str, texts: &Texts) -> Markup {
    let told = |(key, value): &(&String, &String)| *key != NAME_TAG && !value.is_empty();
    let (set, own): (Vec<_>, Vec<_>) = texts.iter().filter(told).partition(|(key, _)| key.starts_with("mlflow."));
    html! {
        section aria-label=(title) {
            h2 { (title) }
            @if !own.is_empty() { (lines(title, &own)) }
            @else if set.is_empty() { p.quiet { "None." } }
            @else { p.quiet { "None but those that MLflow sets." } }
            @if !set.is_empty() {
                details {
                    summary { (set.len()) " of MLflow’s" }
                    (lines(&format!("MLflow’s {}", title.to_lowercase()), &set))
                }
            }
        }
    }
}

fn lines(title: &str, texts: &[(&String, &String)]) -> Markup {
    let table = html! {
        table.pairs {
            tbody {
                @for (key, value) in texts.iter().take(LINES) {
                    @let (value, whole) = within(value, VALUE);
                    tr { th scope="row" { bdi { (T(&cut(key, 80))) } } td { bdi { (T(value)) } @if !whole { "…" } } }
                }
            }
        }
    };
    html! {
        (layout::region(title, &table))
        @if texts.len() > LINES { p.quiet { "The first " (LINES) " of " (texts.len()) "." } }
    }
}
