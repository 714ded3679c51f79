//! Every dependency that is built may be used under a licence of `deny.toml`. Needs no network: cargo has read
//! the manifests already.

use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::support::sources::{read, root};

#[test]
fn every_dependency_has_an_allowed_licence() {
    let allowed = allowed(&read("deny.toml"));
    let packages = packages();
    assert!(packages.len() > 100, "the dependencies were not found");
    let refused: Vec<_> = packages.iter().filter(|(_, licence)| !is_allowed(licence, &allowed)).collect();
    assert!(refused.is_empty(), "not covered by `allow` in deny.toml: {refused:#?}");
}

/// A licence that no dependency needs any more would let in what nobody decided on.
#[test]
fn every_allowed_licence_is_needed() {
    let allowed = allowed(&read("deny.toml"));
    let packages = packages();
    for licence in &allowed {
        assert!(packages.iter().any(|(_, expression)| expression.contains(licence)), "nothing is under {licence}");
    }
}

/// The strings of `allow = [ … ]` below `[licenses]`.
fn allowed(deny: &str) -> Vec<String> {
    let list = Regex::new(r"(?s)\[licenses\].*?\nallow = \[(.*?)\]").expect("a pattern");
    let entry = Regex::new("\"([^\"]+)\"").expect("a pattern");
    let list = list.captures(deny).expect("the list of licences");
    entry.captures_iter(&list[1]).map(|found| found[1].to_owned()).collect()
}

/// The name and licence of every package that a build for this machine takes in.
fn packages() -> Vec<(String, String)> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(&cargo)
        .args(["metadata", "--offline", "--locked", "--format-version", "1", "--filter-platform", &host()])
        .current_dir(root())
        .output()
        .expect("cargo metadata");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let packages = metadata["packages"].as_array().expect("packages");
    let text = |package: &Value, key: &str| package[key].as_str().unwrap_or_default().to_owned();
    packages.iter().map(|package| (text(package, "name"), text(package, "license"))).collect()
}

/// The platform that this test was built for, as cargo spells it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("a host").to_owned()
}

/// Whether an SPDX expression (or `A/B`, an older way to write OR) can be met with the allowed licences alone.
fn is_allowed(expression: &str, allowed: &[String]) -> bool {
    let tokens = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = tokens.split_whitespace().collect();
    let (met, rest) = either(&tokens, allowed);
    met && rest.is_empty()
}

fn either<'a>(tokens: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = both(tokens, allowed);
    while let Some((&"OR", after)) = rest.split_first() {
        let (other, left) = both(after, allowed);
        (met, rest) = (met | other, left);
    }
    (met, rest)
}

fn both<'a>(tokens: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    let (mut met, mut rest) = one(tokens, allowed);
    while let Some((&"AND", after)) = rest.split_first() {
        let (other, left) = one(after, allowed);
        (met, rest) = (met & other, left);
    }
    (met, rest)
}

fn one<'a>(tokens: &'a [&'a str], allowed: &[String]) -> (bool, &'a [&'a str]) {
    match tokens {
        ["(", inner @ ..] => match either(inner, allowed) {
            (met, [")", rest @ ..]) => (met, rest),
            (_, rest) => (false, rest),
        },
        [licence, "WITH", exception, rest @ ..] => (allowed.contains(&format!("{licence} WITH {exception}")), rest),
        [licence, rest @ ..] => (allowed.iter().any(|allowed| allowed == licence), rest),
        [] => (false, tokens),
    }
}

#[test]
fn expressions_are_understood() {
    let allowed = ["MIT".to_owned(), "Apache-2.0".to_owned(), "X WITH Y".to_owned()];
    for (expression, expected) in [
        ("MIT", true),
        ("GPL-3.0", false),
        ("", false),
        ("GPL-3.0 OR MIT", true),
        ("MIT/GPL-3.0", true),
        ("MIT AND GPL-3.0", false),
        ("(GPL-3.0 OR MIT) AND Apache-2.0", true),
        ("(GPL-3.0 OR MIT) AND ISC", false),
        ("ISC OR MIT AND Apache-2.0", true),
        ("X WITH Y", true),
        ("MIT WITH Y", false),
        ("MIT GPL-3.0", false),
        ("(MIT", false),
    ] {
        assert_eq!(is_allowed(expression, &allowed), expected, "{expression:?}");
    }
}
