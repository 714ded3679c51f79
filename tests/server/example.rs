//! The example of the README runs, and does what it says.

use std::process::Command;

use crate::support::sources::root;

#[test]
fn the_embedded_example_logs_a_metric() {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["run", "--offline", "--locked", "--quiet", "--example", "embedded"])
        .current_dir(root())
        .output()
        .expect("cargo run");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("mlflow.set_tracking_uri(\"http://127.0.0.1:"), "{said}");
    assert_eq!(said.lines().last(), Some("accuracy is 0.93"));
}
