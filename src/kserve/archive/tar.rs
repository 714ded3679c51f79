//! The blocks of a tar archive: POSIX `ustar`, with a PAX record where its fields are too small.

use super::Member;

/// Everything in a tar archive fills blocks of so many bytes.
const BLOCK: u64 = 512;
/// Bytes of the name field.
const MAX_NAME: usize = 100;
/// The largest number that eleven octal digits hold.
const MAX_SIZE: u64 = 0o777_7777_7777;
/// The two empty blocks after the last member.
pub(super) const END: [u8; 1024] = [0; 1024];

/// What precedes a member's content.
pub(super) fn header(member: &Member) -> Vec<u8> {
    let mut header = Vec::new();
    let (name, size) = (plain(&member.path), member.size);
    let records = pax_records(member);
    if !records.is_empty() {
        let length = records.len() as u64;
        header.extend(block(&format!("PaxHeaders/{name}"), length, b'x'));
        header.extend(records.as_bytes());
        header.extend(std::iter::repeat_n(0, padding(length)));
    }
    header.extend(block(&name, if size > MAX_SIZE { 0 } else { size }, b'0'));
    header
}

/// Zeros that follow `size` bytes of content.
pub(super) fn padding(size: u64) -> usize {
    // Less than a block.
    usize::try_from(size.next_multiple_of(BLOCK) - size).unwrap_or_default()
}

/// What the fields of a `ustar` header cannot say.
fn pax_records(member: &Member) -> String {
    let mut records = String::new();
    if member.path.len() > MAX_NAME || !member.path.is_ascii() {
        records += &pax_record("path", &member.path);
    }
    if member.size > MAX_SIZE {
        records += &pax_record("size", &member.size.to_string());
    }
    records
}

/// `LENGTH KEY=VALUE`, where the length counts its own digits.
fn pax_record(key: &str, value: &str) -> String {
    let rest = format!(" {key}={value}\n");
    let digits = |length: usize| length.to_string().len();
    let mut length = rest.len() + digits(rest.len());
    if digits(length) != digits(rest.len()) {
        length = rest.len() + digits(length);
    }
    format!("{length}{rest}")
}

/// The name for programs that know no PAX.
fn plain(path: &str) -> String {
    path.chars().map(|c| if c.is_ascii() { c } else { '_' }).take(MAX_NAME).collect()
}

/// A header: mode 0644, owner 0 without a name, the epoch as its time.
fn block(name: &str, size: u64, kind: u8) -> Vec<u8> {
    let mut block = Vec::with_capacity(512);
    block.extend(name.bytes().take(MAX_NAME));
    block.resize(MAX_NAME, 0);
    block.extend(b"0000644\x000000000\x000000000\x00");
    block.extend(format!("{size:011o}\0").bytes());
    block.extend(b"00000000000\x00");
    let before_checksum = block.len();
    let mut rest = vec![kind];
    rest.resize(1 + MAX_NAME, 0);
    rest.extend(b"ustar\x0000");
    rest.resize(rest.len() + 64, 0);
    rest.extend(b"0000000\x000000000\x00");
    rest.resize(512 - before_checksum - 8, 0);
    // The checksum counts its own eight bytes as blanks.
    let sum = block.iter().chain(&rest).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * u32::from(b' ');
    block.extend(format!("{sum:06o}\0 ").bytes());
    block.extend(rest);
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pax_records_count_themselves() {
        for length in 0..1200 {
            let record = pax_record("path", &"x".repeat(length));
            let (counted, _) = record.split_once(' ').unwrap();
            assert_eq!(counted.parse(), Ok(record.len()), "{record}");
        }
    }

    #[test]
    fn headers_fill_blocks() {
        let table = [
            ("MLmodel".to_owned(), 3, 1),
            ("n".repeat(100), 3, 1),
            ("n".repeat(101), 3, 3),
            ("n".repeat(900), 3, 4),
            ("é".to_owned(), 3, 3),
            ("x".to_owned(), MAX_SIZE, 1),
            ("x".to_owned(), MAX_SIZE + 1, 3),
        ];
        for (path, size, blocks) in table {
            let header = header(&Member { path: path.clone(), size, etag: None });
            assert_eq!(header.len(), blocks * 512, "{path}");
            assert!(header.windows(8).any(|window| window == b"ustar\x0000"), "{path}");
        }
    }
}
