//! The files that AWS's own programs keep keys in.

use std::collections::HashMap;
use std::path::PathBuf;

/// The chosen profile of the shared credentials and configuration files. Static keys and the region only: no roles, no
/// single sign-on, no processes.
pub(super) struct Profile(HashMap<String, String>);

impl Profile {
    pub(super) fn read(env: &impl Fn(&str) -> Option<String>) -> Self {
        let home = env("HOME").map(PathBuf::from).unwrap_or_default();
        let file =
            |variable: &str, name: &str| env(variable).map_or_else(|| home.join(".aws").join(name), PathBuf::from);
        let name = env("AWS_PROFILE").or_else(|| env("AWS_DEFAULT_PROFILE")).unwrap_or_else(|| "default".to_owned());
        let mut values = HashMap::new();
        for (path, sections) in [
            (file("AWS_CONFIG_FILE", "config"), [format!("profile {name}"), name.clone()]),
            (file("AWS_SHARED_CREDENTIALS_FILE", "credentials"), [name.clone(), name.clone()]),
        ] {
            // Neither file has to exist.
            let text = std::fs::read_to_string(path).unwrap_or_default();
            values.extend(section(&text, &sections));
        }
        Self(values)
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).filter(|value| !value.is_empty()).cloned()
    }
}

fn section(text: &str, names: &[String]) -> HashMap<String, String> {
    let mut values = HashMap::new();
    let mut inside = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with(['#', ';'])) {
        if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            inside = names.iter().any(|wanted| wanted == name.trim());
        } else if let Some((key, value)) = line.split_once('=').filter(|_| inside) {
            values.insert(key.trim().to_lowercase(), value.trim().to_owned());
        }
    }
    values
}
