//! A strict reader of HTML: what it accepts, every browser reads the same way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

static TAG: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"^<([a-zA-Z][a-zA-Z0-9]*)((?: [a-zA-Z][a-zA-Z0-9-]*(?:="[^"]*")?)*)>$"#).expect("a pattern")
});
static ATTRIBUTE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#" ([a-zA-Z][a-zA-Z0-9-]*)(?:="([^"]*)")?"#).expect("a pattern"));

const VOID: [&str; 7] = ["meta", "link", "input", "img", "br", "hr", "source"];

/// What a page consists of, as far as tests ask.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// The elements in their order, with their attributes.
    pub(crate) elements: Vec<(String, BTreeMap<String, String>)>,
    /// The text between tags, still escaped.
    pub(crate) text: String,
}

impl Document {
    /// Reads a page and panics where it is not well-formed, or has what our pages never have: inline styles and scripts,
    /// handlers, two elements with one id, a reference to an id that is not there.
    pub(crate) fn read(page: &str) -> Self {
        let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or_else(|| panic!("no doctype: {page:.100}"));
        let mut document = Self::default();
        let mut open: Vec<String> = Vec::new();
        while let Some(start) = rest.find('<') {
            document.take_text(&rest[..start]);
            rest = &rest[start..];
            let end = tag_end(rest);
            let tag = &rest[..end];
            rest = &rest[end..];
            if let Some(name) = tag.strip_prefix("</") {
                let name = name.trim_end_matches('>');
                assert_eq!(open.pop().as_deref(), Some(name), "a tag closes another one near {rest:.200}");
                continue;
            }
            let (name, attributes) = read_tag(tag);
            if !VOID.contains(&name.as_str()) {
                open.push(name.clone());
            }
            document.elements.push((name, attributes));
        }
        document.take_text(rest);
        assert!(open.is_empty(), "never closed: {open:?}");
        document.check();
        document
    }

    fn take_text(&mut self, text: &str) {
        check_text(text);
        self.text.push_str(text);
    }

    /// The values of an attribute, over all elements.
    pub(crate) fn values<'a>(&'a self, attribute: &'a str) -> impl Iterator<Item = &'a str> {
        self.elements.iter().filter_map(move |(_, attributes)| attributes.get(attribute)).map(String::as_str)
    }

    fn check(&self) {
        let mut ids = BTreeSet::new();
        for (name, attributes) in &self.elements {
            assert_ne!(name, "style", "inline style");
            assert!(name != "script" || attributes.contains_key("src"), "inline script");
            for attribute in attributes.keys() {
                assert!(attribute != "style" && !attribute.starts_with("on"), "{name} has {attribute}");
            }
            if let Some(id) = attributes.get("id") {
                assert!(ids.insert(id.as_str()), "two elements with the id {id}");
            }
            let named = ["aria-label", "aria-labelledby", "type"].iter().any(|label| attributes.contains_key(*label));
            assert!(name != "input" || named || attributes.contains_key("placeholder"), "an input without a name");
            assert!(name != "img" || attributes.contains_key("alt"), "an image without a text");
        }
        for reference in self.values("aria-describedby").chain(self.values("aria-labelledby")) {
            assert!(ids.contains(reference), "no element has the id {reference}");
        }
        for link in self.values("href").chain(self.values("src")).chain(self.values("action")) {
            assert!(link.starts_with('/') || link.starts_with('#'), "a link leads elsewhere: {link}");
            assert!(!link.starts_with("//"), "a link leads to another host: {link}");
        }
        let headings = self.elements.iter().filter(|(name, _)| name == "h1").count();
        assert_eq!(headings, 1, "a page has one heading of its own");
    }
}

fn tag_end(text: &str) -> usize {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return at + 1,
            _ => {}
        }
    }
    panic!("a tag without an end: {text:.100}")
}

fn read_tag(tag: &str) -> (String, BTreeMap<String, String>) {
    let found = TAG.captures(tag).unwrap_or_else(|| panic!("no tag: {tag}"));
    let mut attributes = BTreeMap::new();
    for pair in ATTRIBUTE.captures_iter(&found[2]) {
        let value = pair.get(2).map(|value| value.as_str()).unwrap_or_default();
        // What goes back to where it came from must stay what it is.
        let exact = matches!(&pair[1], "value" | "data-copy");
        check_text(&if exact { value.replace('\u{202e}', "") } else { value.to_owned() });
        assert!(attributes.insert(pair[1].to_owned(), value.to_owned()).is_none(), "twice in {tag}");
    }
    (found[1].to_owned(), attributes)
}

fn check_text(text: &str) {
    for (at, c) in text.char_indices() {
        assert!(c == '\n' || c == '\t' || !c.is_control(), "a control character in {text:?}");
        assert!(!matches!(c, '<' | '>' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'), "{c:?} in {text:?}");
        let is_reference = || ["&amp;", "&lt;", "&gt;", "&quot;"].iter().any(|known| text[at..].starts_with(known));
        assert!(c != '&' || is_reference(), "a bare & in {text:?}");
    }
}

#[test]
fn bad_pages_are_refused() {
    let page = |body: &str| format!("<!DOCTYPE html><html><body><h1>x</h1>{body}</body></html>");
    assert_eq!(Document::read(&page("<p class=\"a\">b &amp; c</p><br>")).elements.len(), 5);
    for bad in [
        "<p>",
        "</p>",
        "<p></b>",
        "<p>a & b</p>",
        "<p style=\"color:red\"></p>",
        "<p onclick=\"x()\"></p>",
        "<script>x()</script>",
        "<p id=\"a\"></p><p id=\"a\"></p>",
        "<p aria-labelledby=\"none\"></p>",
        "<p class=a></p>",
        "<p class=\"a\" class=\"b\"></p>",
        "<a href=\"javascript:x\"></a>",
        "<a href=\"//host/\"></a>",
        "a\u{202e}b",
        "a\u{1}b",
        "<h1>two</h1>",
    ] {
        let page = page(bad);
        assert!(std::panic::catch_unwind(|| Document::read(&page)).is_err(), "{bad}");
    }
}
