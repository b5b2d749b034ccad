//! The little of RTSP that a viewer needs.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection of a viewer.
pub(crate) struct Connection {
    pub(crate) socket: TcpStream,
    url: String,
    session: String,
    cseq: u32,
    received: Vec<u8>,
}

/// A track, as DESCRIBE tells of it.
pub(crate) struct Track {
    url: String,
    pub(crate) clock_rate: u32,
}

impl Connection {
    pub(crate) fn open(url: &str) -> Self {
        let host = url.strip_prefix("rtsp://").unwrap();
        let host: SocketAddr = host.split('/').next().unwrap().parse().unwrap();
        let socket = TcpStream::connect(host).unwrap();
        socket.set_nodelay(true).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Self {
            socket,
            url: url.to_owned(),
            session: String::new(),
            cseq: 0,
            received: Vec::new(),
        }
    }

    pub(crate) fn describe(&mut self) -> Vec<Track> {
        let (_, body) = self.ask("DESCRIBE", &self.url.clone(), "Accept: application/sdp\r\n");
        let medias = body.split("\r\nm=").skip(1);
        medias
            .map(|media| {
                let value = |name: &str| media.split(name).nth(1).unwrap().lines().next().unwrap();
                let control = value("a=control:");
                let rate = value("a=rtpmap:").split('/').nth(1).unwrap();
                Track {
                    url: match control.contains("://") {
                        true => control.to_owned(),
                        false => format!("{}/{control}", self.url),
                    },
                    clock_rate: rate.parse().unwrap(),
                }
            })
            .collect()
    }

    pub(crate) fn set_up(&mut self, track: &Track, transport: &str) {
        let headers = format!("Transport: {transport}\r\n{}", self.session);
        let (head, _) = self.ask("SETUP", &track.url, &headers);
        let session = head.split("Session: ").nth(1).unwrap();
        let session = session.split([';', '\r']).next().unwrap();
        self.session = format!("Session: {session}\r\n");
    }

    pub(crate) fn play(&mut self, from: f64) {
        let headers = format!("{}Range: npt={from:.1}-\r\n", self.session);
        self.ask("PLAY", &self.url.clone(), &headers);
    }

    /// What was received behind the last answer.
    pub(crate) fn into_parts(self) -> (TcpStream, Vec<u8>) {
        (self.socket, self.received)
    }

    fn ask(&mut self, method: &str, url: &str, headers: &str) -> (String, String) {
        self.cseq += 1;
        let request = format!(
            "{method} {url} RTSP/1.0\r\nCSeq: {}\r\n{headers}\r\n",
            self.cseq
        );
        self.socket.write_all(request.as_bytes()).unwrap();
        let end = loop {
            let end = self
                .received
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            match end {
                Some(end) => break end + 4,
                None => self.receive(),
            }
        };
        let head = String::from_utf8_lossy(&self.received[..end]).into_owned();
        assert!(head.contains(" 200 "), "{method}: {head}");
        let len = head
            .lines()
            .find_map(|line| {
                line.to_ascii_lowercase()
                    .strip_prefix("content-length:")
                    .map(|len| len.trim().parse().unwrap())
            })
            .unwrap_or(0);
        while self.received.len() < end + len {
            self.receive();
        }
        let body = String::from_utf8_lossy(&self.received[end..end + len]).into_owned();
        self.received.drain(..end + len);
        (head, body)
    }

    fn receive(&mut self) {
        let mut bytes = [0; 4_096];
        let len = self.socket.read(&mut bytes).unwrap();
        assert!(len > 0, "closed");
        self.received.extend_from_slice(&bytes[..len]);
    }
}
