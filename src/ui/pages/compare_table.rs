//! The table of a comparison: a column for each run, and a row for each thing that was logged.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::run::matches;
use super::runs_table::{name_of, status, took};
use crate::runs::wire::Run;
use crate::ui::pages::kit::chart::swatch;
use crate::ui::pages::kit::site::Site;
use crate::ui::pages::kit::text::{T, cut, number, within};
use crate::ui::pages::kit::time::ago;
use crate::ui::pages::kit::url::Url;

/// Bytes of a value in a cell.
const CELL: usize = 80;
/// Bytes that the rows of each group may take together, with which the page stays below 100 kB.
const ROWS: usize = 11_000;
/// Up to so many runs, each can be left out with a link, which names all others.
const FEW: usize = 10;
/// Bytes that a row and a cell cost besides their texts.
const ROW_COST: usize = 60;
const CELL_COST: usize = 24;

/// What rows belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Params,
    Metrics,
    Tags,
}

/// A row: its key, and the value of each run that has one.
struct Row<'a> {
    key: &'a str,
    values: Vec<Option<String>>,
}

impl Row<'_> {
    fn differs(&self) -> bool {
        self.values.windows(2).any(|pair| pair.first() != pair.last())
    }

    fn cost(&self) -> usize {
        let cells = self.values.iter().map(|value| value.as_ref().map_or(0, |value| value.len().min(CELL)) + CELL_COST);
        ROW_COST + self.key.len() + cells.sum::<usize>()
    }
}

fn value(run: &Run, group: Group, key: &str) -> Option<String> {
    let pairs = match group {
        Group::Metrics => {
            let metric = run.data.metrics.iter().find(|metric| metric.key == key);
            return metric.map(|metric| number(metric.value));
        }
        Group::Params => &run.data.params,
        Group::Tags => &run.data.tags,
    };
    pairs.iter().find(|pair| pair.key == key).map(|pair| pair.value.clone())
}

/// The keys of a group and in how many runs each is. MLflow's own tags are no part of a comparison.
pub(super) fn keys(runs: &[Run], group: Group) -> BTreeMap<&str, usize> {
    let mut keys: BTreeMap<&str, usize> = BTreeMap::new();
    for run in runs {
        let found: Vec<&str> = match group {
            Group::Params => run.data.params.iter().map(|param| param.key.as_str()).collect(),
            Group::Metrics => run.data.metrics.iter().map(|metric| metric.key.as_str()).collect(),
            Group::Tags => run.data.tags.iter().map(|tag| tag.key.as_str()).collect(),
        };
        for key in found.into_iter().filter(|key| group != Group::Tags || !key.starts_with("mlflow.")) {
            *keys.entry(key).or_default() += 1;
        }
    }
    keys
}

/// The table; `without` makes the address of the comparison without a run.
pub(super) fn table(
    site: &Site,
    runs: &[Run],
    find: &str,
    only_differences: bool,
    without: impl Fn(&str) -> Url,
) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label="Comparison" {
            table.compared {
                thead {
                    tr {
                        td {}
                        @for (index, run) in runs.iter().enumerate() {
                            th scope="col" {
                                span.legend { (swatch(index)) }
                                a href=(site.run(&run.info.run_id)) { bdi { (T(&cut(name_of(&run.info), 40))) } }
                            }
                        }
                    }
                }
                tbody {
                    (fact("Status", runs, |run| status(&run.info)))
                    (fact("Started", runs, |run| ago(run.info.start_time.filter(|start| *start > 0), site.now)))
                    (fact("Took", runs, |run| took(&run.info, site.now)))
                    @if (3..=FEW).contains(&runs.len()) {
                        (fact("Shown", runs, |run| html! {
                            a href=(without(&run.info.run_id)) aria-label={ "Without " (T(&cut(name_of(&run.info), 40))) } { "Leave out" }
                        }))
                    }
                }
                (group("Params", Group::Params, runs, find, only_differences))
                (group("Metrics, latest values", Group::Metrics, runs, find, only_differences))
                (group("Tags", Group::Tags, runs, find, only_differences))
            }
        }
    }
}

fn fact(name: &str, runs: &[Run], cell: impl Fn(&Run) -> Markup) -> Markup {
    html! { tr { th scope="row" { (name) } @for run in runs { td { (cell(run)) } } } }
}

fn group(title: &str, group: Group, runs: &[Run], find: &str, only_differences: bool) -> Markup {
    let all: Vec<Row<'_>> = keys(runs, group)
        .into_keys()
        .filter(|key| matches(key, find))
        .map(|key| Row { key, values: runs.iter().map(|run| value(run, group, key)).collect() })
        .filter(|row| !only_differences || row.differs())
        .collect();
    let mut left = ROWS;
    let fits = |row: &&Row<'_>| {
        let rest = left.checked_sub(row.cost());
        left = rest.unwrap_or_default();
        rest.is_some()
    };
    let shown: Vec<&Row<'_>> = all.iter().take_while(fits).collect();
    html! {
        @if !all.is_empty() {
            tbody {
                tr.group { th scope="rowgroup" colspan=(runs.len() + 1) { (title) " " span.quiet { (all.len()) } } }
                @for row in &shown { (line(row, group)) }
                @if shown.len() < all.len() {
                    tr { td colspan=(runs.len() + 1) { span.quiet { "The first " (shown.len()) " of " (all.len()) ". Find the others by name." } } }
                }
            }
        }
    }
}

fn line(row: &Row<'_>, group: Group) -> Markup {
    html! {
        tr class=[row.differs().then_some("differs")] {
            th scope="row" { bdi { (T(&cut(row.key, 80))) } }
            @for value in &row.values {
                td class=[(group == Group::Metrics).then_some("n")] {
                    @match value {
                        Some(value) => { @let (text, whole) = within(value, CELL); bdi { (T(text)) } @if !whole { "…" } }
                        None => span.none { "–" },
                    }
                }
            }
        }
    }
}
