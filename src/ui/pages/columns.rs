//! Which metrics, params and tags of runs a table shows.

use std::collections::{BTreeMap, BTreeSet};

use maud::{Markup, html};

use crate::error::{Error, Result};
use crate::runs::wire::Run;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{Exact, T, cut};
use crate::ui::pages::kit::url::Url;

/// More columns than these are no table any more, and no page of less than 100 kB.
pub(crate) const MOST: usize = 12;
/// How many columns of each kind a table chooses by itself.
const AUTOMATIC: usize = 4;
/// How many keys of each kind are offered; any other can be typed.
const OFFERED: usize = 30;

/// What kind of key a column shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// The latest value of a metric.
    Metric,
    /// A param.
    Param,
    /// A tag.
    Tag,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Metric, Self::Param, Self::Tag];

    /// The word in MLflow's filter language.
    const fn entity(self) -> &'static str {
        match self {
            Self::Metric => "metrics",
            Self::Param => "params",
            Self::Tag => "tags",
        }
    }

    /// The word for people.
    pub(super) const fn heading(self) -> &'static str {
        match self {
            Self::Metric => "Metrics",
            Self::Param => "Params",
            Self::Tag => "Tags",
        }
    }
}

/// A column beyond those that every run has.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    pub(crate) key: String,
}

impl Column {
    /// Reads `metrics.loss`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (entity, key) = text.split_once('.')?;
        let kind = Kind::ALL.into_iter().find(|kind| kind.entity() == entity)?;
        (!key.is_empty()).then(|| Self { kind, key: key.to_owned() })
    }

    /// As in an address.
    pub(crate) fn shown(&self) -> String {
        format!("{}.{}", self.kind.entity(), self.key)
    }

    /// The column in MLflow's order language.
    pub(crate) fn order(&self) -> String {
        format!("{}.`{}`", self.kind.entity(), self.key)
    }
}

/// The columns of a table and who chose them.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    /// From left to right.
    pub(crate) shown: Vec<Column>,
    /// The address names them.
    pub(crate) chosen: bool,
    /// So many that were chosen are not shown.
    pub(crate) left_out: usize,
}

impl Columns {
    /// What the address chooses, if it does.
    pub(crate) fn of(site: &Site) -> Result<Self> {
        let mut shown: Vec<Column> = Vec::new();
        for text in site.all_given("col").map(str::trim).filter(|text| !text.is_empty()) {
            let column = Column::parse(text).ok_or_else(|| {
                Error::invalid(format!(
                    "A column is a metric, param or tag, such as metrics.loss, params.lr or tags.team, not '{text}'."
                ))
            })?;
            if !shown.contains(&column) {
                shown.push(column);
            }
        }
        let left_out = shown.len().saturating_sub(MOST);
        shown.truncate(MOST);
        Ok(Self { chosen: !shown.is_empty() || site.given("columns") == "chosen", shown, left_out })
    }

    /// Chooses where the address does not: the metrics that most runs have, and the params that tell runs apart.
    pub(crate) fn settle(&mut self, runs: &[Run]) {
        if self.chosen {
            return;
        }
        let metrics = keys(runs, Kind::Metric);
        let params = keys(runs, Kind::Param);
        let several = runs.len() > 1;
        let telling = |values: &BTreeSet<&str>| !several || values.len() > 1;
        self.shown = most_frequent(metrics.iter().map(|(key, (count, _))| (*key, *count)), Kind::Metric);
        let params = params.iter().filter(|(_, (_, values))| telling(values)).map(|(key, (count, _))| (*key, *count));
        self.shown.extend(most_frequent(params, Kind::Param));
    }

    /// The address with this choice.
    pub(crate) fn put(&self, url: Url) -> Url {
        if !self.chosen {
            return url;
        }
        let url = if self.shown.is_empty() { url.with("columns", "chosen") } else { url };
        url.with_each("col", self.shown.iter().map(Column::shown))
    }

    /// The form in which columns are chosen. `url` is the address without them.
    pub(crate) fn picker(&self, runs: &[Run], url: &Url) -> Markup {
        html! {
            details.picker {
                summary { "Columns" }
                form action=(url.action()) {
                    @for (name, value) in url.pairs() { input type="hidden" name=(name) value=(Exact(value)); }
                    input type="hidden" name="columns" value="chosen";
                    @for kind in Kind::ALL { (self.fieldset(kind, runs)) }
                    label.other {
                        "Another column "
                        input name="col" placeholder="metrics.loss" autocomplete="off" autocapitalize="off" spellcheck="false";
                    }
                    div.row {
                        button { "Show columns" }
                        @if self.chosen { a.button href=(url) { "Choose for me" } }
                    }
                }
            }
            @if self.left_out > 0 {
                p.problem role="status" { "A table has at most " (MOST) " columns of choice; " (self.left_out) " more are not shown." }
            }
        }
    }

    fn fieldset(&self, kind: Kind, runs: &[Run]) -> Markup {
        let shown: Vec<&str> =
            self.shown.iter().filter(|column| column.kind == kind).map(|column| column.key.as_str()).collect();
        let found = keys(runs, kind);
        let mut others: Vec<&str> = found.keys().copied().filter(|key| !shown.contains(key)).collect();
        others.sort_by_key(|key| key.starts_with("mlflow."));
        let left_out = others.len().saturating_sub(OFFERED);
        html! {
            @if !(shown.is_empty() && others.is_empty()) {
                fieldset {
                    legend { (kind.heading()) }
                    @for (key, on) in shown.iter().map(|key| (*key, true)).chain(others.iter().take(OFFERED).map(|key| (*key, false))) {
                        label { input type="checkbox" name="col" value={ (kind.entity()) "." (Exact(key)) } checked[on]; " " bdi { (T(&cut(key, 40))) } }
                    }
                    @if left_out > 0 { p.quiet { "and " (left_out) " more: type the name below" } }
                }
            }
        }
    }
}

/// Each key of that kind, in how many runs it is, and its different values as far as they are texts.
fn keys(runs: &[Run], kind: Kind) -> BTreeMap<&str, (usize, BTreeSet<&str>)> {
    let mut keys: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
    for run in runs {
        let pairs: Vec<(&str, &str)> = match kind {
            Kind::Metric => run.data.metrics.iter().map(|metric| (metric.key.as_str(), "")).collect(),
            Kind::Param => run.data.params.iter().map(|param| (param.key.as_str(), param.value.as_str())).collect(),
            Kind::Tag => run.data.tags.iter().map(|tag| (tag.key.as_str(), tag.value.as_str())).collect(),
        };
        for (key, value) in pairs {
            let (count, values) = keys.entry(key).or_default();
            *count += 1;
            values.insert(value);
        }
    }
    keys
}

fn most_frequent<'a>(keys: impl Iterator<Item = (&'a str, usize)>, kind: Kind) -> Vec<Column> {
    let mut keys: Vec<(&str, usize)> = keys.collect();
    // What machines say of themselves comes last.
    keys.sort_by_key(|(key, count)| (key.starts_with("system/"), std::cmp::Reverse(*count)));
    keys.truncate(AUTOMATIC);
    keys.into_iter().map(|(key, _)| Column { kind, key: key.to_owned() }).collect()
}
