//! How the film gets to its viewer, and what the things that happen there mean
//! for the controller.

use std::future::pending;

use iceflix_rtsp::{End, Event, Mount, Push};

use super::{life::Why, report};

/// What the RTSP server does for one stream. Dropped, it ends with a goodbye.
#[derive(Debug, Default)]
pub(crate) struct Way {
    pub(crate) push: Option<Push>,
    pub(crate) mount: Option<Mount>,
}

/// Something that happened on the way.
#[derive(Debug)]
pub(crate) enum News {
    /// To the push, which is over where there is no event.
    Pushed(Option<Event>),
    /// To a session of the mount.
    Mounted(Event),
}

/// What it means.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing for the controller.
    Nothing,
    /// Somebody watches.
    Present,
    /// The last viewer went without a word, and may come back.
    Absent,
    /// The controller is of no use any more.
    Over(Why),
}

impl Way {
    /// Waits for the next thing to happen. May be cancelled.
    pub(crate) async fn news(&mut self) -> News {
        let Self { push, mount } = self;
        tokio::select! {
            event = pushed(push) => News::Pushed(event),
            event = mounted(mount) => News::Mounted(event),
        }
    }

    /// Takes in what happened.
    pub(crate) fn take(&mut self, news: News) -> Meaning {
        match news {
            News::Pushed(event) => self.push_event(event),
            News::Mounted(event) => self.mount_event(&event),
        }
    }

    fn push_event(&mut self, event: Option<Event>) -> Meaning {
        let why = match event {
            Some(Event::Started) => return Meaning::Nothing,
            Some(Event::Finished) => Why::FilmOver,
            Some(Event::Ended(End::Failed(_))) => Why::Failed,
            Some(Event::Ended(_)) | None => Why::ViewerGone,
        };
        self.push = None;
        if self.is_used() {
            Meaning::Nothing
        } else {
            Meaning::Over(why)
        }
    }

    fn mount_event(&self, event: &Event) -> Meaning {
        match event {
            Event::Started => Meaning::Present,
            // The player may go back to the beginning.
            Event::Finished => Meaning::Nothing,
            Event::Ended(End::Failed(_)) => Meaning::Over(Why::Failed),
            // Who said goodbye may play again, as long as the token is renewed.
            Event::Ended(End::TornDown | End::Withdrawn) => Meaning::Nothing,
            Event::Ended(_) if self.is_used() => Meaning::Nothing,
            Event::Ended(_) => Meaning::Absent,
        }
    }

    /// How the film goes out now.
    pub(crate) fn report(&self) -> report::Way {
        match (&self.push, &self.mount) {
            (Some(_), _) => report::Way::Push,
            (None, Some(mount)) => report::Way::Rtsp {
                sessions: mount.viewers(),
            },
            (None, None) => report::Way::Offered,
        }
    }

    /// Whether somebody gets the film, or has what it takes to.
    fn is_used(&self) -> bool {
        self.push.is_some() || self.mount.as_ref().is_some_and(|mount| mount.viewers() > 0)
    }
}

async fn pushed(push: &mut Option<Push>) -> Option<Event> {
    match push {
        Some(push) => push.next_event().await,
        None => pending().await,
    }
}

/// A mount has events as long as it is there.
async fn mounted(mount: &mut Option<Mount>) -> Event {
    if let Some(mount) = mount
        && let Some(event) = mount.next_event().await
    {
        return event;
    }
    pending().await
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc, time::Duration};

    use iceflix_index::Index;
    use iceflix_media::Cancel;
    use iceflix_rtsp::{Config, Server};
    use iceflix_testkit::film::Film;
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
        time::timeout,
    };

    use super::*;

    const AT_MOST: Duration = Duration::from_secs(20);

    /// A player with a session that is set up.
    struct Player {
        connection: TcpStream,
        url: String,
        session: String,
    }

    impl Player {
        async fn come(server: &Server, mount: &Mount) -> Self {
            let mut player = Self {
                connection: TcpStream::connect(server.local_addr())
                    .await
                    .expect("connected"),
                url: mount.url("127.0.0.1"),
                session: "Transport: RTP/AVP/TCP;interleaved=0-1".to_owned(),
            };
            let answer = player.ask("SETUP", "/track1").await;
            let session = answer
                .lines()
                .find(|line| line.starts_with("Session:"))
                .expect("a session");
            player.session = session.split(';').next().expect("a name").to_owned();
            player
        }

        /// The answer, with whatever packets come before it and with it.
        async fn ask(&mut self, method: &str, track: &str) -> String {
            let Self { url, session, .. } = self;
            let request = format!("{method} {url}{track} RTSP/1.0\r\nCSeq: 1\r\n{session}\r\n\r\n");
            self.connection
                .write_all(request.as_bytes())
                .await
                .expect("sent");
            let mut answer = String::new();
            while !answer.contains("RTSP/1.0 200") {
                let mut part = vec![0; 65_536];
                let len = timeout(AT_MOST, self.connection.read(&mut part))
                    .await
                    .expect("no answer")
                    .expect("read");
                assert!(len > 0, "closed: {answer}");
                answer.push_str(&String::from_utf8_lossy(&part[..len]));
            }
            answer
        }
    }

    async fn next(way: &mut Way) -> Meaning {
        let news = timeout(AT_MOST, way.news()).await.expect("it happens");
        way.take(news)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn only_the_last_viewer_who_vanishes_leaves_a_controller_alone() {
        let directory = tempfile::tempdir().expect("a directory");
        let film = Film::mp4("Way", 20, 440).copy_to(directory.path());
        let place = directory.path().join("index");
        iceflix_media::compile(&film, &place, &mut |_| {}, &Cancel::new()).expect("an index");
        let index = Arc::new(Index::open(&place, &film).expect("an index"));
        let server = Server::bind(Config {
            endpoint: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Config::default()
        })
        .await
        .expect("a free port");
        let mount = server.mount(index);
        let mut stays = Player::come(&server, &mount).await;
        let looks_in = Player::come(&server, &mount).await;
        let mut way = Way {
            push: None,
            mount: Some(mount),
        };
        for _ in 0..3 {
            stays.ask("PLAY", "").await;
            assert_eq!(next(&mut way).await, Meaning::Present);
            stays.ask("PAUSE", "").await;
        }
        drop(looks_in);
        assert_eq!(
            next(&mut way).await,
            Meaning::Nothing,
            "one that never played is not missed"
        );
        drop(stays);
        assert_eq!(
            next(&mut way).await,
            Meaning::Absent,
            "however often it had paused"
        );
        server.shutdown().await;
    }
}
