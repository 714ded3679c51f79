//! The metrics of a run as charts.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::curves::{Options, curve};
use super::run::{finder, matches};
use super::run_head::{Found, Tab, read};
use crate::app::App;
use crate::db::Conn;
use crate::error::{Error, Result};
use crate::metrics;
use crate::metrics::wire::Metric;
use crate::runs::wire::Run;
use crate::ui::pages::kit::chart::Chart;
use crate::ui::pages::kit::layout::{self, Page};
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, number};
use crate::ui::pages::kit::url::Url;

/// Charts of a page.
const CHARTS: usize = 12;
/// Points of a curve that are drawn, of as many as there are.
const POINTS: i64 = 240;

/// A metric with its curve.
struct Drawn {
    latest: Metric,
    count: i64,
    extent: Option<(f64, f64)>,
    sample: Vec<Metric>,
}

/// What a page shows of all metrics.
struct Shown {
    drawn: Vec<Drawn>,
    has_more: bool,
}

/// `GET /tracklet/runs/{run_id}/metrics`
pub async fn run_metrics(app: web::Data<App>, id: web::Path<String>, request: HttpRequest) -> HttpResponse {
    let site = Site::of(&app, &request);
    let page = show(&app, &site, id.into_inner()).await;
    site.answer(page)
}

async fn show(app: &App, site: &Site, id: String) -> Result<Page> {
    site.check_query()?;
    let (number, options) = (site.page()?, Options::of(site)?);
    let (find, only) = (site.given("find").to_owned(), site.given("metric").to_owned());
    let (found, shown) = read(&app.db, id, move |conn, run| draw(conn, run, number, &find, &only)).await?;
    let body = body(site, &found, &shown, number, options);
    Ok(found.page(site, Tab::Metrics, &body))
}

fn draw(conn: &mut Conn, run: &Run, number: i64, find: &str, only: &str) -> Result<Shown> {
    let mut chosen: Vec<&Metric> = run.data.metrics.iter().filter(|metric| matches(&metric.key, find)).collect();
    chosen.retain(|metric| only.is_empty() || metric.key == only);
    if chosen.is_empty() && !only.is_empty() {
        return Err(Error::missing(format!("Run {} has no metric named '{only}'.", run.info.run_id)));
    }
    chosen.sort_by_key(|metric| (metric.key.starts_with("system/"), &metric.key));
    let start = usize::try_from(number - 1).unwrap_or(usize::MAX).saturating_mul(CHARTS);
    let has_more = chosen.len() > start.saturating_add(CHARTS);
    let drawn = chosen.into_iter().skip(start).take(CHARTS).map(|latest| {
        let (count, extent) = metrics::store::extent(conn, &run.info.run_id, &latest.key)?;
        let sample = super::curves::sample(conn, &run.info.run_id, &latest.key, POINTS)?;
        Ok(Drawn { latest: latest.clone(), count, extent, sample })
    });
    Ok(Shown { drawn: drawn.collect::<Result<_>>()?, has_more })
}

fn body(site: &Site, found: &Found, shown: &Shown, page: i64, options: Options) -> Markup {
    let (find, only) = (site.given("find"), site.given("metric"));
    let base = || site.run(&found.run.info.run_id).segment("metrics");
    let url = |options: Options| options.put(base().with("find", find).with("metric", only));
    html! {
        @if found.run.data.metrics.is_empty() {
            div.empty { h2 { "No metrics" } p { "This run has logged nothing with " code { "log_metric" } "." } }
        } @else {
            div.row {
                @if only.is_empty() { (finder(&options.put(base()), find)) }
                @else { a href=(options.put(base())) { "← All metrics" } }
                (options.switches(url))
            }
            @if shown.drawn.is_empty() { div.empty { h2 { "No metric matches" } } }
            div.charts { @for drawn in &shown.drawn { (figure(drawn, options, &base())) } }
            (layout::pager(page, shown.has_more, |page| url(options).page(page)))
        }
    }
}

fn figure(drawn: &Drawn, options: Options, base: &Url) -> Markup {
    let key = &drawn.latest.key;
    let curves = [curve(&drawn.sample, options.along, 0)];
    let chart = Chart { name: key, curves: &curves, along: options.along, log: options.log };
    let hidden = options.log && drawn.extent.is_some_and(|(least, _)| least <= 0.0);
    html! {
        figure {
            figcaption {
                h2 { a href=(options.put(base.clone().with("metric", key))) { bdi { (T(&cut(key, 80))) } } }
                span.quiet { (drawn.count) @if drawn.count == 1 { " point" } @else { " points" } }
            }
            (chart.render())
            p.facts {
                span { "Last " strong { (number(drawn.latest.value)) } " at step " (drawn.latest.step) }
                @if let Some((least, greatest)) = drawn.extent {
                    span { "Min " (number(least)) " · Max " (number(greatest)) }
                }
            }
            @if hidden { p.quiet { "Values of zero and below have no place on a logarithmic scale." } }
        }
    }
}
