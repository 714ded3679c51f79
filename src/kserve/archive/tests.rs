use bytes::Bytes;
use ring::digest::{SHA256, digest};

use super::*;

const FORMATS: [Format; 2] = [Format::TarGz, Format::Zip];

fn member(path: &str, size: u64) -> Member {
    Member { path: path.to_owned(), size, etag: None }
}

fn content(size: u64) -> Bytes {
    (0..size).map(|at| (at.wrapping_mul(2_654_435_761) >> 24).to_le_bytes()[0]).collect()
}

/// The archive of `members`, whose content arrives in parts of `part` bytes.
fn archive(format: Format, members: &[Member], part: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut writer = Writer::begin(format, members, &mut out);
    for member in members {
        writer.header(member, &mut out);
        content(member.size).chunks(part).for_each(|part| writer.content(Bytes::copy_from_slice(part), &mut out));
        writer.end(member, &mut out);
    }
    writer.finish(&mut out);
    out.concat()
}

fn some() -> Vec<Member> {
    let mut members: Vec<_> = [0, 1, 511, 512, 513, 65_534, 65_535, 65_536, 131_070, 131_071, 200_000]
        .map(|size| member(&format!("{size:06}"), size))
        .into();
    members.extend([
        member("MLmodel", 3),
        member(&format!("{}x", "long/".repeat(40)), 0),
        member("näme with blanks", 7),
        member("日本.txt", 1),
    ]);
    members
}

#[test]
fn lengths_are_known_beforehand() {
    for format in FORMATS {
        for members in [Vec::new(), some()].into_iter().chain(some().into_iter().map(|member| vec![member])) {
            let length = archive(format, &members, 70_001).len() as u64;
            assert_eq!(format.length(&members), length, "{format:?} of {members:?}");
        }
    }
}

#[test]
fn bytes_do_not_depend_on_how_content_arrives() {
    for format in FORMATS {
        let whole = archive(format, &some(), usize::MAX);
        for part in [1000, 65_535, 65_536, 99_999] {
            assert!(archive(format, &some(), part) == whole, "{format:?} in parts of {part}");
        }
    }
}

/// Archives of a model are compared over time and between servers, so a release does not change them for nothing.
#[test]
fn bytes_stay_what_they_are() {
    for (format, expected) in [
        (Format::TarGz, "010538708cff43bb8c8b8906501b609781185d5d535e038be1f5f282c3d8d66f"),
        (Format::Zip, "0d1a6ee5ba6f8672e3a80ddfcd0bff2f58a93165c8af6d039fb600a4cd9f1030"),
    ] {
        let digest = digest(&SHA256, &archive(format, &some(), 4096));
        let hex = digest.as_ref().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        assert_eq!(hex, expected, "{format:?}");
    }
}

#[test]
fn large_members_use_64_bits() {
    let four_gib = 1_u64 << 32;
    let fits = four_gib - 2 - 5 * 65_538;
    for (size, zip_overhead) in [(fits, 30 + 1 + 16 + 46 + 1 + 22), (four_gib, 30 + 1 + 20 + 24 + 46 + 1 + 20 + 22)] {
        let length = Format::Zip.length(&[member("x", size)]);
        let blocks = size.div_ceil(65_535);
        // Behind a member of that size the directory itself is beyond 32 bits.
        let directory_end = if length > u64::from(u32::MAX) { 76 } else { 0 };
        assert_eq!(length, size + 5 * blocks + zip_overhead + directory_end, "{size}");
    }
    let tar = |size| Format::TarGz.length(&[member("x", size)]) - size - 5 * (size + 2048).div_ceil(65_535);
    assert_eq!(tar((8 << 30) - 512), 18 + 512 + 1024);
    assert_eq!(tar(8 << 30), 18 + 3 * 512 + 1024);
}

#[test]
fn names_that_are_no_names_are_refused() {
    for path in ["../x", "/x", "a/../b", "a//b", "a/./b", "a\\b", "a\0b", "..", "", "a/"] {
        assert!(check(&[member(path, 1)]).is_err(), "{path:?}");
    }
    for path in ["x", "a/b", "..a/b..", ".hidden", "a b", "C:x", "日本", "a\nb"] {
        assert!(check(&[member(path, 1)]).is_ok(), "{path:?}");
    }
}

#[test]
fn what_is_a_file_and_a_folder_is_refused() {
    let members = |paths: &[&str]| paths.iter().map(|path| member(path, 1)).collect::<Vec<_>>();
    assert!(check(&members(&["a", "a-b", "a/c"])).is_err());
    assert!(check(&members(&["a", "a-b", "a.c", "b/a"])).is_ok());
}
