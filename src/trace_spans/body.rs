//! The body of a request, unpacked within a bound.

use std::io::Read;

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

/// Unpacks a body by its `Content-Encoding` to `most` bytes, which are [`MAX_BODY`] at most.
///
/// # Errors
///
/// The body is damaged, too long, or packed otherwise than by gzip, zlib or plain deflate.
pub fn unpack(body: Bytes, encoding: Option<&str>, most: usize) -> Result<Bytes, Unreadable> {
    let encoding = encoding.unwrap_or_default().to_lowercase();
    match encoding.as_str() {
        "" if body.len() > most => Err(Unreadable::TooLong),
        "" => Ok(body),
        "gzip" => gunzip(&body, most),
        "deflate" => match inflate(ZlibDecoder::new(&*body), most) {
            // Some clients leave the frame out.
            Err(None) => inflate(DeflateDecoder::new(&*body), most),
            unpacked => unpacked,
        }
        .map_err(|why| why.unwrap_or(Unreadable::Damaged("deflate"))),
        _ => Err(Unreadable::Encoding(encoding)),
    }
}

/// One archive after another; zeros may follow each.
fn gunzip(mut body: &[u8], most: usize) -> Result<Bytes, Unreadable> {
    let mut unpacked = Vec::new();
    while !body.is_empty() {
        let mut archive = GzDecoder::new(body);
        read(&mut archive, &mut unpacked, most).map_err(|why| why.unwrap_or(Unreadable::Damaged("gzip")))?;
        body = archive.into_inner();
        body = body.get(body.iter().take_while(|byte| **byte == 0).count()..).unwrap_or_default();
    }
    Ok(unpacked.into())
}

fn inflate(reader: impl Read, most: usize) -> Result<Bytes, Option<Unreadable>> {
    let mut unpacked = Vec::new();
    read(reader, &mut unpacked, most)?;
    Ok(unpacked.into())
}

/// Reads behind what is there already. `None` is damage.
fn read(reader: impl Read, unpacked: &mut Vec<u8>, most: usize) -> Result<(), Option<Unreadable>> {
    let left = u64::try_from(most - unpacked.len()).unwrap_or_default();
    reader.take(left + 1).read_to_end(unpacked).map_err(|_| None)?;
    if unpacked.len() > most { Err(Some(Unreadable::TooLong)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

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
            let body = Bytes::from(body);
            let most = expected.map_or(MAX_BODY, <[u8]>::len);
            let unpacked = unpack(body.clone(), Some(encoding), most).ok();
            assert_eq!(unpacked.as_deref(), expected, "{encoding}");
            if let Some(less) = expected.and_then(|expected| expected.len().checked_sub(1)) {
                assert_eq!(unpack(body, Some(encoding), less), Err(Unreadable::TooLong), "{encoding}");
            }
        }
    }

    #[test]
    fn a_bomb_is_refused_on_the_way() {
        let zeros = vec![0; MAX_BODY / 2 + 1];
        for (encoding, body) in
            [("gzip", [gzip(&zeros), gzip(&zeros)].concat()), ("deflate", zlib(&[zeros.clone(), zeros].concat()))]
        {
            assert!(body.len() < MAX_BODY / 100);
            assert_eq!(unpack(body.into(), Some(encoding), MAX_BODY), Err(Unreadable::TooLong), "{encoding}");
        }
    }
}
