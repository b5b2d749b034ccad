//! A player with a session, and the packets that it gets.

use std::sync::Arc;

use iceflix_index::Index;
use iceflix_rtsp::{Config, Event, Mount, Server};

use crate::support::client::{Answer, Client};
use crate::support::film::{Film, film};
use crate::support::{server_with, until};

/// Both tracks on the RTSP connection.
pub(crate) const INTERLEAVED: [&str; 2] =
    ["RTP/AVP/TCP;interleaved=0-1", "RTP/AVP/TCP;interleaved=2-3"];

/// A player with a session of both tracks, and all that it stands on.
pub(crate) struct Cinema {
    pub(crate) server: Server,
    pub(crate) mount: Mount,
    pub(crate) url: String,
    pub(crate) client: Client,
    pub(crate) session: String,
}

impl Cinema {
    pub(crate) async fn open(film: &Film, set: impl FnOnce(&mut Config), ways: [&str; 2]) -> Self {
        Self::of(film.open(), set, ways).await
    }

    pub(crate) async fn of(
        index: Arc<Index>,
        set: impl FnOnce(&mut Config),
        ways: [&str; 2],
    ) -> Self {
        let server = server_with(set).await;
        let mount = server.mount(index);
        let url = mount.url("127.0.0.1");
        let mut client = Client::connect(server.local_addr());
        let mut session = String::new();
        for (number, way) in ways.iter().enumerate() {
            let answer = client.ask(
                "SETUP",
                &format!("{url}/track{}", number + 1),
                &format!("Transport: {way}\r\n{session}"),
            );
            assert_eq!(answer.status, 200, "{answer:?}");
            session = format!("Session: {}\r\n", answer.session());
        }
        Self {
            server,
            mount,
            url,
            client,
            session,
        }
    }

    pub(crate) async fn over_tcp(set: impl FnOnce(&mut Config)) -> Self {
        Self::open(film(), set, INTERLEAVED).await
    }

    pub(crate) fn ask(&mut self, method: &str, headers: &str) -> Answer {
        let answer = self
            .client
            .ask(method, &self.url, &format!("{}{headers}", self.session));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer
    }

    pub(crate) fn play(&mut self, range: &str) -> Answer {
        let range = if range.is_empty() {
            String::new()
        } else {
            format!("Range: {range}\r\n")
        };
        self.ask("PLAY", &range)
    }

    /// The next packet of a track's media.
    pub(crate) fn packet(&mut self, track: u8) -> Packet {
        loop {
            let (channel, bytes) = self.client.frame();
            if channel == track * 2 {
                return Packet::read(&bytes);
            }
        }
    }

    pub(crate) async fn event(&mut self) -> Event {
        until(self.mount.next_event()).await.expect("an event")
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Packet {
    pub(crate) marker: bool,
    pub(crate) kind: u8,
    pub(crate) sequence: u16,
    pub(crate) timestamp: u32,
    pub(crate) ssrc: u32,
    pub(crate) payload: Vec<u8>,
}

impl Packet {
    pub(crate) fn read(bytes: &[u8]) -> Self {
        assert_eq!(bytes[0], 0x80, "version 2 and nothing unusual");
        let word =
            |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        Self {
            marker: bytes[1] & 0x80 != 0,
            kind: bytes[1] & 0x7f,
            sequence: u16::from_be_bytes([bytes[2], bytes[3]]),
            timestamp: word(4),
            ssrc: word(8),
            payload: bytes[12..].to_vec(),
        }
    }

    /// Whether a picture that needs no other begins here: with its parameter sets.
    pub(crate) fn is_keyframe(&self) -> bool {
        self.payload[0] & 0x1f == 7
    }
}

/// Sequence number and RTP time of a track, as RTP-Info tells them.
pub(crate) fn told(answer: &Answer, track: usize) -> (u16, u32) {
    let info = answer
        .header("RTP-Info")
        .expect("numbers")
        .split(',')
        .nth(track)
        .expect("both tracks")
        .to_owned();
    assert!(
        info.starts_with("url=rtsp://") && info.contains(&format!("/track{};", track + 1)),
        "{info}"
    );
    let number = |name: &str| {
        info.split(name)
            .nth(1)
            .expect("a number")
            .split(';')
            .next()
            .expect("digits")
            .to_owned()
    };
    (
        number("seq=").parse().expect("16 bits"),
        number("rtptime=").parse().expect("32 bits"),
    )
}
