//! What the registry has from a run.

use maud::{Markup, html};

use super::model_head::status;
use super::version_facts::bounded;
use crate::db::Conn;
use crate::error::Result;
use crate::registry::reply::ModelVersion;
use crate::registry::versions;
use crate::runs::wire::Run;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;

/// Versions of a run that are read, and the bytes that they may take.
const MOST: i64 = 20;
const BYTES: usize = 7_000;

/// The newest versions that were made from a run.
pub(super) fn of(conn: &mut Conn, run: &Run) -> Result<Vec<ModelVersion>> {
    versions::of_run(conn, &run.info.run_id, MOST)
}

/// The versions as a table; nothing where there are none.
pub(super) fn table(site: &Site, versions: &[ModelVersion]) -> Markup {
    let (lines, shown) = bounded(versions.iter().map(|version| line(site, version)), BYTES);
    let table = html! {
        table {
            thead { tr { th scope="col" { "Version" } th scope="col" { "Status" } th.n scope="col" { "Created" } } }
            tbody { (lines) }
        }
    };
    html! {
        @if !versions.is_empty() {
            h2 { "Registered" }
            (layout::region("Registered", &table))
            @if shown < versions.len() { p.quiet { "The newest " (shown) "." } }
        }
    }
}

fn line(site: &Site, version: &ModelVersion) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href=(site.version(&version.name, &version.version)) {
                    bdi { (T(&cut(&version.name, 80))) } " version " (version.version)
                }
            }
            td { (status(version.status.as_deref())) }
            td.n { (ago(version.creation_timestamp, site.now)) }
        }
    }
}
