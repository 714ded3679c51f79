//! One version of a registered model: what it is, where it came from, how to use it.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::model_head::{self, is_prompt, own_tags, run_id, stage, status};
use super::run::{finder, matches};
use super::version_facts::{self, MANY};
use super::version_files::{self, Files};
use super::version_use;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Result, existing};
use crate::kserve::rules::Asked;
use crate::kserve::{self, store::Found as Served};
use crate::logged_models::{self, wire::LoggedModel};
use crate::registry::reply::ModelVersion;
use crate::registry::{files, rules, store, versions};
use crate::runs;
use crate::runs::rows::RunRow;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, within};
use crate::ui::pages::kit::time::ago;

/// Bytes of a description and of the text of a prompt.
const NOTE: usize = 8_000;
/// Aliases in the head.
const ALIASES: usize = 8;
const PROMPT_TEXT: &str = "mlflow.prompt.text";

/// What the page shows, but for what is in the store of artifacts.
struct Found {
    version: ModelVersion,
    /// Nothing where the run does not exist.
    run: Option<RunRow>,
    logged: Option<LoggedModel>,
    served: Result<Served>,
}

/// `GET /tracklet/models/{name}/versions/{version}`
pub async fn version(app: web::Data<App>, path: web::Path<(String, String)>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let (name, number) = path.into_inner();
    let page = show(&app, &site, name, &number).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, name: String, number: &str) -> Result<Page> {
    site.check_query()?;
    let number = rules::version(number)?;
    let found = app.db.read(move |conn| read(conn, &name, number)).await?;
    let prompt = is_prompt(&found.version.tags);
    let files = if prompt { None } else { Some(version_files::look(app, site, &found.served).await) };
    let (name, number) = (&found.version.name, &found.version.version);
    let body = html! { (head(site, &found)) (body(app, site, &found, files.as_ref())) };
    let (kind, url) = model_head::list(site, prompt);
    let page = Page::new(format!("{} version {number}", cut(name, 80)), Section::Models, body);
    Ok(page.below(kind, url).below(&cut(name, 60), site.model(name)))
}

fn read(conn: &mut Conn, name: &str, number: i64) -> Result<Found> {
    store::find(conn, name)?;
    let version = versions::get(conn, name, number)?;
    let run = match run_id(&version) {
        Some(id) => existing(runs::store::find(conn, id))?,
        None => None,
    };
    let logged = match version.source.as_deref().and_then(files::logged_model) {
        Some(id) => existing(logged_models::store::get(conn, &id, false))?,
        None => None,
    };
    let served = kserve::store::find(conn, &Asked::Version { name: name.to_owned(), version: number });
    Ok(Found { version, run, logged, served })
}

fn head(site: &Site, found: &Found) -> Markup {
    let version = &found.version;
    let message = version.status_message.as_deref().filter(|message| !message.is_empty());
    html! {
        div.head {
            h1 { bdi { (T(&cut(&version.name, 250))) } " " span.quiet { "version " (version.version) } }
            (status(version.status.as_deref()))
            @if let Some(stage) = stage(version) { span.chip { (T(&cut(stage, 40))) } }
            @for alias in version.aliases.iter().take(ALIASES) { span.chip { "@" bdi { (T(&cut(alias, 40))) } } }
            @if version.aliases.len() > ALIASES { span.quiet { "+" (version.aliases.len() - ALIASES) } }
        }
        p.facts {
            span { "Created " (ago(version.creation_timestamp, site.now)) }
            span { "Changed " (ago(version.last_updated_timestamp, site.now)) }
            (origin(site, found))
            @if let Some(user) = version.user_id.as_deref().filter(|user| !user.is_empty()) {
                span { "By " bdi { (T(&cut(user, 60))) } }
            }
        }
        @if let Some(message) = message { p.problem { (T(&cut(message, 400))) } }
    }
}

/// The run that made the version, and the version's place among the artifacts of the run.
fn origin(site: &Site, found: &Found) -> Markup {
    let Some(id) = run_id(&found.version) else { return html! {} };
    let Some(run) = &found.run else {
        return html! { span { "Run " code { (T(&cut(id, 64))) } ", which is not here" } };
    };
    let source = found.version.source.as_deref().unwrap_or_default();
    let path = files::path_in_run(source, id, run.artifact_uri.as_deref().unwrap_or_default());
    html! {
        span { "Run " a href=(site.run(id)) { bdi { (T(&cut(run.name.as_deref().filter(|name| !name.trim().is_empty()).unwrap_or(id), 80))) } } }
        @if let Some(path) = path {
            span { a href=(site.run(id).segment("artifacts").with("path", &path)) { "Artifacts of the run" } }
        }
    }
}

fn body(app: &App, site: &Site, found: &Found, files: Option<&Files>) -> Markup {
    let version = &found.version;
    let find = site.given("find");
    let tags = own_tags(&version.tags);
    let (note, whole) = within(version.description.as_deref().unwrap_or_default().trim(), NOTE);
    let prompt = version.tags.iter().find(|tag| tag.key == PROMPT_TEXT).and_then(|tag| tag.value.as_deref());
    let lines =
        tags.len() + found.logged.as_ref().map_or(0, |model| model.data.params.len() + model.data.metrics.len());
    html! {
        @if !note.is_empty() { section aria-label="Description" { div.text { (T(note)) @if !whole { "…" } } } }
        @match files {
            Some(files) => {
                (version_use::section(app, site, version))
                @if lines > MANY || !find.is_empty() { (finder(&site.version(&version.name, &version.version), find)) }
                @if let Some(model) = &found.logged { (version_facts::of_model(model, find)) }
                (version_facts::tags(&matching(&tags, find), tags.len()))
                (files.render(app, site, version))
                (came_from(found))
            }
            None => {
                @if let Some(text) = prompt { (prompt_text(text)) }
                (version_use::of_prompt(version))
                (version_facts::tags(&matching(&tags, find), tags.len()))
            }
        }
    }
}

fn matching<'a>(tags: &'a [crate::experiments::wire::Tag], find: &str) -> Vec<(&'a str, &'a str)> {
    let tags = tags.iter().filter(|tag| matches(&tag.key, find));
    tags.map(|tag| (tag.key.as_str(), tag.value.as_str())).collect()
}

fn prompt_text(text: &str) -> Markup {
    let (shown, whole) = within(text, NOTE);
    html! {
        section aria-label="Template" {
            h2 { "Template" }
            div.code {
                @if whole { (layout::copy(text, "the template")) }
                pre tabindex="0" { code { (T(shown)) @if !whole { "…" } } }
            }
        }
    }
}

/// What the creator of the version gave as its source.
fn came_from(found: &Found) -> Markup {
    let source = found.version.source.as_deref().unwrap_or_default();
    let table = html! {
        table.pairs {
            tbody {
                tr {
                    th scope="row" { "Source" }
                    td { code { (T(&cut(source, 500))) } " " (layout::copy(source, "the source")) }
                }
                @if let Some(model) = &found.logged {
                    tr { th scope="row" { "Logged model" } td { bdi { (T(&cut(&model.info.name, 120))) } } }
                }
            }
        }
    };
    html! { @if !source.is_empty() { section aria-label="Origin" { h2 { "Origin" } (layout::region("Origin", &table)) } } }
}
