//! Params, metrics and tags of a version, bounded by what they take on the page.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};

use super::run::matches;
use crate::logged_models::wire::{LoggedModel, LoggedModelMetric};
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::text::{T, cut, number, within};

/// How many lines there are before they can be looked for.
pub(super) const MANY: usize = 20;
/// Bytes of a list, and of a value in it.
const LIST: usize = 14_000;
const VALUE: usize = 2_000;
/// Characters of a key.
const KEY: usize = 120;

/// Lines for as long as they take less than `left` bytes, and how many these are.
pub(super) fn bounded(lines: impl Iterator<Item = Markup>, mut left: usize) -> (Markup, usize) {
    let (mut kept, mut count) = (String::new(), 0);
    for PreEscaped(line) in lines {
        let Some(rest) = left.checked_sub(line.len()) else { break };
        left = rest;
        count += 1;
        kept.push_str(&line);
    }
    (PreEscaped(kept), count)
}

/// Tags: those that match, of `all` there are. Nothing where there are none at all.
pub(super) fn tags(tags: &[(&str, &str)], all: usize) -> Markup {
    html! { @if all > 0 { (pairs("Tags", tags, "No tag has this in its name.")) } }
}

fn pairs(title: &str, pairs: &[(&str, &str)], empty: &str) -> Markup {
    let lines = pairs.iter().map(|(key, value)| {
        let (value, whole) = within(value, VALUE);
        html! {
            tr {
                th scope="row" { bdi { (T(&cut(key, KEY))) } }
                td { bdi { (T(value)) } @if !whole { "…" } }
            }
        }
    });
    let (lines, shown) = bounded(lines, LIST);
    let table = html! { table.pairs { tbody { (lines) } } };
    section(title, &table, empty, (shown, pairs.len()))
}

fn section(title: &str, table: &Markup, empty: &str, (shown, all): (usize, usize)) -> Markup {
    html! {
        section aria-label=(title) {
            h2 { (title) @if all > 0 { " " span.quiet { (all) } } }
            @if all == 0 { p.quiet { (empty) } } @else { (layout::region(title, table)) }
            @if shown < all { p.quiet { "The first " (shown) " of " (all) ". Find the others by name." } }
        }
    }
}

/// What was logged of the model that the version is.
pub(super) fn of_model(model: &LoggedModel, find: &str) -> Markup {
    let params = model.data.params.iter().filter(|param| matches(&param.key, find));
    let params: Vec<_> = params.map(|param| (param.key.as_str(), param.value.as_str())).collect();
    html! {
        div.grid {
            (metrics(&latest(&model.data.metrics, find)))
            (pairs("Params", &params, "The model has no params."))
        }
    }
}

/// The last value of each metric on each dataset.
fn latest<'a>(metrics: &'a [LoggedModelMetric], find: &str) -> Vec<&'a LoggedModelMetric> {
    let mut latest: BTreeMap<_, &LoggedModelMetric> = BTreeMap::new();
    for metric in metrics.iter().filter(|metric| matches(&metric.key, find)) {
        let place = latest.entry((&metric.key, &metric.dataset_name, &metric.dataset_digest)).or_insert(metric);
        if (metric.step, metric.timestamp) >= (place.step, place.timestamp) {
            *place = metric;
        }
    }
    latest.into_values().collect()
}

fn metrics(metrics: &[&LoggedModelMetric]) -> Markup {
    let has_datasets = metrics.iter().any(|metric| metric.dataset_name.is_some());
    let lines = metrics.iter().map(|metric| {
        html! {
            tr {
                th scope="row" { bdi { (T(&cut(&metric.key, KEY))) } }
                td.n { (number(metric.value)) }
                td.n { (metric.step) }
                @if has_datasets { td { bdi { (T(&cut(metric.dataset_name.as_deref().unwrap_or("–"), 60))) } } }
            }
        }
    });
    let (lines, shown) = bounded(lines, LIST);
    let table = html! {
        table.pairs {
            thead {
                tr {
                    th scope="col" { "Metric" }
                    th.n scope="col" { "Latest" }
                    th.n scope="col" { "Step" }
                    @if has_datasets { th scope="col" { "Dataset" } }
                }
            }
            tbody { (lines) }
        }
    };
    section("Metrics", &table, "No metric was logged for the model.", (shown, metrics.len()))
}
