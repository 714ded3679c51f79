//! Curves of metrics: how they are sampled and drawn.

use maud::{Markup, html};

use crate::db::Conn;
use crate::error::{Error, Result};
use crate::metrics;
use crate::metrics::wire::{GetMetricHistoryBulkInterval, Metric};
use crate::ui::pages::kit::chart::{Along, Curve};
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::url::Url;

/// How charts are drawn, as the address says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Options {
    /// What runs from left to right.
    pub(super) along: Along,
    /// Whether values are on a logarithmic scale.
    pub(super) log: bool,
}

impl Options {
    pub(super) fn of(site: &Site) -> Result<Self> {
        let along = match site.given("x") {
            "" | "step" => Along::Step,
            "time" => Along::Time,
            other => return Err(Error::invalid(format!("x must be 'step' or 'time', not '{other}'."))),
        };
        Ok(Self { along, log: site.is_on("log") })
    }

    /// The address with these options.
    pub(super) fn put(self, url: Url) -> Url {
        let url = if self.along == Along::Time { url.with("x", "time") } else { url };
        if self.log { url.with("log", "1") } else { url }
    }

    /// Links that change the options; `url` makes the address of some.
    pub(super) fn switches(self, url: impl Fn(Self) -> Url) -> Markup {
        let along = |along| url(Self { along, ..self });
        let log = |log| url(Self { log, ..self });
        let by_step = self.along == Along::Step;
        html! {
            (layout::tabs("Horizontal axis", &[("By step", along(Along::Step), by_step), ("By time", along(Along::Time), !by_step)]))
            (layout::tabs("Vertical scale", &[("Linear", log(false), !self.log), ("Logarithmic", log(true), self.log)]))
        }
    }
}

/// Points of a curve, thinned out evenly to `most`.
pub(super) fn sample(conn: &mut Conn, run_id: &str, key: &str, most: i64) -> Result<Vec<Metric>> {
    let request = GetMetricHistoryBulkInterval {
        run_ids: vec![run_id.to_owned()],
        metric_key: key.to_owned(),
        steps: None,
        max_results: most,
    };
    let points = metrics::store::history_bulk_interval(conn, &request)?;
    Ok(points.into_iter().map(|point| point.metric).collect())
}

/// The curve of points. Infinities, which MLflow keeps as the greatest doubles, are gaps like NaN.
pub(super) fn curve(points: &[Metric], along: Along, colour: usize) -> Curve {
    let first = points.iter().map(|point| point.timestamp).min().unwrap_or_default();
    let value = |value: f64| if value.abs() >= f64::MAX { f64::NAN } else { value };
    let place = |point: &Metric| match along {
        Along::Step => double(point.step),
        Along::Time => double(point.timestamp.saturating_sub(first)) / 1000.0,
    };
    let mut points: Vec<(f64, f64)> = points.iter().map(|point| (place(point), value(point.value))).collect();
    if along == Along::Time {
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    Curve { colour, points }
}

/// A chart has no use for the digits beyond 2^53.
#[expect(clippy::cast_precision_loss, reason = "a place on a chart")]
const fn double(number: i64) -> f64 {
    number as f64
}
