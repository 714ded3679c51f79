//! The program itself, as a shell sees it.

use std::process::{Command, Output};

use crate::support::Folder;

pub(super) fn tracklet(folder: &Folder, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracklet"));
    for (variable, _) in
        std::env::vars().filter(|(name, _)| name.starts_with("MLFLOW_") || name.starts_with("TRACKLET_"))
    {
        command.env_remove(variable);
    }
    command.args(arguments).current_dir(folder.path()).output().expect("the program")
}

#[test]
fn it_ends_with_a_status_and_a_reason() {
    let folder = Folder::new();
    for (arguments, status, words) in [
        (&["--version"][..], 0, "speaks MLflow 3.18.0"),
        (&["--help"], 0, "Run the tracking server"),
        (&["server", "--help"], 0, "--backend-store-uri"),
        (&[], 2, "Usage: tracklet"),
        (&["server", "--no-such-option"], 2, "--no-such-option"),
        (&["server", "--backend-store-uri", "mysql://h/d"], 2, "--backend-store-uri"),
        (&["server", "--static-prefix", "x"], 2, "--static-prefix must begin with a '/'."),
        (&["server", "--host", "192.0.2.1", "--port", "1"], 1, "Cannot listen on 192.0.2.1:1"),
        (&["server", "--backend-store-uri", "sqlite:///no/such/folder/x.db"], 1, "no/such/folder/x.db"),
        (&["healthcheck", "--port", "1"], 1, "127.0.0.1:1"),
        (&["db", "check", "--backend-store-uri", "sqlite:///new.db"], 0, "This database is empty"),
    ] {
        let output = tracklet(&folder, arguments);
        let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}
