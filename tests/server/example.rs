//! The example of the README runs, and does what it says.

#[path = "../../examples/embedded.rs"]
mod embedded;

use crate::support::{Folder, start};

#[test]
fn it_runs() {
    embedded::main().expect("a run without an error");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_reads_what_it_logged() {
    let folder = Folder::new();
    let server = start(&folder, |_| {}).await;
    let address = server.address();
    let metric = tokio::task::spawn_blocking(move || embedded::log_and_read(address)).await.expect("the task");
    assert_eq!(metric.expect("an answer"), 0.93);
    server.stop().await.expect("a clean stop");
}
