//! Places on this machine's disk, as they really are once links are followed.

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use crate::types::pyurl::{split, unquote};
use crate::types::uri::absolute;

/// As many links as Linux follows in one path.
const MAX_LINKS: usize = 40;

/// Whether the local `source` is the folder `root` or below it, links followed. What does not exist yet counts as what
/// its name says.
pub(super) fn is_within(source: &str, root: &str) -> bool {
    let real =
        |place: &str| Some(place_of(place)).filter(|path| !path.contains('\0')).and_then(|path| real_path(&path));
    match (real(source), real(root)) {
        (Some(source), Some(root)) => source.starts_with(root),
        _ => false,
    }
}

/// The path that a local source means. MLflow takes only `file:` in small letters for a URI and everything else for a
/// path, and so must we: the text that is checked here is what clients open later.
fn place_of(source: &str) -> String {
    match split(source).filter(|_| source.starts_with("file:")) {
        Some(parts) => unquote(&parts.path),
        None => unquote(source),
    }
}

/// The path without links, `.` and `..`; it need not exist. `None` if links lead in a circle.
fn real_path(path: &str) -> Option<PathBuf> {
    // The rest of the way, the next step last.
    let mut rest = steps(&absolute(path));
    let mut real = PathBuf::from("/");
    let mut links = 0;
    while let Some(step) = rest.pop() {
        if step == ".." {
            real.pop();
            continue;
        }
        let next = real.join(&step);
        let Ok(target) = std::fs::read_link(&next) else {
            real = next;
            continue;
        };
        links += 1;
        if links > MAX_LINKS {
            return None;
        }
        if target.is_absolute() {
            real = PathBuf::from("/");
        }
        rest.extend(steps(&target));
    }
    Some(real)
}

fn steps(path: &Path) -> Vec<OsString> {
    let step = |component: Component| match component {
        Component::Normal(name) => Some(name.to_owned()),
        Component::ParentDir => Some(OsString::from("..")),
        _ => None,
    };
    path.components().rev().filter_map(step).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn what_only_seems_to_be_inside_is_not() {
        let base = std::env::temp_dir().join(format!("tracklet-source-{}", uuid::Uuid::new_v4().simple()));
        let run = base.join("real/run/artifacts");
        fs::create_dir_all(run.join("model")).unwrap();
        fs::create_dir_all(base.join("real/run/secret")).unwrap();
        symlink("real", base.join("link")).unwrap();
        symlink("../secret", run.join("out")).unwrap();
        symlink("model", run.join("in")).unwrap();
        symlink("/", run.join("root")).unwrap();
        symlink("circle", run.join("circle")).unwrap();
        let table = [
            ("", true),
            ("/", true),
            ("/model", true),
            ("/none/yet", true),
            ("/./model//x/", true),
            ("/model/../model", true),
            ("/model/../../artifacts", true),
            ("/in/x", true),
            ("/%252e%252e/x", true),
            ("/..x", true),
            ("/..", false),
            ("/../artifacts2", false),
            ("/model/../../../x", false),
            ("/%2e%2e/x", false),
            ("/out", false),
            ("/out/../artifacts", true),
            ("/in/../../secret", false),
            ("/root/etc/passwd", false),
            ("/circle", false),
            ("/a%00b", false),
            ("2", false),
        ];
        for parent in ["real", "link"] {
            let root = base.join(parent).join("run/artifacts").display().to_string();
            for (rest, expected) in table {
                for place in ["real", "link"] {
                    let source = format!("{}{rest}", base.join(place).join("run/artifacts").display());
                    assert_eq!(is_within(&source, &root), expected, "{source} in {root}");
                    assert_eq!(is_within(&format!("file://{source}"), &root), expected, "file://{source} in {root}");
                    assert_eq!(is_within(&source, &format!("file://localhost{root}")), expected, "{source}");
                    assert!(!is_within(&format!("FILE://{source}"), &root), "{source}");
                }
            }
        }
        fs::remove_dir_all(base).unwrap();
    }
}
