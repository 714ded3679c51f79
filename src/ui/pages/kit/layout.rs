//! The skeleton that all pages share, and the parts that several of them have.

use maud::{DOCTYPE, Markup, html};

use super::assets::Asset;
use super::site::Site;
use super::text::{Exact, T, cut};
use super::url::Url;
use crate::error::{Code, Error};

/// A part of the program that the navigation leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    /// Experiments and their runs.
    Experiments,
    /// Registered models and prompts.
    Models,
}

/// The navigation, from left to right. A new section is a line here.
const SECTIONS: [(Section, &str, Address); 2] =
    [(Section::Experiments, "Experiments", Site::home), (Section::Models, "Models", Site::models)];

type Address = fn(&Site) -> Url;

/// What a handler makes.
#[derive(Debug)]
pub(crate) struct Page {
    /// For the browser's tab, the most special first.
    pub(crate) title: String,
    /// Where the navigation stands.
    pub(crate) section: Section,
    /// The way from the section to here: names and addresses.
    pub(crate) crumbs: Vec<(String, Url)>,
    /// The HTTP status.
    pub(crate) status: u16,
    /// Seconds after which a script may load the page again, for what goes on.
    pub(crate) refresh: Option<u32>,
    /// What is in `main`, with one `h1`.
    pub(crate) body: Markup,
}

impl Page {
    /// A page that is fine.
    pub(crate) fn new(title: impl Into<String>, section: Section, body: Markup) -> Self {
        Self { title: title.into(), section, crumbs: Vec::new(), status: 200, refresh: None, body }
    }

    /// The page with the status of what is wrong on it.
    #[must_use]
    pub(crate) fn because_of(self, wrong: Option<&Error>) -> Self {
        Self { status: wrong.map_or(self.status, |error| error.code().wire().1), ..self }
    }

    /// The page with a step of the way to it.
    #[must_use]
    pub(crate) fn below(mut self, name: &str, url: Url) -> Self {
        self.crumbs.push((name.to_owned(), url));
        self
    }
}

/// The whole document.
pub(crate) fn document(site: &Site, page: &Page) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (T(&page.title)) " · Tracklet" }
                link rel="icon" href=(site.asset(Asset::Icon));
                link rel="stylesheet" href=(site.asset(Asset::Style));
                script src=(site.asset(Asset::Script)) defer {}
            }
            body data-refresh=[page.refresh] {
                a.skip href="#main" { "Skip to content" }
                header.top {
                    a.brand href=(site.home()) { img src=(site.asset(Asset::Icon)) alt="" width="20" height="20"; "Tracklet" }
                    nav aria-label="Sections" {
                        @for (section, name, url) in SECTIONS {
                            a href=(url(site)) aria-current=[(section == page.section).then_some("true")] { (name) }
                        }
                    }
                }
                @if !page.crumbs.is_empty() {
                    nav.crumbs aria-label="Breadcrumbs" {
                        ol { @for (name, url) in &page.crumbs { li { a href=(url) { bdi { (T(name)) } } } } }
                    }
                }
                main #main tabindex="-1" { (page.body) }
                (foot(site))
            }
        }
    }
}

/// What a program has to be told to log here.
fn foot(site: &Site) -> Markup {
    html! {
        footer.foot {
            span { "Tracking URI " code { (T(&site.tracking_uri)) } }
            (copy(&site.tracking_uri, "the tracking URI"))
            span { "Tracklet " (env!("CARGO_PKG_VERSION")) }
        }
    }
}

/// A page of a section that says what is wrong.
pub(crate) fn failure(site: &Site, error: &Error, section: Section) -> Page {
    let (name, status) = error.code().wire();
    let title = match error.code() {
        Code::ResourceDoesNotExist | Code::EndpointNotFound => "Not found",
        Code::RequestLimitExceeded | Code::TemporarilyUnavailable => "Busy, try again",
        Code::PermissionDenied => "Not allowed",
        _ if status >= 500 => "Something went wrong",
        _ => "This cannot be shown",
    };
    let body = html! {
        div.empty {
            h1 { (title) }
            p { (T(error.message())) }
            p { a.button href=(site.home()) { "To the experiments" } }
            p.quiet { "Status " (status) ", " code { (name) } }
        }
    };
    Page { status, ..Page::new(title, section, body) }
}

/// Links to the pages before and after this one. `url` makes the address of a page.
pub(crate) fn pager(page: i64, has_more: bool, url: impl Fn(i64) -> Url) -> Markup {
    if page == 1 && !has_more {
        return html! {};
    }
    html! {
        nav.pager aria-label="Pages" {
            @if page > 1 { a.button href=(url(page - 1)) rel="prev" { "← Previous" } }
            span { "Page " (page) }
            @if has_more { a.button href=(url(page + 1)) rel="next" { "Next →" } }
        }
    }
}

/// A switch between views, the current one marked.
pub(crate) fn tabs(label: &str, tabs: &[(&str, Url, bool)]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for (name, url, current) in tabs { a href=(url) aria-current=[current.then_some("page")] { (name) } }
        }
    }
}

/// A part of a page that scrolls on its own when it is long, also by keyboard.
pub(crate) fn region(label: &str, content: &Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(T(label)) { (content) } }
}

/// A button that copies a text, where there is a script to do it.
pub(crate) fn copy(text: &str, what: &str) -> Markup {
    html! { button.copy type="button" hidden data-copy=(Exact(text)) aria-label={ "Copy " (what) } { "Copy" } }
}

/// A short text that a client sent, for a cell of a table.
pub(crate) fn value(text: Option<&str>, limit: usize) -> Markup {
    html! { @match text { Some(text) => bdi { (T(&cut(text, limit))) }, None => span.none { "–" } } }
}

/// A program to run, with a button that copies it.
pub(crate) fn program(text: &str, what: &str) -> Markup {
    html! { div.code { (copy(text, what)) pre tabindex="0" { code { (T(text)) } } } }
}
