//! A collector of a few lines, which answers as a test says and reads protobuf by itself.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tracklet::config::Otlp;

/// What was posted.
#[derive(Debug, Clone)]
pub(super) struct Posted {
    pub(super) head: String,
    pub(super) resource: BTreeMap<String, String>,
    pub(super) spans: Vec<Span>,
}

#[derive(Debug, Clone)]
pub(super) struct Span {
    pub(super) trace_id: String,
    pub(super) id: String,
    pub(super) parent: String,
    pub(super) name: String,
    pub(super) kind: u64,
    pub(super) took: u64,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) failed: bool,
}

#[derive(Clone)]
pub(super) struct Collector {
    address: String,
    posted: Arc<Mutex<Vec<Posted>>>,
}

impl Collector {
    /// Answers each request with what `answer` makes of how many came before: a status and a body.
    pub(super) fn start(answer: impl Fn(usize) -> (u16, &'static [u8]) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let collector = Self { address, posted: Arc::default() };
        let posted = collector.posted.clone();
        thread::spawn(move || {
            for (count, stream) in listener.incoming().enumerate() {
                let mut stream = stream.expect("a connection");
                let Some((head, body)) = read(&mut stream) else { continue };
                let (status, answer) = answer(count);
                posted.lock().expect("the list").push(understand(head, &body));
                let length = answer.len();
                // A redirection alone makes something of the location.
                let head = format!(
                    "HTTP/1.1 {status} .\r\nLocation: /v2\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
                );
                let _ = stream.write_all(&[head.as_bytes(), answer].concat());
            }
        });
        collector
    }

    /// Settings that send spans here, without waiting for many.
    pub(super) fn settings(&self) -> Otlp {
        let delay = std::time::Duration::from_millis(50);
        Otlp { delay, ..Otlp::to(format!("http://{}/v1/traces", self.address)) }
    }

    pub(super) fn posted(&self) -> Vec<Posted> {
        self.posted.lock().expect("the list").clone()
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        self.posted().into_iter().flat_map(|posted| posted.spans).collect()
    }
}

fn read(stream: &mut TcpStream) -> Option<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let count = stream.read(&mut piece).ok().filter(|count| *count > 0)?;
        bytes.extend_from_slice(&piece[..count]);
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8(bytes[..end].to_vec()).expect("text").to_ascii_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).expect("a length");
        if bytes.len() >= end + 4 + length.parse::<usize>().expect("a number") {
            return Some((head, bytes[end + 4..].to_vec()));
        }
    }
}

fn understand(head: String, body: &[u8]) -> Posted {
    let mut plain = Vec::new();
    let body = if head.contains("content-encoding: gzip") {
        flate2::read::GzDecoder::new(body).read_to_end(&mut plain).expect("gzip");
        &plain
    } else {
        body
    };
    let resource_spans = Message(body).one(1);
    let spans = resource_spans.one(2).all(2).map(span).collect();
    Posted { head, resource: attributes(&resource_spans.one(1), 1), spans }
}

fn span(message: Message) -> Span {
    let hex = |number| message.one(number).0.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    Span {
        trace_id: hex(1),
        id: hex(2),
        parent: hex(4),
        name: message.one(5).text(),
        kind: message.number(6),
        took: message.number(8) - message.number(7),
        attributes: attributes(&message, 9),
        failed: message.one(15).number(3) == 2,
    }
}

fn attributes(message: &Message, number: u64) -> BTreeMap<String, String> {
    let pair = |message: Message| {
        let value = message.one(2);
        let text = value.one(1).text();
        (message.one(1).text(), if text.is_empty() { value.number(3).to_string() } else { text })
    };
    message.all(number).map(pair).collect()
}

/// A message of protobuf, read by the rules of its wire format alone.
struct Message<'a>(&'a [u8]);

impl<'a> Message<'a> {
    /// The fields: their numbers, their values if they are numbers, and their bytes if not.
    fn fields(&self) -> Vec<(u64, u64, &'a [u8])> {
        let (mut rest, mut fields) = (self.0, Vec::new());
        while !rest.is_empty() {
            let tag = varint(&mut rest);
            let (value, bytes) = match tag & 7 {
                0 => (varint(&mut rest), &rest[..0]),
                1 => (u64::from_le_bytes(take(&mut rest, 8).try_into().expect("eight bytes")), &rest[..0]),
                2 => {
                    let length = varint(&mut rest);
                    (0, take(&mut rest, usize::try_from(length).expect("a length")))
                }
                other => panic!("wire type {other}"),
            };
            fields.push((tag >> 3, value, bytes));
        }
        fields
    }

    fn all(&self, number: u64) -> impl Iterator<Item = Message<'a>> {
        self.fields().into_iter().filter(move |field| field.0 == number).map(|field| Message(field.2))
    }

    fn one(&self, number: u64) -> Message<'a> {
        self.all(number).next().unwrap_or(Message(&[]))
    }

    fn number(&self, number: u64) -> u64 {
        self.fields().into_iter().find(|field| field.0 == number).map_or(0, |field| field.1)
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.to_vec()).expect("text")
    }
}

fn take<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let (taken, left) = rest.split_at(count);
    *rest = left;
    taken
}

fn varint(rest: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = take(rest, 1)[0];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}
