//! pip's configuration files, as far as they say where packages come from.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::vars::Vars;

/// Sections that are read; what a later one says counts for more.
const SECTIONS: [&str; 2] = ["global", "install"];

/// The settings by name, in pip's own spelling.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct PipConf(HashMap<String, String>);

impl PipConf {
    /// Reads the files that pip would. What a later one says counts for more; one that cannot be read says nothing.
    pub(super) fn read(vars: &Vars) -> Self {
        let texts = files(vars).into_iter().filter_map(|path| fs::read_to_string(path).ok());
        Self(texts.flat_map(|text| settings(&text)).collect())
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// The system's, the user's, the environment's and the one that a variable names, which switches all off if it is
/// `/dev/null`.
fn files(vars: &Vars) -> Vec<PathBuf> {
    let named = vars.text("PIP_CONFIG_FILE").map(PathBuf::from);
    if named.as_deref() == Some(Path::new("/dev/null")) {
        return Vec::new();
    }
    let home = vars.text("HOME").map(PathBuf::from);
    let own = vars.text("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| Some(home.as_ref()?.join(".config")));
    [
        Some(PathBuf::from("/etc/xdg/pip/pip.conf")),
        Some(PathBuf::from("/etc/pip.conf")),
        home.map(|home| home.join(".pip/pip.conf")),
        own.map(|own| own.join("pip/pip.conf")),
        vars.text("VIRTUAL_ENV").map(|folder| Path::new(&folder).join("pip.conf")),
        named,
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Names and values of an INI file. A line that is indented goes on with the value before it.
fn settings(text: &str) -> Vec<(String, String)> {
    let mut found: Vec<(usize, String, String)> = Vec::new();
    let mut section = None;
    for line in text.lines().filter(|line| !line.trim_start().starts_with(['#', ';']) && !line.trim().is_empty()) {
        if let Some(name) = line.trim().strip_prefix('[').and_then(|name| name.strip_suffix(']')) {
            section = SECTIONS.iter().position(|known| *known == name);
        } else if let (true, Some((.., value))) = (line.starts_with([' ', '\t']), found.last_mut()) {
            if section.is_some() {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else if let (Some(section), Some((name, value))) = (section, line.split_once(['=', ':'])) {
            let name = name.trim().to_ascii_lowercase().replace('_', "-");
            found.push((section, name, value.trim().to_owned()));
        }
    }
    found.sort_by_key(|(section, ..)| *section);
    found.into_iter().map(|(_, name, value)| (name, value.trim().to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_read_as_pip_reads_them() {
        for (text, expected) in [
            ("", &[][..]),
            ("index-url = http://outside", &[]),
            ("[global]\nindex-url = https://u:p@h:1/simple?a=b\n", &[("index-url", "https://u:p@h:1/simple?a=b")]),
            ("[global]\n# index-url = x\n;index-url = y\nINDEX_URL: http://h\n", &[("index-url", "http://h")]),
            ("[download]\nindex-url = x\n[list]\nformat = columns", &[]),
            ("[install]\nindex-url = b\n[global]\nindex-url = a\n", &[("index-url", "a"), ("index-url", "b")]),
            ("[global]\ntrusted-host =\n    a\n\n    b:1\n[list]\n    c\n", &[("trusted-host", "a b:1")]),
        ] {
            let found = settings(text);
            let found: Vec<_> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn files_are_looked_for_where_pip_does() {
        let found = |pairs: &[(&str, &str)]| {
            let env = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
            let paths = files(&Vars(&env));
            paths.iter().skip(2).map(|path| path.to_string_lossy().into_owned()).collect::<Vec<_>>()
        };
        assert_eq!(found(&[]), [""; 0]);
        assert_eq!(found(&[("HOME", "/h")]), ["/h/.pip/pip.conf", "/h/.config/pip/pip.conf"]);
        assert_eq!(
            found(&[("XDG_CONFIG_HOME", "/c"), ("VIRTUAL_ENV", "/v"), ("PIP_CONFIG_FILE", "/p")]),
            ["/c/pip/pip.conf", "/v/pip.conf", "/p"]
        );
        assert_eq!(found(&[("HOME", "/h"), ("PIP_CONFIG_FILE", "/dev/null")]), [""; 0]);
    }
}
