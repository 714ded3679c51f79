//! A client that sends bytes and looks at headers.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

pub(crate) struct Client(pub(crate) SocketAddr);

/// An answer; header names are in small letters.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&self.body)))
    }

    /// Status, error code and message.
    pub(crate) fn error(&self) -> (u16, &'static str, &'static str) {
        // A test ends soon, and its tables read better without owned texts.
        let text = |name: &str| -> &'static str {
            let text = self.json()[name].as_str().unwrap_or_default().to_owned();
            Box::leak(text.into_boxed_str())
        };
        (self.status, text("error_code"), text("message"))
    }
}

impl Client {
    pub(crate) async fn json(&self, method: &'static str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        self.send(method, path, &[("Content-Type", "application/json")], &body).await
    }

    pub(crate) async fn send(&self, method: &'static str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        head.extend(headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
        let request = [head.as_bytes(), b"\r\n", body].concat();
        let address = self.0;
        tokio::task::spawn_blocking(move || exchange(address, &request)).await.expect("an exchange")
    }

    /// Sends the first bytes of an upload and closes the connection.
    pub(crate) async fn begin_and_leave(&self, path: &str, chunked: bool) {
        let length = if chunked { "Transfer-Encoding: chunked" } else { "Content-Length: 9000000" };
        let head = format!("PUT {path} HTTP/1.1\r\nHost: localhost\r\n{length}\r\n\r\n");
        let (address, part) = (self.0, vec![b'x'; 1_000_000]);
        let leave = move || {
            let mut stream = TcpStream::connect(address).expect("a connection");
            stream.write_all(head.as_bytes()).expect("to send the head");
            if chunked {
                stream.write_all(format!("{:x}\r\n", part.len()).as_bytes()).expect("to send a length");
            }
            stream.write_all(&part).expect("to send a part");
            std::thread::sleep(Duration::from_millis(200));
        };
        tokio::task::spawn_blocking(leave).await.expect("an upload");
    }
}

fn exchange(address: SocketAddr, request: &[u8]) -> Reply {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
    // A server that refuses early need not read the whole body.
    let _ = stream.write_all(request);
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let header = |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Reply { status, headers: lines.filter_map(header).collect(), body: answer[end + 4..].to_vec() }
}
