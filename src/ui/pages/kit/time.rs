//! Points in time and durations as people read them. All times are UTC: a page is the same for everybody.

use maud::{Markup, html};

use crate::types::time::civil;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// The years that MLflow's own clients can show; anything else is a number.
const LAST: i64 = 253_402_300_799_999;

/// A time relative to now, with the exact one as its title.
pub(crate) fn ago(millis: Option<i64>, now: i64) -> Markup {
    let Some(millis) = millis else { return html! { span.none { "–" } } };
    let Some(exact) = exact(millis) else { return html! { (millis) } };
    let iso = format!("{}Z", exact.replace(' ', "T"));
    html! { time datetime=(iso) title={ (exact) " UTC" } { (relative(millis, now)) } }
}

fn relative(millis: i64, now: i64) -> String {
    let past = now.saturating_sub(millis);
    match past {
        ..=-1 if past > -MINUTE => "just now".to_owned(),
        ..0 => exact(millis).unwrap_or_default(),
        0..MINUTE => "just now".to_owned(),
        MINUTE..HOUR => format!("{} min ago", past / MINUTE),
        HOUR..DAY => format!("{} h ago", past / HOUR),
        _ if past < 14 * DAY => format!("{} d ago", past / DAY),
        _ => exact(millis).and_then(|exact| exact.get(..10).map(str::to_owned)).unwrap_or_default(),
    }
}

/// `2026-11-23 09:10:11`, or nothing before 1970 and after 9999.
pub(crate) fn exact(millis: i64) -> Option<String> {
    if !(0..=LAST).contains(&millis) {
        return None;
    }
    let (days, second) = (millis / DAY, millis % DAY / SECOND);
    let (year, month, day) = civil(days);
    Some(format!("{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}", second / 3600, second / 60 % 60, second % 60))
}

/// How long something took, or has taken until now.
pub(crate) fn duration(start: Option<i64>, end: Option<i64>) -> Option<String> {
    let millis = end?.checked_sub(start.filter(|start| *start > 0)?)?;
    Some(match millis {
        ..0 => return None,
        0..SECOND => format!("{millis} ms"),
        SECOND..MINUTE => format!("{}.{} s", millis / SECOND, millis % SECOND / 100),
        MINUTE..HOUR => format!("{} min {} s", millis / MINUTE, millis % MINUTE / SECOND),
        HOUR..DAY => format!("{} h {} min", millis / HOUR, millis % HOUR / MINUTE),
        _ => format!("{} d {} h", millis / DAY, millis % DAY / HOUR),
    })
}
