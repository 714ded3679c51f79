//! States as they are at the moment of a scrape.

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{Counter, GaugeVec, Opts};

/// What is written down afresh for each scrape, so that what is gone leaves no last value behind.
#[derive(Default)]
pub struct Sheet(Vec<MetricFamily>);

impl Sheet {
    /// A state of several things, each with its values of `labels`. Nothing is written if there is none.
    pub fn gauges<'a, const N: usize>(
        &mut self,
        (name, help): (&str, &str),
        labels: [&str; N],
        states: impl IntoIterator<Item = ([&'a str; N], f64)>,
    ) {
        let Ok(gauges) = GaugeVec::new(Opts::new(name, help), &labels) else { return };
        for (values, state) in states {
            if let Ok(gauge) = gauges.get_metric_with_label_values(&values) {
                gauge.set(state);
            }
        }
        self.0.extend(gauges.collect().into_iter().filter(|family| !family.get_metric().is_empty()));
    }

    /// A state of the whole.
    pub fn gauge(&mut self, about: (&str, &str), state: f64) {
        self.gauges(about, [], [([], state)]);
    }

    /// A sum that somebody else keeps.
    pub fn counter(&mut self, (name, help): (&str, &str), sum: f64) {
        let Ok(counter) = Counter::new(name, help) else { return };
        counter.inc_by(sum.max(0.0));
        self.0.extend(counter.collect());
    }

    pub(super) fn gather(self) -> Vec<MetricFamily> {
        self.0
    }
}
