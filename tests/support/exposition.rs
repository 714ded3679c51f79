//! What a server tells Prometheus, read as Prometheus reads it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use regex::Regex;

use super::http::{Answer, get};

/// The samples of one scrape.
pub(crate) struct Exposition {
    /// The kind of each family.
    pub(crate) kinds: BTreeMap<String, String>,
    samples: Vec<(String, BTreeSet<(String, String)>, f64)>,
}

impl Exposition {
    pub(crate) async fn of(address: SocketAddr) -> Self {
        Self::read(&get(address, "/metrics").await)
    }

    /// Fails on anything that is not a help, a type or a sample of a family with both.
    pub(crate) fn read(answer: &Answer) -> Self {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.header("content-type").as_deref(), Some("text/plain; version=0.0.4"));
        let sample = Regex::new(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$").expect("a pattern");
        let label = Regex::new(r#"([a-z_]+)="((?:[^"\\]|\\.)*)""#).expect("a pattern");
        let (mut helped, mut kinds, mut samples) = (BTreeSet::new(), BTreeMap::new(), Vec::new());
        for line in answer.body.lines() {
            if let Some((name, help)) = line.strip_prefix("# HELP ").and_then(|rest| rest.split_once(' ')) {
                assert!(help.len() > 4 && helped.insert(name.to_owned()), "{line}");
            } else if let Some((name, kind)) = line.strip_prefix("# TYPE ").and_then(|rest| rest.split_once(' ')) {
                assert!(helped.contains(name) && kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else {
                let parts = sample.captures(line).unwrap_or_else(|| panic!("no sample: {line}"));
                let text = |at: usize| parts.get(at).map_or("", |part| part.as_str());
                let family = ["_bucket", "_sum", "_count", ""]
                    .iter()
                    .any(|end| text(1).strip_suffix(end).is_some_and(|family| kinds.contains_key(family)));
                assert!(family, "of no family: {line}");
                let labels = label.captures_iter(text(2)).map(|found| (found[1].to_owned(), found[2].to_owned()));
                let value = text(3).replace("+Inf", "inf").parse().expect("a number");
                samples.push((text(1).to_owned(), labels.collect(), value));
            }
        }
        Self { kinds, samples }
    }

    /// The sum of the samples with this name that have at least these labels; `None` if there are none.
    pub(crate) fn value(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let has = |found: &BTreeSet<(String, String)>| {
            labels.iter().all(|(label, value)| found.contains(&((*label).to_owned(), (*value).to_owned())))
        };
        let fitting = self.samples.iter().filter(|(found, with, _)| found == name && has(with));
        let values: Vec<f64> = fitting.map(|(.., value)| *value).collect();
        (!values.is_empty()).then(|| values.iter().sum())
    }

    /// The values that a label has anywhere.
    pub(crate) fn values_of(&self, label: &str) -> BTreeSet<&str> {
        let labels = self.samples.iter().flat_map(|(_, labels, _)| labels);
        labels.filter(|(name, _)| name == label).map(|(_, value)| value.as_str()).collect()
    }
}
