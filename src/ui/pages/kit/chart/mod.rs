//! Charts of metrics as SVG, drawn with attributes and classes alone.

mod scale;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use maud::{Markup, html};

use self::scale::Scale;
use super::text::{T, cut, number};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 58.0;
const RIGHT: f64 = 14.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 26.0;
/// Colours of the stylesheet; further curves have them again, dashed.
const COLOURS: usize = 10;

/// What runs from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Along {
    /// The step that the client counted.
    Step,
    /// Seconds since the first point of the curve.
    Time,
}

/// A curve: its points from left to right. What is not finite is a gap.
#[derive(Debug, Clone)]
pub(crate) struct Curve {
    /// Which of the colours it has.
    pub(crate) colour: usize,
    /// Along and value.
    pub(crate) points: Vec<(f64, f64)>,
}

/// A chart of curves.
#[derive(Debug)]
pub(crate) struct Chart<'a> {
    /// What the values are.
    pub(crate) name: &'a str,
    /// The curves, at least one.
    pub(crate) curves: &'a [Curve],
    /// What runs from left to right.
    pub(crate) along: Along,
    /// Whether values are on a logarithmic scale.
    pub(crate) log: bool,
}

/// The classes of a curve's colour.
fn colour(index: usize) -> String {
    let again = if index >= COLOURS { " again" } else { "" };
    format!("c{}{again}", index % COLOURS)
}

impl Chart<'_> {
    /// The drawing. Its text alternative says how far each axis goes.
    pub(crate) fn render(&self) -> Markup {
        let points = || self.curves.iter().flat_map(|curve| &curve.points);
        let values = Scale::of(points().map(|(_, value)| *value), self.log);
        let along = Scale::of(points().map(|(along, _)| *along), false);
        let x = |place: f64| LEFT + place * (WIDTH - LEFT - RIGHT);
        let y = |place: f64| HEIGHT - BOTTOM - place * (HEIGHT - TOP - BOTTOM);
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        let by = if self.along == Along::Step { "step" } else { "time" };
        html! {
            svg.chart viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label={ (T(&cut(self.name, 100))) " by " (by) } {
                @for tick in values.ticks(6, false) {
                    @if let Some(place) = values.place(tick) {
                        @let y = decimal(y(place));
                        line.grid-line x1=(LEFT) x2=(right) y1=(y) y2=(y) {}
                        text x=(LEFT - 6.0) y=(y) dy="4" text-anchor="end" { (number(tick)) }
                    }
                }
                line.axis x1=(LEFT) x2=(right) y1=(bottom) y2=(bottom) {}
                @for tick in along.ticks(5, self.along == Along::Step) {
                    @if let Some(place) = along.place(tick) {
                        @let x = decimal(x(place));
                        line.axis x1=(x) x2=(x) y1=(bottom) y2=(bottom + 4.0) {}
                        text x=(x) y=(bottom + 17.0) text-anchor="middle" { (self.label(tick)) }
                    }
                }
                @for curve in self.curves {
                    @let drawn = drawn(curve, |point| Some((x(along.place(point.0)?), y(values.place(point.1)?))));
                    @if !drawn.path.is_empty() { path class={ "curve " (colour(curve.colour)) } d=(drawn.path) {} }
                    @for (x, y) in drawn.lonely { circle class={ "point " (colour(curve.colour)) } cx=(x) cy=(y) r="3" {} }
                }
            }
        }
    }

    fn label(&self, tick: f64) -> String {
        match self.along {
            Along::Step => short(tick),
            Along::Time => seconds(tick),
        }
    }
}

/// A sample of a curve's colour, for a legend.
pub(crate) fn swatch(index: usize) -> Markup {
    html! {
        svg viewBox="0 0 24 10" aria-hidden="true" { path class={ "curve " (colour(index)) } d="M0 5H24" {} }
    }
}

/// A curve as a path, and its points that have no neighbour to be joined to.
#[derive(Debug, Default, PartialEq, Eq)]
struct Drawn {
    path: String,
    lonely: Vec<(String, String)>,
}

fn drawn(curve: &Curve, place: impl Fn(&(f64, f64)) -> Option<(f64, f64)>) -> Drawn {
    let mut drawn = Drawn::default();
    let places: Vec<Option<(f64, f64)>> = curve.points.iter().map(place).collect();
    for piece in places.split(Option::is_none) {
        let mut piece: Vec<(String, String)> =
            piece.iter().flatten().map(|(x, y)| (decimal(*x), decimal(*y))).collect();
        piece.dedup();
        match piece.as_slice() {
            [] => {}
            [_] => drawn.lonely.append(&mut piece),
            piece => {
                for (index, (x, y)) in piece.iter().enumerate() {
                    let _ = write!(drawn.path, "{}{x} {y}", if index == 0 { 'M' } else { 'L' });
                }
            }
        }
    }
    drawn
}

/// A tenth of a pixel is enough.
fn decimal(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map(ToOwned::to_owned).unwrap_or(text)
}

/// A step: `12`, `1.5k`, `3M`.
fn short(value: f64) -> String {
    let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];
    match units.into_iter().find(|(unit, _)| value.abs() >= *unit) {
        Some((unit, name)) if value.abs() < 1e15 => format!("{}{name}", number(value / unit)),
        _ => number(value),
    }
}

fn seconds(value: f64) -> String {
    match value {
        value if value >= 172_800.0 => format!("{} d", number(value / 86_400.0)),
        value if value >= 7_200.0 => format!("{} h", number(value / 3_600.0)),
        value if value >= 120.0 => format!("{} min", number(value / 60.0)),
        value => format!("{} s", number(value)),
    }
}
