//! States as they are at the moment of a scrape.

use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{CounterVec, GaugeVec, Opts, Registry};

/// What is written down afresh for each scrape, so that what is gone leaves no last value behind.
#[derive(Default)]
pub struct Sheet(Registry);

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
        self.write(gauges);
    }

    /// A state of the whole.
    pub fn gauge(&mut self, about: (&str, &str), state: f64) {
        self.gauges(about, [], [([], state)]);
    }

    /// Sums that somebody else keeps, each with its values of `labels`. Nothing is written if there is none.
    pub fn counters<'a, const N: usize>(
        &mut self,
        (name, help): (&str, &str),
        labels: [&str; N],
        sums: impl IntoIterator<Item = ([&'a str; N], f64)>,
    ) {
        let Ok(counters) = CounterVec::new(Opts::new(name, help), &labels) else { return };
        for (values, sum) in sums {
            if let Ok(counter) = counters.get_metric_with_label_values(&values) {
                counter.inc_by(sum.max(0.0));
            }
        }
        self.write(counters);
    }

    /// A sum of the whole.
    pub fn counter(&mut self, about: (&str, &str), sum: f64) {
        self.counters(about, [], [([], sum)]);
    }

    fn write(&mut self, collector: impl Collector + 'static) {
        if let Err(error) = self.0.register(Box::new(collector)) {
            tracing::error!(%error, "a state is left out of /metrics");
        }
    }

    pub(super) fn gather(&self) -> Vec<MetricFamily> {
        self.0.gather()
    }
}
