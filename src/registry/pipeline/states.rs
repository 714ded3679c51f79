//! The state of the registry as Prometheus reads it.

use std::collections::{BTreeMap, HashMap};

use super::{Pipeline, Placed, Versions};
use crate::meter::Sheet;

/// What MLflow writes; a database may hold other text.
const STATUSES: [&str; 3] = ["PENDING_REGISTRATION", "FAILED_REGISTRATION", "READY"];
const STAGES: [&str; 4] = ["None", "Staging", "Production", "Archived"];

impl Pipeline {
    /// Writes the state down.
    pub fn describe(&self, sheet: &mut Sheet) {
        sheet.gauge(
            ("tracklet_registry_read_timestamp_seconds", "When the state of the registry was read."),
            seconds(self.read),
        );
        sheet.gauge(("tracklet_registry_models", "Registered models."), number(self.models));
        self.describe_versions(sheet);
        sheet.gauge(("tracklet_registry_aliases", "Aliases."), number(self.aliases));
        let shown = i64::try_from(self.shown.len()).unwrap_or(i64::MAX);
        sheet.gauge(
            ("tracklet_registry_aliases_omitted", "Aliases of which nothing more is said."),
            number((self.aliases - shown).max(0)),
        );
        self.describe_waiting(sheet);
        self.describe_aliases(sheet);
        self.describe_metrics(sheet);
    }

    fn describe_versions(&self, sheet: &mut Sheet) {
        let mut counts: BTreeMap<_, i64> = BTreeMap::new();
        for versions in &self.versions {
            let of = [known(&STATUSES, &versions.status), known(&STAGES, &versions.stage)];
            *counts.entry(of).or_default() += versions.count;
        }
        sheet.gauges(
            ("tracklet_registry_versions", "Model versions."),
            ["status", "stage"],
            counts.into_iter().map(|(of, count)| (of, number(count))),
        );
        let pending = |versions: &&Versions| versions.status == "PENDING_REGISTRATION";
        let oldest = self.versions.iter().filter(pending).filter_map(|versions| versions.oldest).min();
        if let Some(oldest) = oldest {
            let about =
                ("tracklet_registry_pending_oldest_timestamp_seconds", "When the oldest pending version was made.");
            sheet.gauge(about, seconds(oldest));
        }
    }

    fn describe_waiting(&self, sheet: &mut Sheet) {
        sheet.gauges(
            ("tracklet_registry_waiting_versions", "Versions above all that ever had an alias."),
            ["name"],
            self.waiting.iter().map(|waiting| ([waiting.name.as_str()], number(waiting.count))),
        );
        sheet.gauges(
            ("tracklet_registry_waiting_oldest_timestamp_seconds", "When the oldest of them was registered."),
            ["name"],
            self.waiting.iter().filter_map(|waiting| Some(([waiting.name.as_str()], seconds(waiting.oldest?)))),
        );
    }

    fn describe_aliases(&self, sheet: &mut Sheet) {
        let mut gauges = |name, help, value: fn(&Placed) -> Option<f64>| {
            let states = self.shown.iter().filter_map(|placed| Some((labels(placed), value(placed)?)));
            sheet.gauges((name, help), ["name", "alias"], states);
        };
        gauges("tracklet_registry_alias_version", "The version that the alias names.", |placed| {
            Some(placed.version.into())
        });
        gauges(
            "tracklet_registry_alias_version_timestamp_seconds",
            "When the version that the alias names was registered.",
            |placed| placed.registered.map(seconds),
        );
        gauges("tracklet_registry_alias_moved_timestamp_seconds", "When the alias came to its version.", |placed| {
            placed.moved.map(seconds)
        });
        gauges(
            "tracklet_registry_alias_promotion_seconds",
            "Time from the registration of the version to the alias.",
            |placed| Some(seconds(placed.moved?.saturating_sub(placed.registered?))),
        );
        sheet.counters(
            ("tracklet_registry_alias_rollbacks_total", "Moves of the alias to an older version."),
            ["name", "alias"],
            self.shown.iter().map(|placed| (labels(placed), number(placed.rollbacks))),
        );
    }

    fn describe_metrics(&self, sheet: &mut Sheet) {
        let states = self.shown.iter().flat_map(|placed| {
            let of = move |which: &'static str, values: &'_ HashMap<String, f64>| -> Vec<(String, &'static str, f64)> {
                values.iter().map(|(metric, value)| (metric.clone(), which, *value)).collect()
            };
            let both = [of("current", &placed.now), of("previous", &placed.before)].concat();
            both.into_iter().map(move |state| (placed, state))
        });
        let states: Vec<_> = states.collect();
        sheet.gauges(
            ("tracklet_registry_alias_metric", "A metric of the version that the alias names, and of the one before."),
            ["name", "alias", "metric", "of"],
            states.iter().map(|(placed, (metric, of, value))| {
                let [name, alias] = labels(placed);
                ([name, alias, metric.as_str(), *of], *value)
            }),
        );
    }
}

const fn labels(placed: &Placed) -> [&str; 2] {
    [placed.name.as_str(), placed.alias.as_str()]
}

fn known(words: &[&'static str], word: &str) -> &'static str {
    words.iter().find(|known| **known == word).copied().unwrap_or("other")
}

/// A double has room for every count and every date.
#[expect(clippy::cast_precision_loss, reason = "exact up to 2^53")]
const fn number(count: i64) -> f64 {
    count as f64
}

fn seconds(millis: i64) -> f64 {
    number(millis) / 1000.0
}
