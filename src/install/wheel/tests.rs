use std::io::Write;
use std::path::PathBuf;

use flate2::Compression;
use flate2::bufread::GzDecoder;
use flate2::write::DeflateEncoder;
use uuid::Uuid;

use super::*;

const METADATA: &str = "mlflow-3.18.0.dist-info/METADATA";

/// A member of an archive, which may lie about itself.
struct Member {
    name: String,
    method: u16,
    data: Vec<u8>,
    size: u32,
    crc: u32,
}

fn stored(name: &str, content: &str) -> Member {
    let crc = crc32fast::hash(content.as_bytes());
    let size = u32::try_from(content.len()).unwrap();
    Member { name: name.to_owned(), method: 0, data: content.into(), size, crc }
}

fn deflated(name: &str, content: &str) -> Member {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_bytes()).unwrap();
    Member { method: 8, data: encoder.finish().unwrap(), ..stored(name, content) }
}

fn archive(members: &[Member]) -> Vec<u8> {
    let (mut bytes, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let length = u32::try_from(member.data.len()).unwrap();
        let offset = u32::try_from(bytes.len()).unwrap();
        let mut common = vec![20, 0, 0, 0];
        common.extend(member.method.to_le_bytes());
        common.extend([0, 0, 0x21, 0]);
        for number in [member.crc, length, member.size] {
            common.extend(number.to_le_bytes());
        }
        common.extend(u16::try_from(member.name.len()).unwrap().to_le_bytes());
        common.extend([0, 0]);
        bytes.extend([&b"PK\x03\x04"[..], &common, member.name.as_bytes(), &member.data].concat());
        directory.extend([&b"PK\x01\x02\x14\x00"[..], &common, &[0; 10], &offset.to_le_bytes()].concat());
        directory.extend(member.name.as_bytes());
    }
    let count = u16::try_from(members.len()).unwrap().to_le_bytes();
    let (length, offset) = (u32::try_from(directory.len()).unwrap(), u32::try_from(bytes.len()).unwrap());
    bytes.extend(directory);
    bytes.extend(
        [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &length.to_le_bytes(), &offset.to_le_bytes(), &[0; 2]].concat(),
    );
    bytes
}

/// A wheel of MLflow with these members.
fn wheel(mut members: Vec<Member>) -> Vec<u8> {
    members.push(stored(METADATA, "Name: mlflow"));
    archive(&members)
}

/// A folder that is removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("tracklet-wheel-{}", Uuid::new_v4().simple()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn unpack(bytes: &[u8], folder: &Path) -> Result<(usize, u64)> {
    Wheel::open(bytes)?.unpack(folder)
}

#[test]
fn only_the_web_ui_is_unpacked() {
    let long = "let a = 1;\n".repeat(1000);
    let bytes = wheel(vec![
        stored("mlflow/server/js/build/", ""),
        stored("mlflow/server/js/build/index.html", "<html>"),
        deflated("mlflow/server/js/build/static/js/main.js", &long),
        deflated("mlflow/server/js/build/static/media/logo.png", &long),
        stored("mlflow/server/js/build/static/js/stored.js", &long),
        deflated("mlflow/server/js/build/static/js/short.js", "x"),
        stored("mlflow/server/js/builder.txt", "no"),
        stored("mlflow/__init__.py", "no"),
        stored("../outside", "no"),
    ]);
    let scratch = Scratch::new();
    assert_eq!(Wheel::open(&bytes).unwrap().version(), "3.18.0");
    assert_eq!(unpack(&bytes, &scratch.0), Ok((5, 6 + 3 * long.len() as u64 + 1)));
    let read = |path: &str| fs::read(scratch.0.join(path)).ok();
    assert_eq!(read("static/js/main.js"), Some(long.clone().into_bytes()));
    assert_eq!(read("index.html"), Some(b"<html>".to_vec()));
    let mut twin = String::new();
    GzDecoder::new(read("static/js/main.js.gz").unwrap().as_slice()).read_to_string(&mut twin).unwrap();
    assert!(twin == long, "the twin holds something else");
    for path in ["static/media/logo.png.gz", "static/js/stored.js.gz", "static/js/short.js.gz", "index.html.gz"] {
        assert_eq!(read(path), None, "{path}");
    }
    assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 2);
}

#[test]
fn what_is_no_wheel_is_refused() {
    let whole = wheel(vec![stored("mlflow/server/js/build/index.html", "<html>")]);
    let half = whole.split_at(whole.len() / 2).0;
    for (bytes, part) in [
        (&b""[..], "this is no wheel"),
        (b"<html>Log in</html>", "this is no wheel"),
        (half, "it is cut off"),
        (&archive(&[stored("a.txt", "a")]), "a zip archive and no wheel"),
        (&archive(&[stored("x/mlflow-1.dist-info/METADATA", "")]), "a zip archive and no wheel"),
        (&archive(&[stored("mlflow_skinny-3.18.0.dist-info/METADATA", "")]), "a wheel of mlflow_skinny"),
        (&wheel(vec![stored("mlflow/__init__.py", "")]), "has no web UI"),
    ] {
        let scratch = Scratch::new();
        let refusal = unpack(bytes, &scratch.0).unwrap_err().to_string();
        assert!(refusal.contains(part), "{refusal}");
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 0, "{refusal}");
    }
}

#[test]
fn what_does_not_belong_into_a_wheel_is_refused() {
    let ui = |name: &str| format!("{UI}{name}");
    let mut unsafe_names: Vec<_> = ["../x", "a/../../x", "/x", "a//x", "./x", ".hidden", "a\\x", "a\nx"]
        .iter()
        .map(|name| (vec![stored(&ui(name), "x")], "no safe name"))
        .collect();
    let long = stored(&ui(&"x".repeat(256)), "x");
    let with = |change: fn(&mut Member)| {
        let mut member = deflated(&ui("main.js"), &"content".repeat(100));
        change(&mut member);
        vec![member]
    };
    unsafe_names.extend([
        (vec![long], "no safe name"),
        (vec![stored(&ui("x"), "1"), stored(&ui("x"), "2")], "exists"),
        (vec![stored(&ui("x"), "1"), stored(&ui("x/y"), "2")], "x"),
        (with(|member| member.crc ^= 1), "damaged"),
        (with(|member| member.size -= 1), "damaged"),
        (with(|member| member.size += 1), "damaged"),
        (with(|member| member.data.truncate(9)), "damaged"),
        (with(|member| member.data = vec![0xff; 20]), "damaged"),
        (with(|member| member.size = u32::MAX - 1), "more than a file of a web UI has"),
        (with(|member| member.method = 12), "compressed in a way that wheels are not"),
    ]);
    for (members, part) in unsafe_names {
        let name = members.first().unwrap().name.clone();
        let scratch = Scratch::new();
        let inner = scratch.0.join("inner");
        fs::create_dir(&inner).unwrap();
        let refusal = unpack(&wheel(members), &inner).unwrap_err().to_string();
        assert!(refusal.contains(part), "{name:?}: {refusal}");
        assert_eq!(fs::read_dir(&scratch.0).unwrap().count(), 1, "{name:?}: something left the folder");
    }
}

/// Any cut, and any byte that is another one, is a sentence or leaves no trace in what is unpacked.
#[test]
fn damage_is_noticed() {
    let content = "some content, ".repeat(40);
    let whole = wheel(vec![deflated(&format!("{UI}index.html"), &content)]);
    for length in 0..whole.len() {
        let scratch = Scratch::new();
        assert!(unpack(whole.split_at(length).0, &scratch.0).is_err(), "cut to {length} bytes");
    }
    for at in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        let scratch = Scratch::new();
        if unpack(&bytes, &scratch.0).is_ok() {
            let found = fs::read(scratch.0.join("index.html"));
            assert!(
                found.is_ok_and(|found| found == content.as_bytes()) || !scratch.0.join("index.html").exists(),
                "byte {at}"
            );
        }
    }
}
