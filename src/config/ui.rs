//! Which web UI is served.

use std::path::PathBuf;

/// Which web UI is served at `/`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Ui {
    /// The pages of this program.
    #[default]
    BuiltIn,
    /// MLflow's own, from this folder, without which the server does not start.
    Folder(PathBuf),
    /// MLflow's own, from the first of these folders that has it; the pages of this program if none has.
    Installed(Vec<PathBuf>),
}
