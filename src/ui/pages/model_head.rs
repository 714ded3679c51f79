//! What the pages of a registered model share: its head, the way between them, and texts about versions.

use maud::{Markup, html};

use crate::experiments::wire::Tag as Pair;
use crate::registry::reply::{ModelVersion, RegisteredModel, Tag};
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

/// Bytes of the table on a page about a model or its history.
const TABLE: usize = 42_000;

/// How many lines a table has whose lines hold the address of the model so often and take as many bytes besides. The
/// same for all pages of a table.
pub(super) fn lines(site: &Site, name: &str, links: usize, besides: usize) -> i64 {
    const MOST: usize = 50;
    let line = site.model(name).to_string().len().saturating_mul(links).saturating_add(besides);
    i64::try_from((TABLE / line.max(1)).clamp(1, MOST)).unwrap_or(1)
}

/// A view of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Versions,
    History,
}

/// Whether tags are those of a prompt.
pub(super) fn is_prompt(tags: &[Tag]) -> bool {
    tags.iter().any(Tag::marks_prompt)
}

/// The page of models, or that of prompts.
pub(super) fn list(site: &Site, prompt: bool) -> (&'static str, Url) {
    if prompt { ("Prompts", site.models().with("view", "prompts")) } else { ("Models", site.models()) }
}

/// A page about a model.
pub(super) fn page(site: &Site, model: &RegisteredModel, tab: Tab, body: &Markup) -> Page {
    let name = &model.name;
    let prompt = is_prompt(&model.tags);
    let body = html! {
        div.head {
            h1 { bdi { (T(&cut(name, 250))) } }
            (layout::copy(name, "the name"))
            @if prompt { span.chip { "Prompt" } }
        }
        p.facts {
            span { "Created " (ago(model.creation_timestamp, site.now)) }
            span { "Changed " (ago(model.last_updated_timestamp, site.now)) }
        }
        (tabs(site, name, tab))
        (body)
    };
    let (kind, url) = list(site, prompt);
    Page::new(cut(name, 80), Section::Models, body).below(kind, url)
}

/// The way between the views of a model.
pub(super) fn tabs(site: &Site, name: &str, tab: Tab) -> Markup {
    let history = site.model(name).segment("history");
    layout::tabs(
        "Views of the model",
        &[("Versions", site.model(name), tab == Tab::Versions), ("History of aliases", history, tab == Tab::History)],
    )
}

/// The tags that people set, as pairs.
pub(super) fn own_tags(tags: &[Tag]) -> Vec<Pair> {
    let is_mlflows = |tag: &Tag| ["mlflow.", "_mlflow_"].iter().any(|start| tag.key.starts_with(start));
    let own = tags.iter().filter(|tag| !is_mlflows(tag));
    own.map(|tag| Pair { key: tag.key.clone(), value: tag.value.clone().unwrap_or_default() }).collect()
}

/// The status of a version in words and colour.
pub(super) fn status(status: Option<&str>) -> Markup {
    let (class, word) = match status {
        Some("READY") => ("finished", "Ready"),
        Some("PENDING_REGISTRATION") => ("running", "Pending"),
        Some("FAILED_REGISTRATION") => ("failed", "Failed"),
        _ => ("unknown", "Unknown"),
    };
    html! { span class={ "status " (class) } { (word) } }
}

/// The run that made a version.
pub(super) fn run_id(version: &ModelVersion) -> Option<&str> {
    version.run_id.as_deref().filter(|id| !id.is_empty())
}

/// The stage of a version, if it has one.
pub(super) fn stage(version: &ModelVersion) -> Option<&str> {
    version.current_stage.as_deref().filter(|stage| *stage != "None")
}

/// The first line of a description.
pub(super) fn first_line(description: Option<&str>) -> &str {
    description.unwrap_or_default().trim().lines().next().unwrap_or_default()
}

/// A link to a version in a table about its model.
pub(super) fn version_link(site: &Site, name: &str, number: Option<&str>) -> Markup {
    html! {
        @match number {
            Some(number) => a.nb href=(site.version(name, number)) { "Version " (number) },
            None => span.none { "–" },
        }
    }
}

/// A link to the run that made a version, short for a table.
pub(super) fn run_link(site: &Site, version: &ModelVersion) -> Markup {
    html! {
        @match run_id(version) {
            Some(id) => a href=(site.run(id)) { code { (T(&cut(id, 12))) } },
            None => span.none { "–" },
        }
    }
}
