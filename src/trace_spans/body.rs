//! The body of a request, unpacked within a bound.

use std::io::{self, Read, Write};

use bytes::Bytes;
use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};

/// Longest body in bytes, packed and unpacked: a small one that unpacks to a huge one is refused on the way.
pub const MAX_BODY: usize = 64 * 1024 * 1024;

/// Why a body is not read.
#[derive(Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// It is packed in a way that nobody here knows.
    Encoding(String),
    /// It is not what it says to be packed as.
    Damaged(&'static str),
    /// It is longer than [`MAX_BODY`].
    TooLong,
    /// There is more in it than [`super::bulk::MOST`].
    TooMuch,
}

/// The length of a body once it is unpacked by its `Content-Encoding`; takes no memory.
///
/// # Errors
///
/// The body is damaged, too long, or packed otherwise than by gzip, zlib or plain deflate.
pub fn length(body: &[u8], encoding: Option<&str>) -> Result<usize, Unreadable> {
    if encoding.unwrap_or_default().is_empty() { Ok(body.len()) } else { unpack_to(&mut io::sink(), body, encoding) }
}

/// Unpacks a body of a [`length`] that is known.
///
/// # Errors
///
/// As for its length.
pub fn unpack(body: Bytes, encoding: Option<&str>, length: usize) -> Result<Bytes, Unreadable> {
    if encoding.unwrap_or_default().is_empty() {
        return Ok(body);
    }
    let mut unpacked = Vec::with_capacity(length);
    unpack_to(&mut unpacked, &body, encoding)?;
    Ok(unpacked.into())
}

fn unpack_to(out: &mut impl Write, body: &[u8], encoding: Option<&str>) -> Result<usize, Unreadable> {
    let encoding = encoding.unwrap_or_default().to_lowercase();
    match encoding.as_str() {
        "gzip" => gunzip(out, body),
        // Some clients leave the frame out.
        "deflate" if copy(&mut ZlibDecoder::new(body), &mut io::sink(), 0) == Err(None) => {
            named("deflate", copy(&mut DeflateDecoder::new(body), out, 0))
        }
        "deflate" => named("deflate", copy(&mut ZlibDecoder::new(body), out, 0)),
        _ => Err(Unreadable::Encoding(encoding)),
    }
}

/// One archive after another; zeros may follow each.
fn gunzip(out: &mut impl Write, mut body: &[u8]) -> Result<usize, Unreadable> {
    let mut unpacked = 0;
    while !body.is_empty() {
        let mut archive = GzDecoder::new(body);
        unpacked = named("gzip", copy(&mut archive, out, unpacked))?;
        body = archive.into_inner();
        body = body.get(body.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    }
    Ok(unpacked)
}

fn named<T>(encoding: &'static str, result: Result<T, Option<Unreadable>>) -> Result<T, Unreadable> {
    result.map_err(|why| why.unwrap_or(Unreadable::Damaged(encoding)))
}

/// Copies what is unpacked behind so many bytes. How many there are then; `None` is damage.
fn copy(reader: &mut impl Read, out: &mut impl Write, before: usize) -> Result<usize, Option<Unreadable>> {
    let left = u64::try_from(MAX_BODY - before).unwrap_or_default();
    let copied = io::copy(&mut reader.take(left + 1), out).map_err(|_| None)?;
    if copied > left {
        return Err(Some(Unreadable::TooLong));
    }
    Ok(before + usize::try_from(copied).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = GzEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn zlib(bytes: &[u8]) -> Vec<u8> {
        let mut out = ZlibEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    fn deflate(bytes: &[u8]) -> Vec<u8> {
        let mut out = DeflateEncoder::new(Vec::new(), Compression::fast());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    /// An encoding, a body, and what it unpacks to.
    type Case = (&'static str, Vec<u8>, Option<&'static [u8]>);

    /// What `mlflow server` 3.18.0 says to the same bodies.
    #[test]
    fn bodies() {
        let (one, cut) = (gzip(b"abc"), |bytes: Vec<u8>| bytes[..bytes.len() - 3].to_vec());
        let cases: [Case; 16] = [
            ("", b"abc".to_vec(), Some(b"abc")),
            ("gzip", one.clone(), Some(b"abc")),
            ("GZIP", one.clone(), Some(b"abc")),
            ("gzip", [one.clone(), gzip(b"d")].concat(), Some(b"abcd")),
            ("gzip", [one.clone(), vec![0; 9], gzip(b"d"), vec![0]].concat(), Some(b"abcd")),
            ("gzip", [one.clone(), b"xx".to_vec()].concat(), None),
            ("gzip", cut(one.clone()), None),
            ("gzip", b"abc".to_vec(), None),
            ("gzip", vec![], Some(b"")),
            ("deflate", zlib(b"abc"), Some(b"abc")),
            ("deflate", deflate(b"abc"), Some(b"abc")),
            ("deflate", [zlib(b"abc"), b"x".to_vec()].concat(), Some(b"abc")),
            ("deflate", b"abc".to_vec(), None),
            ("br", b"abc".to_vec(), None),
            ("identity", b"abc".to_vec(), None),
            ("gzip, deflate", one, None),
        ];
        for (encoding, body, expected) in cases {
            let length = length(&body, Some(encoding)).ok();
            assert_eq!(length, expected.map(<[u8]>::len), "{encoding}");
            let unpacked = unpack(body.into(), Some(encoding), length.unwrap_or_default()).ok();
            assert_eq!(unpacked.as_deref(), expected, "{encoding}");
        }
    }

    #[test]
    fn a_bomb_is_refused_on_the_way() {
        let zeros = vec![0; MAX_BODY / 2 + 1];
        for (encoding, body) in
            [("gzip", [gzip(&zeros), gzip(&zeros)].concat()), ("deflate", zlib(&[zeros.clone(), zeros].concat()))]
        {
            assert!(body.len() < MAX_BODY / 100);
            assert_eq!(length(&body, Some(encoding)), Err(Unreadable::TooLong), "{encoding}");
            assert_eq!(unpack(body.into(), Some(encoding), 0), Err(Unreadable::TooLong), "{encoding}");
        }
    }
}
