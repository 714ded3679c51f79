//! A client of a few lines, which sends exactly what a test says.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// An answer: its status, its headers and its body.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The values of a header, given in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let values: Vec<_> =
            self.headers.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// A request whose answer is still to come.
pub(crate) struct Exchange(TcpStream);

impl Exchange {
    /// Connects and sends the head of a request, which announces `length` bytes of JSON.
    pub(crate) fn begin(address: SocketAddr, method: &str, path: &str, length: usize) -> Self {
        let headers = format!("Content-Type: application/json\r\nContent-Length: {length}\r\n");
        Self::begin_with(address, method, path, &headers)
    }

    fn begin_with(address: SocketAddr, method: &str, path: &str, headers: &str) -> Self {
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout");
        let host = if headers.contains("Host: ") { "" } else { "Host: localhost\r\n" };
        write!(stream, "{method} {path} HTTP/1.0\r\n{host}{headers}\r\n").expect("to send the head");
        Self(stream)
    }

    pub(crate) fn send(&mut self, body: &str) {
        self.0.write_all(body.as_bytes()).expect("to send the body");
    }

    pub(crate) fn answer(mut self) -> Answer {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).expect("an answer");
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").expect("a head and a body");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        let headers = head.lines().filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: body.to_owned() }
    }
}

/// Sends a request and waits for the answer, off the threads that serve it.
pub(crate) async fn send(address: SocketAddr, method: &'static str, path: &str, body: &str) -> Answer {
    let (path, body) = (path.to_owned(), body.to_owned());
    let exchange = move || {
        let mut exchange = Exchange::begin(address, method, &path, body.len());
        exchange.send(&body);
        exchange.answer()
    };
    tokio::task::spawn_blocking(exchange).await.expect("an exchange")
}

/// Sends a request without a body and with these headers.
pub(crate) async fn ask(address: SocketAddr, method: &'static str, path: &str, headers: &[(&str, &str)]) -> Answer {
    let path = path.to_owned();
    let headers: Vec<_> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let exchange = move || Exchange::begin_with(address, method, &path, &headers.concat()).answer();
    tokio::task::spawn_blocking(exchange).await.expect("an exchange")
}

pub(crate) async fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, "GET", path, "").await
}

pub(crate) async fn post(address: SocketAddr, path: &str, body: &str) -> Answer {
    send(address, "POST", path, body).await
}
