//! What is shown for odd input.

use maud::{Markup, Render as _, html};

use super::table::Sort;
use super::text::{Exact, T, cut, number, size, within};
use super::time::{ago, duration, exact};
use super::url::Url;

#[test]
fn texts_are_escaped_and_made_visible() {
    for (text, expected) in [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("\" onload='x' &amp;", "&quot; onload='x' &amp;amp;"),
        ("a\u{202e}b\u{2066}", "a\u{fffd}b\u{fffd}"),
        ("\0\u{1b}[1m\u{7f}\u{9b}", "␀␛[1m␡\u{fffd}"),
        ("a\n\tb", "a\n\tb"),
        ("日本 é 😀", "日本 é 😀"),
        ("\u{ffff}\u{fdd0}\u{1fffe}", "\u{fffd}\u{fffd}\u{fffd}"),
    ] {
        assert_eq!(T(text).render().into_string(), expected);
        let attribute = html! { a title=(T(text)) {} }.into_string();
        assert_eq!(attribute, format!("<a title=\"{expected}\"></a>"));
    }
}

#[test]
fn fields_keep_what_they_were_given() {
    let shown = html! { input value=(Exact("a\u{202e}\u{1}\"<&\n")); }.into_string();
    assert_eq!(shown, "<input value=\"a\u{202e}&quot;&lt;&amp;\n\">");
}

#[test]
fn texts_are_cut() {
    for (text, limit, expected) in
        [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("日本語です", 3, "日本…"), ("a b cd", 3, "a…"), ("", 0, "")]
    {
        assert_eq!(cut(text, limit), expected);
    }
    for (text, limit, expected) in
        [("abc", 3, ("abc", true)), ("abcd", 3, ("abc", false)), ("<<<", 9, ("<<", false)), ("日本", 4, ("日", false))]
    {
        assert_eq!(within(text, limit), expected);
    }
}

#[test]
fn numbers_have_six_digits() {
    for (value, expected) in [
        (0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (12.0, "12"),
        (1234.5678, "1234.57"),
        (0.000_123_456_789, "0.000123"),
        (1.5e-7, "1.5e-7"),
        (123_456_789.0, "123456789"),
        (1e12, "1e12"),
        (-2.5, "-2.5"),
        (f64::NAN, "NaN"),
        (f64::MAX, "∞"),
        (f64::NEG_INFINITY, "−∞"),
        (5e-324, "4.941e-324"),
    ] {
        assert_eq!(number(value), expected, "{value}");
    }
}

#[test]
fn sizes() {
    for (bytes, expected) in
        [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (200 << 20, "200 MiB"), (u64::MAX, "1677721 TiB")]
    {
        assert_eq!(size(bytes), expected);
    }
}

#[test]
fn times() {
    for (millis, expected) in [
        (0, Some("1970-01-01 00:00:00")),
        (951_782_400_000, Some("2000-02-29 00:00:00")),
        (1_709_164_800_123, Some("2024-02-29 00:00:00")),
        (1_767_225_599_999, Some("2025-12-31 23:59:59")),
        (253_402_300_799_999, Some("9999-12-31 23:59:59")),
        (-1, None),
        (i64::MAX, None),
    ] {
        assert_eq!(exact(millis).as_deref(), expected, "{millis}");
    }
    let now = 1_767_225_599_999;
    let shown = |millis| {
        let text: Markup = ago(millis, now);
        let text = text.into_string();
        text.split_once('>').and_then(|(_, text)| text.split_once('<')).map(|(text, _)| text.to_owned()).unwrap_or(text)
    };
    for (millis, expected) in [
        (Some(now), "just now"),
        (Some(now + 30_000), "just now"),
        (Some(now + 3_600_000), "2026-01-01 00:59:59"),
        (Some(now - 120_000), "2 min ago"),
        (Some(now - 7_200_000), "2 h ago"),
        (Some(now - 3 * 86_400_000), "3 d ago"),
        (Some(0), "1970-01-01"),
        (Some(i64::MIN), "-9223372036854775808"),
        (None, "–"),
    ] {
        assert_eq!(shown(millis), expected, "{millis:?}");
    }
}

#[test]
fn durations() {
    for (start, end, expected) in [
        (Some(1), Some(500), Some("499 ms")),
        (Some(1000), Some(2250), Some("1.2 s")),
        (Some(1), Some(65_001), Some("1 min 5 s")),
        (Some(1), Some(7_260_001), Some("2 h 1 min")),
        (Some(1), Some(2 * 86_400_000 + 1), Some("2 d 0 h")),
        (Some(10), Some(1), None),
        (Some(0), Some(1), None),
        (None, Some(1), None),
        (Some(1), None, None),
        (Some(1), Some(i64::MIN), None),
    ] {
        assert_eq!(duration(start, end).as_deref(), expected, "{start:?} {end:?}");
    }
}

#[test]
fn addresses_are_encoded() {
    let url = Url::new("/tracklet/runs").segment("a/b ?#").with("path", "x/ä&=+").with("empty", "").page(1).page(3);
    assert_eq!(url.to_string(), "/tracklet/runs/a%2Fb%20%3F%23?path=x/%C3%A4%26%3D%2B&page=3");
    assert_eq!(url.action(), "/tracklet/runs/a%2Fb%20%3F%23");
    assert_eq!(Url::new("/x").with_each("col", ["a", "b"]).to_string(), "/x?col=a&col=b");
    assert_eq!(Url::new("/x").with("q", "'\"><script>").to_string(), "/x?q=%27%22%3E%3Cscript%3E");
}

#[test]
fn orders_are_read_and_written() {
    for (text, key, descending) in
        [("", "", false), ("-", "", true), ("loss", "loss", false), ("-metrics.a-b", "metrics.a-b", true)]
    {
        let sort = Sort::parse(text);
        assert_eq!((sort.key.as_str(), sort.descending, sort.shown().as_str()), (key, descending, text));
    }
}
