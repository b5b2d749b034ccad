//! An RTSP client that says whatever a test wants, to the byte.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::PATIENCE;

/// A connection, without any knowledge of what is in order.
pub(crate) struct Client {
    socket: TcpStream,
    received: Vec<u8>,
    cseq: u32,
    passed: Vec<(u8, Vec<u8>)>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// The session's name, without its parameters.
    pub(crate) fn session(&self) -> String {
        self.header("Session")
            .expect("a session")
            .split(';')
            .next()
            .expect("a name")
            .to_owned()
    }
}

/// What arrives on a connection.
#[derive(Debug)]
pub(crate) enum Arrival {
    Answer(Answer),
    Frame(u8, Vec<u8>),
    Closed,
}

impl Client {
    pub(crate) fn connect(to: SocketAddr) -> Self {
        let socket = TcpStream::connect(to).expect("a server");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        Self {
            socket,
            received: Vec::new(),
            cseq: 0,
            passed: Vec::new(),
        }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Sends bytes as they are.
    pub(crate) fn say(&mut self, bytes: impl AsRef<[u8]>) {
        self.socket
            .write_all(bytes.as_ref())
            .expect("the server listens");
    }

    /// Sends a request with the next number and more headers, each with its line end, and returns
    /// its answer. Frames before it are passed over.
    pub(crate) fn ask(&mut self, method: &str, url: &str, headers: &str) -> Answer {
        self.cseq += 1;
        let cseq = self.cseq;
        self.say(format!(
            "{method} {url} RTSP/1.0\r\nCSeq: {cseq}\r\n{headers}\r\n"
        ));
        let answer = self.answer();
        assert_eq!(
            answer.header("CSeq"),
            Some(cseq.to_string().as_str()),
            "{answer:?}"
        );
        answer
    }

    /// The frames that were passed over since the last time.
    pub(crate) fn take_passed(&mut self) -> Vec<(u8, Vec<u8>)> {
        std::mem::take(&mut self.passed)
    }

    /// The next answer. Frames before it are passed over.
    pub(crate) fn answer(&mut self) -> Answer {
        loop {
            match self.next() {
                Arrival::Answer(answer) => return answer,
                Arrival::Frame(channel, payload) => self.passed.push((channel, payload)),
                Arrival::Closed => panic!("closed without an answer"),
            }
        }
    }

    /// The next frame. Answers before it are passed over.
    pub(crate) fn frame(&mut self) -> (u8, Vec<u8>) {
        loop {
            match self.next() {
                Arrival::Frame(channel, payload) => return (channel, payload),
                Arrival::Answer(_) => {}
                Arrival::Closed => panic!("closed without a frame"),
            }
        }
    }

    /// Whatever comes next.
    pub(crate) fn next(&mut self) -> Arrival {
        loop {
            if let Some(arrival) = self.take() {
                return arrival;
            }
            let mut chunk = [0; 16_384];
            match self.socket.read(&mut chunk) {
                Ok(0) => return Arrival::Closed,
                Ok(len) => self.received.extend_from_slice(&chunk[..len]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => return Arrival::Closed,
                Err(error) => panic!("nothing came: {error}"),
            }
        }
    }

    /// Whether anything arrives within that time.
    pub(crate) fn is_quiet_for(&mut self, time: Duration) -> bool {
        if self.take().is_some() {
            return false;
        }
        self.socket.set_read_timeout(Some(time)).expect("a socket");
        let quiet = self
            .socket
            .peek(&mut [0])
            .is_err_and(|error| error.kind() == ErrorKind::WouldBlock);
        self.socket
            .set_read_timeout(Some(PATIENCE))
            .expect("a socket");
        quiet
    }

    fn take(&mut self) -> Option<Arrival> {
        if let [b'$', channel, high, low, ..] = self.received[..] {
            let end = 4 + usize::from(u16::from_be_bytes([high, low]));
            if self.received.len() < end {
                return None;
            }
            let frame: Vec<u8> = self.received.drain(..end).skip(4).collect();
            return Some(Arrival::Frame(channel, frame));
        }
        if self.received.first() == Some(&b'$') {
            return None;
        }
        let head = self
            .received
            .windows(4)
            .position(|four| four == b"\r\n\r\n")?
            + 4;
        let text = String::from_utf8(self.received[..head].to_vec()).expect("an answer is text");
        let mut lines = text.split("\r\n");
        let first = lines.next().expect("a status line");
        let status = first
            .strip_prefix("RTSP/1.0 ")
            .expect("an answer")
            .get(..3)
            .expect("a status")
            .parse()
            .expect("a number");
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
            .collect();
        let mut answer = Answer {
            status,
            headers,
            body: String::new(),
        };
        let len: usize = answer
            .header("Content-Length")
            .map_or(0, |len| len.parse().expect("a number"));
        if self.received.len() < head + len {
            return None;
        }
        answer.body =
            String::from_utf8(self.received[head..head + len].to_vec()).expect("a body is text");
        self.received.drain(..head + len);
        Some(Arrival::Answer(answer))
    }
}
