//! The project's own files, for tests that hold it to its rules.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The project's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project.
pub(crate) fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The files below a folder of the project that end in `ending`, as paths from the root, sorted.
pub(crate) fn files(folder: &str, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![PathBuf::from(folder)];
    while let Some(path) = left.pop() {
        for entry in fs::read_dir(root().join(&path)).unwrap_or_else(|error| panic!("{}: {error}", path.display())) {
            let entry = entry.expect("an entry");
            let path = path.join(entry.file_name());
            if entry.path().is_dir() {
                left.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                found.push(path.to_string_lossy().into_owned());
            }
        }
    }
    found.sort();
    found
}

/// A source file without its tests and comments.
pub(crate) struct Source {
    /// The path below `src`, without `.rs`: `runs/store`.
    pub(crate) name: String,
    /// What is compiled into the program.
    pub(crate) code: String,
    /// The lines of all of it.
    pub(crate) lines: usize,
}

impl Source {
    /// The top-level module: `runs` of `runs/store`.
    pub(crate) fn module(&self) -> &str {
        self.name.split('/').next().unwrap_or_default()
    }

    /// The last part of the name: `store` of `runs/store`.
    pub(crate) fn file(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or_default()
    }

    /// Every path below `crate::` that the file names, the groups in braces spelled out one level deep.
    pub(crate) fn crate_paths(&self) -> Vec<String> {
        let path = Regex::new(r"crate::(?:\{([^;]*)\}|([a-z_]+(?:::[a-z_]+)?))").expect("a pattern");
        let member = Regex::new(r"^\s*([a-z_]+(?:::[a-z_]+)?)").expect("a pattern");
        let mut found = Vec::new();
        for captures in path.captures_iter(&self.code) {
            match (captures.get(1), captures.get(2)) {
                (Some(group), _) => found.extend(
                    split_group(group.as_str())
                        .filter_map(|part| Some(member.captures(part)?.get(1)?.as_str().to_owned())),
                ),
                (None, Some(single)) => found.push(single.as_str().to_owned()),
                (None, None) => {}
            }
        }
        found
    }
}

/// Cuts `a, b::{c, d}, e` at the outer commas.
fn split_group(group: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_i32;
    group.split(move |c| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    })
}

/// Everything below `src` that is not a test.
pub(crate) fn sources() -> Vec<Source> {
    let files = files("src", ".rs");
    let texts: Vec<(&String, String)> = files.iter().map(|path| (path, read(path))).collect();
    let excluded = test_modules(&texts);
    let is_test = |name: &str| excluded.iter().any(|test| name == test || name.starts_with(&format!("{test}/")));
    texts
        .iter()
        .map(|(path, text)| (module_path(path), text))
        .filter(|(name, _)| !is_test(name))
        .map(|(name, text)| Source { name, code: without_tests_and_comments(text), lines: text.lines().count() })
        .collect()
}

/// The modules that exist in tests alone, because their declaration says so.
fn test_modules(texts: &[(&String, String)]) -> Vec<String> {
    let declaration = Regex::new(r"#\[cfg\(test\)\]\s*(?:pub(?:\([a-z]+\))? )?mod ([a-z0-9_]+);").expect("a pattern");
    let below = |path: &str, module: &str| format!("{}/{module}", path.trim_end_matches("/mod"));
    texts
        .iter()
        .flat_map(|(path, text)| {
            let parent = module_path(path);
            declaration.captures_iter(text).map(|found| below(&parent, &found[1])).collect::<Vec<_>>()
        })
        .collect()
}

fn module_path(path: &str) -> String {
    path.trim_start_matches("src/").trim_end_matches(".rs").to_owned()
}

/// Unit tests stand at the end of their file, below `#[cfg(test)]` and `mod`.
fn without_tests_and_comments(text: &str) -> String {
    let tests = Regex::new(r"#\[cfg\(test\)\]\s*mod [a-z_]+ \{").expect("a pattern");
    let end = tests.find(text).map_or(text.len(), |found| found.start());
    let code = text[..end].lines().filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<Vec<_>>().join("\n")
}

#[test]
fn sources_are_read_without_their_tests() {
    let text = "//! Doc.\nuse crate::{a::b, c::{d, e}, f};\nuse crate::g::h;\nfn x() {} // crate\n#[cfg(test)]\nmod tests {\n    use crate::z;\n}\n";
    let source = Source { name: "runs/store".into(), code: without_tests_and_comments(text), lines: 1 };
    assert_eq!(source.crate_paths(), ["a::b", "c", "f", "g::h"]);
    assert_eq!((source.module(), source.file()), ("runs", "store"));
}
