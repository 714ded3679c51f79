//! One registered model: what it is, what its aliases name, its versions.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::model_head::{self, Tab, own_tags, version_link};
use super::model_table::{self, LINE};
use super::run::{finder, matches};
use super::version_facts::{self, MANY, bounded};
use crate::app::App;
use crate::db::Conn;
use crate::error::Result;
use crate::registry::events::{self, Event, GetRegistryEvents};
use crate::registry::reply::{Alias, ModelVersion, RegisteredModel};
use crate::registry::{store, versions};
use crate::ui::pages::kit::layout::{self, Page};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, within};
use crate::ui::pages::kit::time::ago;

/// Bytes of a description, and of the table of aliases.
const NOTE: usize = 6_000;
const ALIASES: usize = 14_000;
/// Among how many of the last steps the one is looked for that made an alias what it is.
const STEPS: i64 = 200;

struct Found {
    model: RegisteredModel,
    versions: Vec<ModelVersion>,
    has_more: bool,
    /// The last steps of aliases, the newest first.
    steps: Vec<Event>,
}

/// `GET /tracklet/models/{name}`
pub async fn model(app: web::Data<App>, name: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, name.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, name: String) -> Result<Page> {
    site.check_query()?;
    let number = site.page()?;
    let lines = model_head::lines(site, &name, 1, LINE);
    let found = app.db.read(move |conn| read(conn, &name, number, lines)).await?;
    let body = body(site, &found, number);
    Ok(model_head::page(site, &found.model, Tab::Versions, &body))
}

fn read(conn: &mut Conn, name: &str, number: i64, lines: i64) -> Result<Found> {
    let model = store::get(conn, name)?;
    let mut versions = versions::page(conn, name, lines + 1, (number - 1) * lines)?;
    let size = usize::try_from(lines).unwrap_or_default();
    let has_more = versions.len() > size;
    versions.truncate(size);
    let steps = if model.aliases.is_empty() { Vec::new() } else { steps(conn, name)? };
    Ok(Found { model, versions, has_more, steps })
}

fn steps(conn: &mut Conn, name: &str) -> Result<Vec<Event>> {
    let newest =
        GetRegistryEvents { name: name.to_owned(), alias: None, until: None, max_results: STEPS, page_token: None };
    Ok(events::page(conn, &newest)?.events)
}

fn body(site: &Site, found: &Found, number: i64) -> Markup {
    let model = &found.model;
    let find = site.given("find");
    let all = own_tags(&model.tags);
    let tags: Vec<_> = all.iter().filter(|tag| matches(&tag.key, find)).collect();
    let tags: Vec<_> = tags.into_iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
    let (note, whole) = within(model.description.as_deref().unwrap_or_default().trim(), NOTE);
    html! {
        @if !note.is_empty() { section aria-label="Description" { div.text { (T(note)) @if !whole { "…" } } } }
        @if !model.aliases.is_empty() { (aliases(site, found)) }
        section aria-label="Versions" {
            h2 { "Versions" }
            @if found.versions.is_empty() {
                p.quiet { @if number > 1 { "Nothing on this page." } @else { "There are no versions yet." } }
            } @else {
                (model_table::versions(site, &found.versions))
            }
            (layout::pager(number, found.has_more, |page| site.model(&model.name).page(page)))
        }
        @if all.len() > MANY { (finder(&site.model(&model.name), find)) }
        (version_facts::tags(&tags, all.len()))
    }
}

/// What each alias names, since when and by whom, and what it named before.
fn aliases(site: &Site, found: &Found) -> Markup {
    let all = &found.model.aliases;
    let (lines, shown) = bounded(all.iter().map(|alias| line(site, found, alias)), ALIASES);
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Alias" }
                    th scope="col" { "Now" }
                    th scope="col" { "Before" }
                    th.n scope="col" { "Since" }
                    th scope="col" { "By" }
                }
            }
            tbody { (lines) }
        }
    };
    html! {
        section aria-label="Aliases" {
            h2 { "Aliases" }
            (layout::region("Aliases", &table))
            @if shown < all.len() { p.quiet { "The first " (shown) " of " (all.len()) "." } }
        }
    }
}

fn line(site: &Site, found: &Found, alias: &Alias) -> Markup {
    let name = &found.model.name;
    let last = found.steps.iter().find(|step| step.alias == alias.alias);
    // An alias may have been set by another program, which notes no steps.
    let last = last.filter(|step| step.to_version.as_ref() == Some(&alias.version));
    let user = last.and_then(|step| step.user_id.as_deref());
    html! {
        tr {
            th scope="row" { bdi { (T(&cut(&alias.alias, 60))) } }
            td { (version_link(site, name, Some(&alias.version))) }
            td { (version_link(site, name, last.and_then(|step| step.from_version.as_deref()))) }
            td.n { (ago(last.map(|step| step.timestamp), site.now)) }
            td { (layout::value(user, 60)) }
        }
    }
}
