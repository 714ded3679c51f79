//! What the pages of a run share: its head and the way between them.

use maud::{Markup, html};

use super::runs_table::{name_of, status, took};
use crate::db::{Conn, Db};
use crate::error::Result;
use crate::experiments;
use crate::runs;
use crate::runs::wire::Run;
use crate::types::view::{DELETED, ViewType};
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::time::ago;

/// Seconds after which the page of a run that is going on is loaded again.
const REFRESH: u32 = 15;

/// A view of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tab {
    Overview,
    Metrics,
    Artifacts,
}

/// A run and the name of its experiment.
pub(super) struct Found {
    pub(super) run: Run,
    pub(super) experiment: String,
}

/// Reads a run, and whatever else `more` reads of it.
pub(super) async fn read<T: Send + 'static>(
    db: &Db,
    id: String,
    more: impl Fn(&mut Conn, &Run) -> Result<T> + Send + 'static,
) -> Result<(Found, T)> {
    db.read(move |conn| {
        let run = runs::store::get(conn, &id)?;
        let experiment = experiments::store::find(conn, &run.info.experiment_id, ViewType::All)?.name;
        let more = more(conn, &run)?;
        Ok((Found { run, experiment }, more))
    })
    .await
}

impl Found {
    /// A page about this run.
    pub(super) fn page(&self, site: &Site, tab: Tab, body: &Markup) -> Page {
        let info = &self.run.info;
        let name = name_of(info);
        let body = html! { (self.head(site)) (self.tabs(site, tab)) (body) };
        let running = info.status.as_deref() == Some("RUNNING");
        let page = Page::new(cut(name, 80), Section::Experiments, body);
        let page = page.below("Experiments", site.home());
        let page = page.below(&cut(&self.experiment, 60), site.experiment(&info.experiment_id));
        Page { refresh: (running && tab != Tab::Artifacts).then_some(REFRESH), ..page }
    }

    fn head(&self, site: &Site) -> Markup {
        let info = &self.run.info;
        let time = |time: Option<i64>| ago(time.filter(|time| *time > 0), site.now);
        let user = info.user_id.as_deref().filter(|user| !user.is_empty());
        html! {
            div.head {
                h1 { bdi { (T(&cut(name_of(info), 250))) } }
                (status(info))
                @if info.lifecycle_stage.as_deref() == Some(DELETED) { span.status.deleted { "Deleted" } }
            }
            p.facts {
                span { "ID " code { (T(&info.run_id)) } } (layout::copy(&info.run_id, "the ID of the run"))
                span { "Started " (time(info.start_time)) }
                @if info.end_time.is_some() { span { "Ended " (time(info.end_time)) } }
                span { "Took " (took(info, site.now)) }
                @if let Some(user) = user { span { "By " bdi { (T(&cut(user, 60))) } } }
            }
        }
    }

    fn tabs(&self, site: &Site, tab: Tab) -> Markup {
        let url = || site.run(&self.run.info.run_id);
        let metrics = format!("Metrics ({})", self.run.data.metrics.len());
        layout::tabs(
            "Views of the run",
            &[
                ("Overview", url(), tab == Tab::Overview),
                (&metrics, url().segment("metrics"), tab == Tab::Metrics),
                ("Artifacts", url().segment("artifacts"), tab == Tab::Artifacts),
            ],
        )
    }
}
