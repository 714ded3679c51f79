//! How a version is used: the URIs that name it, and the ways to bring it somewhere.

use maud::{Markup, html};

use crate::app::App;
use crate::kserve::names::service_name;
use crate::registry::reply::ModelVersion;
use crate::types::uri;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};

/// Aliases of which the URI is shown.
const ALIASES: usize = 4;

/// The URIs of a version of a model, its archives and the command that pulls it.
pub(super) fn section(app: &App, site: &Site, version: &ModelVersion) -> Markup {
    let ModelVersion { name, version: number, .. } = version;
    let label = service_name(name);
    let encoded = uri::segment(name);
    let pull = format!(
        "export MLFLOW_TRACKING_URI={}\ntracklet pull models://{encoded}/{number} ./{label}-{number}\n",
        site.tracking_uri
    );
    let archive =
        |ending: &str| (site.served(name, &[&format!("{number}{ending}")]), format!("{label}-{number}{ending}"));
    html! {
        section aria-label="Use" {
            h2 { "Use" }
            (uris("models", version))
            div.spaced { (layout::program(&pull, "the commands")) }
            @if !app.config.artifacts.presigned_only {
                p.facts {
                    span {
                        "Download "
                        @for (place, (url, file)) in [archive(".tar.gz"), archive(".zip")].into_iter().enumerate() {
                            @if place > 0 { " · " }
                            a href=(url) { (file) }
                        }
                    }
                }
            }
        }
    }
}

/// The URIs of a version of a prompt.
pub(super) fn of_prompt(version: &ModelVersion) -> Markup {
    html! { section aria-label="Use" { h2 { "Use" } (uris("prompts", version)) } }
}

fn uris(scheme: &str, version: &ModelVersion) -> Markup {
    let ModelVersion { name, version: number, aliases, .. } = version;
    let line = |what: &Markup, uri: &str| {
        html! { tr { th scope="row" { (what) } td { code { (T(uri)) } " " (layout::copy(uri, "the URI")) } } }
    };
    let table = html! {
        table.pairs {
            tbody {
                (line(&html! { "This version" }, &format!("{scheme}:/{name}/{number}")))
                @for alias in aliases.iter().take(ALIASES) {
                    @let what = html! { "Alias " bdi { (T(&cut(alias, 60))) } };
                    (line(&what, &format!("{scheme}:/{name}@{alias}")))
                }
            }
        }
    };
    layout::region("URIs", &table)
}
