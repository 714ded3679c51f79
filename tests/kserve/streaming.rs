//! What a client of an archive sees when something happens in the middle of it.

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::{MLMODEL, Rig};

/// More than the buffers between server and client hold.
const WEIGHTS: u64 = 64 * 1024 * 1024;

/// A run with a model whose weights are large.
async fn large(rig: &Rig) -> (String, PathBuf) {
    let run = rig.run().await;
    rig.put(&run, "model", &[("MLmodel", MLMODEL), ("weights", b""), ("zlast", b"x")]);
    let weights = rig.folder.path().join(format!("mlartifacts/0/{run}/artifacts/model/weights"));
    File::options().write(true).open(&weights).and_then(|file| file.set_len(WEIGHTS)).expect("a sparse file");
    (format!("/kserve/runs/{run}/model.tar.gz"), weights)
}

/// Asks over HTTP/1.1 and reads the head of the answer: the announced length and the connection.
fn begin(rig: &Rig, path: &str) -> (u64, TcpStream) {
    let mut stream = TcpStream::connect(rig.server.address()).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").expect("a request");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("the head of an answer");
        head.extend(byte);
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    assert!(head.starts_with("http/1.1 200"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
    (length.parse().expect("a number"), stream)
}

/// Reads to the end of the connection, and says how many bytes came.
fn read_on(mut stream: TcpStream) -> u64 {
    let mut buffer = vec![0; 1024 * 1024];
    let mut received = 0;
    // A connection that is reset is broken off, too.
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        received += count as u64;
    }
    received
}

/// The files in `folder` that this process, which is the server, has open.
fn open_files(folder: &Path) -> usize {
    let links = fs::read_dir("/proc/self/fd").expect("the open files").flatten();
    links.filter(|link| fs::read_link(link.path()).is_ok_and(|target| target.starts_with(folder))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_changes_breaks_the_archive_off() {
    let rig = Rig::start().await;
    let (path, weights) = large(&rig).await;
    let changes: [fn(&Path); 2] = [
        |weights| {
            File::options().write(true).open(weights).and_then(|file| file.set_len(1000)).expect("a shorter file");
        },
        // The last file is not open yet.
        |weights| fs::write(weights.with_file_name("zlast"), "another").expect("a changed file"),
    ];
    for change in changes {
        let (length, stream) = begin(&rig, &path);
        change(&weights);
        let received = tokio::task::spawn_blocking(|| read_on(stream)).await.expect("an answer");
        assert!(received < length, "{received} of {length} bytes");
        File::options().write(true).open(&weights).and_then(|file| file.set_len(WEIGHTS)).expect("the file as it was");
    }
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_disappears_breaks_the_archive_off() {
    let rig = Rig::start().await;
    let (path, weights) = large(&rig).await;
    let (length, stream) = begin(&rig, &path);
    fs::remove_file(weights.with_file_name("zlast")).expect("a file less");
    let received = tokio::task::spawn_blocking(|| read_on(stream)).await.expect("an answer");
    assert!(received < length && received > WEIGHTS, "{received} of {length} bytes");
    rig.server.stop().await.expect("a clean stop");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_the_reading() {
    let rig = Rig::start().await;
    let (path, weights) = large(&rig).await;
    let folder = fs::canonicalize(weights.parent().expect("a folder")).expect("the real folder");
    let (_, stream) = begin(&rig, &path);
    until(|| open_files(&folder) == 1).await;
    drop(stream);
    until(|| open_files(&folder) == 0).await;
    rig.server.stop().await.expect("a clean stop");
}

async fn until(done: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < deadline, "it does not happen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
