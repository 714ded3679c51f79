//! `tracklet healthcheck`: the probe of containers that have no curl.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

use super::args::Health;

/// A question for a running server's health.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Healthcheck {
    /// The name or address to connect to, IPv6 without brackets.
    pub host: String,
    /// The port to connect to.
    pub port: u16,
    /// The path to ask for.
    pub path: String,
    /// How long all of it may take.
    pub timeout: Duration,
}

impl Healthcheck {
    pub(super) fn new(args: Health) -> Result<Self, String> {
        let prefix = super::server::static_prefix(args.static_prefix)?;
        let host = args.host.trim_matches(['[', ']']);
        let host = match host {
            "" | "0.0.0.0" => "127.0.0.1",
            "::" => "::1",
            host => host,
        };
        Ok(Self {
            host: host.to_owned(),
            port: args.port,
            path: format!("{prefix}/health"),
            timeout: Duration::from_secs(args.timeout.max(1).into()),
        })
    }

    /// Asks; an error says what is wrong with the server or the way to it.
    pub fn run(&self) -> Result<(), String> {
        let status = self.ask().map_err(|error| format!("{}:{}: {error}", self.host, self.port))?;
        match status.split_whitespace().nth(1) {
            Some("200") => Ok(()),
            _ => Err(format!("{}:{}{} answered: {status}", self.host, self.port, self.path)),
        }
    }

    /// The status line of the answer, from the first address that lets us in.
    fn ask(&self) -> io::Result<String> {
        let deadline = Instant::now() + self.timeout;
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the name has no address");
        for address in (self.host.as_str(), self.port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, remaining(deadline)?) {
                Ok(stream) => return self.exchange(stream, deadline),
                Err(error) => failure = error,
            }
        }
        Err(failure)
    }

    fn exchange(&self, mut stream: TcpStream, deadline: Instant) -> io::Result<String> {
        stream.set_write_timeout(Some(remaining(deadline)?))?;
        let request = format!("GET {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", self.path);
        stream.write_all(request.as_bytes())?;
        let mut answer = Vec::new();
        let mut buffer = [0; 512];
        while !answer.contains(&b'\n') && answer.len() < 4096 {
            stream.set_read_timeout(Some(remaining(deadline)?))?;
            match stream.read(&mut buffer)? {
                0 => break,
                read => answer.extend(buffer.iter().take(read)),
            }
        }
        let line = answer.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(String::from_utf8_lossy(line).trim().to_owned())
    }
}

/// What is left until `deadline`; an error when nothing is.
fn remaining(deadline: Instant) -> io::Result<Duration> {
    let left = deadline.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time")) } else { Ok(left) }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpListener,
        thread,
    };

    use super::*;

    /// What the check says of a server that answers with these bytes.
    fn check(answer: &'static str) -> Result<(), String> {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let server = thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut asked = [0; 256];
            let length = stream.read(&mut asked).expect("a request");
            stream.write_all(answer.as_bytes()).expect("an answer");
            String::from_utf8_lossy(&asked[..length]).into_owned()
        });
        let timeout = Duration::from_secs(5);
        let result = Healthcheck { host: "127.0.0.1".to_owned(), port, path: "/p/health".to_owned(), timeout }.run();
        assert!(server.join().expect("the server's thread").starts_with("GET /p/health HTTP/1.1\r\n"));
        result
    }

    #[test]
    fn only_200_is_healthy() {
        assert_eq!(check("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nOK"), Ok(()));
        for (answer, fragment) in [
            ("HTTP/1.1 503 Service Unavailable\r\n\r\n", "answered: HTTP/1.1 503 Service Unavailable"),
            ("SSH-2.0-x\r\n", "answered: SSH-2.0-x"),
            ("", "answered: "),
        ] {
            let reason = check(answer).expect_err(answer);
            assert!(reason.contains(fragment), "{reason}");
        }
        let nobody = Healthcheck {
            host: "127.0.0.1".to_owned(),
            port: 1,
            path: "/health".to_owned(),
            timeout: Duration::from_secs(1),
        };
        assert!(nobody.run().expect_err("nobody listens").starts_with("127.0.0.1:1: "));
    }
}
