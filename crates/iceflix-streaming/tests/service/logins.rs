//! Players with a login box: a token in place of a controller's URL.

use crate::scene::{AT_MOST, Scene};
use iceflix_testkit::film::Film;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

const FILM: Film = Film::mp4("Metropolis", 20, 440);

/// Basic logins of anybody with the tokens "good", "better" and "bad".
const GOOD: &str = "Authorization: Basic YW55Ym9keTpnb29k\r\n";
const BETTER: &str = "Authorization: Basic YW55Ym9keTpiZXR0ZXI=\r\n";
const BAD: &str = "Authorization: Basic YW55Ym9keTpiYWQ=\r\n";

/// A player's connection, and the film's URL.
struct Player {
    connection: TcpStream,
    url: String,
}

impl Player {
    /// Asks, and returns the answer's head, from its status on. Packets before it are passed over.
    async fn ask(&mut self, method: &str, track: &str, headers: &str) -> String {
        let Self { connection, url } = self;
        let request = format!("{method} {url}{track} RTSP/1.0\r\nCSeq: 1\r\n{headers}\r\n");
        connection
            .write_all(request.as_bytes())
            .await
            .expect("sent");
        let mut received = String::new();
        loop {
            let mut part = vec![0; 65_536];
            let len = timeout(AT_MOST, connection.read(&mut part))
                .await
                .expect("no answer")
                .expect("read");
            assert!(len > 0, "closed: {received}");
            received.push_str(&String::from_utf8_lossy(&part[..len]));
            if let Some((_, answer)) = received.split_once("RTSP/1.0 ")
                && answer.contains("\r\n\r\n")
            {
                return answer.to_owned();
            }
        }
    }

    /// Waits until the server has closed the connection.
    async fn until_dismissed(mut self) {
        let mut rest = Vec::new();
        let read = self.connection.read_to_end(&mut rest);
        // Closed or reset: gone either way.
        let _ = timeout(AT_MOST, read).await.expect("it goes on");
    }
}

async fn scene() -> (Scene, Player) {
    let properties = ["--IceFlix.Streaming.Grace=1s"];
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), &properties).await;
    let id = scene.announced(FILM.name).await;
    let controller = scene.stream(&id).await;
    let url = controller.get_url("good").await.expect("a URL");
    controller.stop().await.expect("stopped");
    let place = url.split('/').nth(2).expect("a host and a port");
    let connection = TcpStream::connect(place).await.expect("connected");
    let url = format!("rtsp://{place}/media/{id}");
    (scene, Player { connection, url })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_with_a_token_plays_as_long_as_that_lives() {
    let (scene, mut player) = scene().await;
    let answer = player.ask("DESCRIBE", "", "").await;
    assert!(answer.starts_with("401 "), "{answer}");
    assert!(answer.contains("WWW-Authenticate: Basic "), "{answer}");
    let answer = player.ask("DESCRIBE", "", BAD).await;
    assert!(answer.starts_with("401 "), "{answer}");
    let answer = player.ask("DESCRIBE", "", GOOD).await;
    assert!(answer.starts_with("200 "), "{answer}");
    let way = format!("{GOOD}Transport: RTP/AVP/TCP;interleaved=0-1\r\n");
    let answer = player.ask("SETUP", "/track1", &way).await;
    let session = answer.lines().find(|line| line.starts_with("Session:"));
    let session = session.and_then(|line| line.split(';').next());
    let session = format!("{}\r\n", session.expect("a session"));
    let answer = player.ask("PLAY", "", &session).await;
    assert!(answer.starts_with("200 "), "{answer}");

    scene.tokens.allow("better");
    let answer = player
        .ask("OPTIONS", "", &format!("{BETTER}{session}"))
        .await;
    assert!(answer.starts_with("200 "), "{answer}");
    let answer = player
        .ask("GET_PARAMETER", "", &format!("{BAD}{session}"))
        .await;
    assert!(answer.starts_with("401 "), "{answer}");
    scene.revoke("good").await;
    // Longer than the grace: nothing tells that a stream does not end.
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    let answer = player.ask("GET_PARAMETER", "", &session).await;
    assert!(answer.starts_with("200 "), "{answer}");

    scene.revoke("better").await;
    player.until_dismissed().await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_learns_without_a_token_which_films_there_are() {
    let (scene, mut player) = scene().await;
    let known = player.url.clone();
    for url in [known.replace("/media/", "/media/0"), format!("{known}0")] {
        player.url = url;
        let answer = player.ask("DESCRIBE", "", BAD).await;
        assert!(answer.starts_with("401 "), "{answer}");
        let answer = player.ask("DESCRIBE", "", GOOD).await;
        assert!(answer.starts_with("404 "), "{answer}");
    }
    scene.stop().await;
}
