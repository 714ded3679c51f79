//! How the aliases of a model moved.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::model_head::{self, Tab, version_link};
use crate::app::App;
use crate::error::{Error, Result, existing};
use crate::registry::events::{self, Event, GetRegistryEvents, GetRegistryEventsResponse};
use crate::registry::store;
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::{ago, exact};
use crate::ui::pages::kit::url::Url;

/// What a line takes, as a rule, but for three addresses.
const LINE: usize = 600;

/// `GET /tracklet/models/{name}/history`
pub async fn model_history(app: web::Data<App>, name: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, name.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, name: String) -> Result<Page> {
    site.check_query()?;
    let alias = Some(site.given("alias")).filter(|alias| !alias.is_empty());
    let request = GetRegistryEvents {
        name: name.clone(),
        alias: alias.map(ToOwned::to_owned),
        until: None,
        max_results: model_head::lines(site, &name, 3, LINE),
        page_token: before(site)?,
    };
    let read = move |conn: &mut crate::db::Conn| {
        let found = events::page(conn, &request)?;
        // The history outlives the model.
        Ok((existing(store::get(conn, &request.name))?, found))
    };
    let (model, found) = app.db.read(read).await?;
    let body = body(site, &name, &found);
    Ok(match model {
        Some(model) => model_head::page(site, &model, Tab::History, &body),
        None => deleted(site, &name, &body),
    })
}

/// Where the page before ended.
fn before(site: &Site) -> Result<Option<i64>> {
    match site.given("before") {
        "" => Ok(None),
        text => {
            let number = text.parse().map_err(|_| Error::invalid(format!("before must be a number, not '{text}'.")))?;
            Ok(Some(number))
        }
    }
}

fn deleted(site: &Site, name: &str, body: &Markup) -> Page {
    let body = html! {
        div.head { h1 { bdi { (T(&cut(name, 250))) } } span.status.deleted { "Deleted" } }
        p.quiet { "There is no model of this name any more. Its aliases moved so:" }
        (body)
    };
    Page::new(cut(name, 80), Section::Models, body).below("Models", site.models())
}

fn url(site: &Site, name: &str, alias: &str) -> Url {
    site.model(name).segment("history").with("alias", alias)
}

fn body(site: &Site, name: &str, found: &GetRegistryEventsResponse) -> Markup {
    let alias = site.given("alias");
    let paged = !site.given("before").is_empty();
    html! {
        @if !alias.is_empty() {
            p { "Only " strong { bdi { (T(&cut(alias, 60))) } } ". " a href=(url(site, name, "")) { "All aliases" } }
        }
        @if found.events.is_empty() {
            div.empty { h2 {
                    @if paged { "Nothing on this page" } @else if !alias.is_empty() { "This alias was never moved" } @else { "No alias was ever moved" }
                } }
        } @else {
            (table(site, name, &found.events))
        }
        @if paged || found.next_page_token.is_some() {
            nav.pager aria-label="Pages" {
                @if paged { a.button href=(url(site, name, alias)) { "← Newest" } }
                @if let Some(token) = &found.next_page_token {
                    a.button href=(url(site, name, alias).with("before", token)) rel="next" { "Older →" }
                }
            }
        }
    }
}

fn table(site: &Site, name: &str, events: &[Event]) -> Markup {
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "When" }
                    th scope="col" { "Alias" }
                    th scope="col" { "From" }
                    th scope="col" { "To" }
                    th scope="col" { "By" }
                }
            }
            tbody { @for event in events { (row(site, name, event)) } }
        }
    };
    layout::region("History of aliases", &table)
}

fn row(site: &Site, name: &str, event: &Event) -> Markup {
    html! {
        tr {
            td {
                span.nb { (ago(Some(event.timestamp), site.now)) }
                @if let Some(exact) = exact(event.timestamp) { " " span.quiet.nb { (exact) " UTC" } }
            }
            th scope="row" { a href=(url(site, name, &event.alias)) { bdi { (T(&cut(&event.alias, 60))) } } }
            td { (version_link(site, name, event.from_version.as_deref())) }
            td { (version_link(site, name, event.to_version.as_deref())) @if event.to_version.is_none() { span.quiet { " deleted" } } }
            td { (layout::value(event.user_id.as_deref(), 60)) }
        }
    }
}
