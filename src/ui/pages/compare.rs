//! Runs side by side.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::compare_table::{self, Group};
use super::curves::{Options, curve, sample};
use super::run::{finder, matches};
use super::runs_table::name_of;
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::experiments;
use crate::metrics::wire::Metric;
use crate::runs;
use crate::runs::wire::Run;
use crate::types::view::ViewType;
use crate::ui::pages::kit::chart::{Chart, swatch};
use crate::ui::pages::kit::layout::{self, Page, Section};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, count, cut};
use crate::ui::pages::kit::url::Url;

/// More runs side by side are no comparison any more.
const MOST: usize = 20;
/// Charts of a page, and the points of all curves of one of them.
const CHARTS: usize = 4;
const POINTS: usize = 480;

/// What the page shows.
struct Found {
    runs: Vec<Run>,
    /// The name of the experiment that all of them are in.
    experiment: Option<String>,
    /// Metrics, each with the points of each run.
    curves: Vec<(String, Vec<Vec<Metric>>)>,
    has_more: bool,
}

/// What the address says.
struct Shown<'a> {
    site: &'a Site,
    ids: &'a [String],
    options: Options,
    only_differences: bool,
    page: i64,
}

/// `GET /tracklet/compare`
pub async fn compare(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site) -> Result<Page> {
    site.check_query()?;
    let mut ids: Vec<String> = Vec::new();
    for id in site.all_given("run").filter(|id| !id.is_empty()) {
        if !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    if ids.len() > MOST {
        return Err(Error::invalid(format!("At most {MOST} runs can be compared, not {}.", ids.len())));
    }
    let shown = Shown {
        site,
        ids: &ids,
        options: Options::of(site)?,
        only_differences: site.is_on("diff"),
        page: site.page()?,
    };
    if ids.is_empty() {
        return Ok(Page { status: 400, ..Page::new("Compare", Section::Experiments, shown.nothing()) });
    }
    let (wanted, page) = (ids.clone(), shown.page);
    let (find, only) = (site.given("find").to_owned(), site.given("metric").to_owned());
    let found = app.db.read(move |conn| find_all(conn, &wanted, page, &find, &only)).await?;
    let body = shown.body(&found);
    let mut page = Page::new(format!("Compare {}", count(ids.len(), "run")), Section::Experiments, body);
    page = page.below("Experiments", site.home());
    if let (Some(name), Some(run)) = (&found.experiment, found.runs.first()) {
        page = page.below(&cut(name, 60), site.experiment(&run.info.experiment_id));
    }
    Ok(page)
}

fn find_all(conn: &mut Conn, ids: &[String], page: i64, find: &str, only: &str) -> Result<Found> {
    let rows = ids.iter().map(|id| runs::store::find(conn, id)).collect::<Result<Vec<_>>>()?;
    let runs = runs::store::complete(conn, rows)?;
    let keys = compare_table::keys(&runs, Group::Metrics);
    let mut keys: Vec<(String, usize)> = keys
        .into_iter()
        .filter(|(key, _)| matches(key, find) && (only.is_empty() || *key == only))
        .map(|(key, count)| (key.to_owned(), count))
        .collect();
    // What most runs have comes first, what machines say of themselves last.
    keys.sort_by_key(|(key, count)| (key.starts_with("system/"), std::cmp::Reverse(*count)));
    let start = usize::try_from(page - 1).unwrap_or(usize::MAX).saturating_mul(CHARTS);
    let has_more = keys.len() > start.saturating_add(CHARTS);
    let most = i64::try_from(POINTS / runs.len().max(1)).unwrap_or(1).clamp(24, 240);
    let mut curves = Vec::new();
    for (key, _) in keys.into_iter().skip(start).take(CHARTS) {
        let points = runs.iter().map(|run| sample(conn, &run.info.run_id, &key, most)).collect::<Result<_>>()?;
        curves.push((key, points));
    }
    Ok(Found { experiment: common_experiment(conn, &runs)?, runs, curves, has_more })
}

fn common_experiment(conn: &mut Conn, runs: &[Run]) -> Result<Option<String>> {
    let Some(id) = runs.first().map(|run| run.info.experiment_id.as_str()) else { return Ok(None) };
    if runs.iter().any(|run| run.info.experiment_id != id) {
        return Ok(None);
    }
    experiments::store::find(conn, id, ViewType::All).map(|experiment| Some(experiment.name))
}

impl Shown<'_> {
    /// The address of this view with other options, without its page.
    fn url(&self, ids: &[String], options: Options, only_differences: bool) -> Url {
        let url = self.site.compare().with_each("run", ids);
        let url = if only_differences { url.with("diff", "1") } else { url };
        options.put(url.with("find", self.site.given("find")).with("metric", self.site.given("metric")))
    }

    fn nothing(&self) -> Markup {
        html! {
            div.empty {
                h1 { "Nothing to compare" }
                p { "Check some runs in the table of an experiment and choose " strong { "Compare selected" } "." }
                p { a href=(self.site.home()) { "To the experiments" } }
            }
        }
    }

    fn body(&self, found: &Found) -> Markup {
        let (ids, find) = (self.ids, self.site.given("find"));
        let url = |only_differences| self.url(ids, self.options, only_differences);
        let bare = self.site.compare().with_each("run", ids);
        let bare = if self.only_differences { bare.with("diff", "1") } else { bare };
        let without = |id: &str| {
            let others: Vec<String> = ids.iter().filter(|other| *other != id).cloned().collect();
            self.url(&others, self.options, self.only_differences)
        };
        html! {
            div.head { h1 { "Compare " (count(ids.len(), "run")) } }
            div.row {
                (layout::tabs("Rows", &[
                    ("Everything", url(false), !self.only_differences),
                    ("Differences", url(true), self.only_differences),
                ]))
                (finder(&self.options.put(bare), find))
                @if !found.curves.is_empty() { a href="#curves" { "↓ Curves" } }
            }
            (compare_table::table(self.site, &found.runs, find, self.only_differences, without))
            (self.charts(found))
        }
    }

    fn charts(&self, found: &Found) -> Markup {
        let url = |options| self.url(self.ids, options, self.only_differences);
        html! {
            @if !found.curves.is_empty() {
                h2 #curves { "Curves" }
                div.row { (self.options.switches(url)) }
                ul.legend {
                    @for (index, run) in found.runs.iter().enumerate() {
                        li { (swatch(index)) bdi { (T(&cut(name_of(&run.info), 40))) } }
                    }
                }
                div.charts.wide { @for (key, points) in &found.curves { (self.figure(key, points)) } }
                (layout::pager(self.page, found.has_more, |page| url(self.options).page(page)))
            }
        }
    }

    fn figure(&self, key: &str, points: &[Vec<Metric>]) -> Markup {
        let Options { along, log } = self.options;
        let curves: Vec<_> = points.iter().enumerate().map(|(index, points)| curve(points, along, index)).collect();
        let with = points.iter().filter(|points| !points.is_empty()).count();
        html! {
            figure {
                figcaption {
                    h3 { bdi { (T(&cut(key, 80))) } }
                    @if with < points.len() { span.quiet { "in " (with) " of " (points.len()) " runs" } }
                }
                (Chart { name: key, curves: &curves, along, log }.render())
            }
        }
    }
}
