//! The spans of a trace below each other, each as long as it took.

use std::collections::{HashMap, HashSet};

use maud::{Markup, html};

use super::trace_facts::took_nanoseconds;
use crate::trace_spans::outline::Outline;
use crate::ui::pages::kit::layout;
use crate::ui::pages::kit::text::{T, cut};
use crate::ui::pages::kit::url::Url;

/// How many spans of a trace are looked at: those that began first.
pub(super) const MOST: i64 = 5_000;
/// How many spans are on a page.
const PAGE: usize = 80;
/// Levels that are told apart by their indentation.
const LEVELS: usize = 12;
/// Units from the left end of a bar's place to its right end.
const WIDTH: f64 = 1000.0;

/// A span at its place.
#[derive(Debug)]
struct Row {
    span: Outline,
    level: usize,
}

/// The spans of a trace, parents before their children.
#[derive(Debug)]
pub(super) struct Waterfall {
    rows: Vec<Row>,
    all: i64,
    page: usize,
    chosen: Option<usize>,
}

impl Waterfall {
    /// `wanted` is the id of the span that is shown whole, the first one if there is no such span.
    pub(super) fn of(spans: Vec<Outline>, all: i64, wanted: &str, number: i64) -> Self {
        let rows = ordered(spans);
        let found = rows.iter().position(|row| row.span.span_id == wanted);
        let asked = usize::try_from(number.saturating_sub(1)).unwrap_or_default();
        // The page that is asked for, or the one with the chosen span.
        let page = if number > 1 { asked } else { found.map_or(0, |place| place / PAGE) };
        let first = (!rows.is_empty()).then_some(0);
        Self { chosen: found.or(first), page, all, rows }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many spans the trace has.
    pub(super) fn all(&self) -> i64 {
        self.all
    }

    /// The name of the span that all others are below.
    pub(super) fn name(&self) -> Option<&str> {
        self.rows.first().map(|row| row.span.name.as_str()).filter(|name| !name.trim().is_empty())
    }

    /// The span that is shown whole.
    pub(super) fn chosen(&self) -> Option<&Outline> {
        self.rows.get(self.chosen?).map(|row| &row.span)
    }

    /// The table, with a bar for each span. `url` is the address of the trace.
    pub(super) fn render(&self, url: &Url) -> Markup {
        let spans = || self.rows.iter().map(|row| &row.span);
        let began = spans().map(|span| span.start).min().unwrap_or_default();
        let ended = spans().map(|span| span.end.unwrap_or_default().max(span.start)).max().unwrap_or_default();
        let first = self.page * PAGE;
        let rows = self.rows.iter().enumerate().skip(first).take(PAGE);
        let table = html! {
            table.waterfall {
                thead {
                    tr { th scope="col" { "Span" } th scope="col" { "Kind" } th scope="col" { "When" } th.n scope="col" { "Took" } }
                }
                tbody {
                    @for (place, row) in rows { (self.row(url, row, Some(place) == self.chosen, (began, ended))) }
                }
            }
        };
        let page = i64::try_from(self.page).unwrap_or_default() + 1;
        let has_more = self.rows.len() > first + PAGE;
        html! {
            (layout::region("Spans", &table))
            (layout::pager(page, has_more, |page| url.clone().page(page)))
            @if i64::try_from(self.rows.len()).is_ok_and(|shown| shown < self.all) {
                p.quiet { "The first " (self.rows.len()) " of " (self.all) " spans." }
            }
        }
    }

    fn row(&self, url: &Url, row: &Row, is_chosen: bool, (began, ended): (i64, i64)) -> Markup {
        let span = &row.span;
        let end = span.end.filter(|end| *end >= span.start);
        let failed = span.status == "ERROR";
        let url = url.clone().with("span", &span.span_id).page(if self.page > 0 { self.page_number() } else { 1 });
        let name = if span.name.trim().is_empty() { &span.span_id } else { &span.name };
        html! {
            tr class=[is_chosen.then_some("chosen")] {
                th scope="row" class={ "l" (row.level.min(LEVELS)) } {
                    a href={ (url) "#span" } aria-current=[is_chosen.then_some("true")] { bdi { (T(&cut(name, 48))) } }
                    @if failed { " " span.status.failed { "Error" } }
                }
                td { @match kind(span) { Some(kind) => span.chip { (T(&cut(kind, 20))) }, None => span.none { "–" } } }
                td.when { (bar(span, end, failed, began, ended)) }
                td.n { (took_nanoseconds(end.map(|end| end - span.start))) }
            }
        }
    }

    fn page_number(&self) -> i64 {
        i64::try_from(self.page).unwrap_or_default() + 1
    }
}

/// The kind of work, if somebody has said it.
pub(super) fn kind(span: &Outline) -> Option<&str> {
    span.kind.as_deref().filter(|kind| *kind != "UNKNOWN")
}

/// A bar from a span's beginning to its end; without an end, a mark where it began.
fn bar(span: &Outline, end: Option<i64>, failed: bool, began: i64, ended: i64) -> Markup {
    let place = |time: i64| share(time.saturating_sub(began), ended.saturating_sub(began)) * WIDTH;
    let left = place(span.start).min(WIDTH - 4.0);
    let width = (place(end.unwrap_or(span.start)) - left).max(4.0);
    let colour =
        if failed { "bad".to_owned() } else { format!("c{}", colour(span.kind.as_deref().unwrap_or_default())) };
    html! {
        svg.when viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true" {
            rect.track x="0" y="7" width="1000" height="2" {}
            rect class={ "lasted " (colour) } x=(format!("{left:.1}")) y="2" width=(format!("{width:.1}")) height="12" {}
        }
    }
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "a drawing needs no more digits")]
fn share(part: i64, whole: i64) -> f64 {
    if whole <= 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// One of the colours of curves for each kind of work.
fn colour(kind: &str) -> usize {
    match kind {
        "LLM" => 0,
        "CHAIN" => 1,
        "AGENT" => 2,
        "TOOL" => 3,
        "CHAT_MODEL" => 4,
        "RETRIEVER" => 6,
        "EMBEDDING" => 7,
        "WORKFLOW" => 9,
        // Grey. Red is for what failed.
        _ => 8,
    }
}

/// Parents before their children, siblings by their beginning. Spans whose parent is not there are roots; of those that
/// are their own ancestors, the first is one.
fn ordered(spans: Vec<Outline>) -> Vec<Row> {
    let ids: HashSet<String> = spans.iter().map(|span| span.span_id.clone()).collect();
    let mut children: HashMap<Option<String>, Vec<Outline>> = HashMap::new();
    for span in spans {
        let parent = span.parent_id.clone().filter(|parent| ids.contains(parent) && *parent != span.span_id);
        children.entry(parent).or_default().push(span);
    }
    let mut rows = Vec::new();
    let mut next: Vec<(Outline, usize)> = Vec::new();
    let mut push = |parent: Option<String>, level: usize, next: &mut Vec<(Outline, usize)>| {
        next.extend(children.remove(&parent).into_iter().flatten().rev().map(|span| (span, level)));
        children.keys().flatten().min().cloned()
    };
    let mut left = push(None, 0, &mut next);
    loop {
        while let Some((span, level)) = next.pop() {
            left = push(Some(span.span_id.clone()), level + 1, &mut next);
            rows.push(Row { span, level });
        }
        // Only circles are left, if anything.
        let Some(parent) = left.take() else { return rows };
        left = push(Some(parent), 0, &mut next);
        if next.is_empty() && left.is_none() {
            return rows;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: &str, parent: &str) -> Outline {
        Outline {
            span_id: id.to_owned(),
            parent_id: (!parent.is_empty()).then(|| parent.to_owned()),
            name: String::new(),
            kind: None,
            status: String::new(),
            start: 0,
            end: None,
        }
    }

    #[test]
    fn parents_come_before_their_children() {
        let cases: [(&[(&str, &str)], &str); 7] = [
            (&[], ""),
            (&[("a", "")], "a0"),
            (&[("a", ""), ("b", "a"), ("c", ""), ("d", "b"), ("e", "a")], "a0 b1 d2 e1 c0"),
            (&[("b", "a"), ("a", "")], "a0 b1"),
            (&[("b", "gone"), ("c", "b")], "b0 c1"),
            (&[("a", "a")], "a0"),
            (&[("a", "b"), ("b", "a"), ("c", "")], "c0 b0 a1"),
        ];
        for (spans, expected) in cases {
            let spans = spans.iter().map(|(id, parent)| span(id, parent)).collect();
            let rows: Vec<String> =
                ordered(spans).iter().map(|row| format!("{}{}", row.span.span_id, row.level)).collect();
            assert_eq!(rows.join(" "), expected);
        }
    }
}
