//! Films by their names, for viewers who log in with a token.

use std::future::Future;
use std::pin::Pin;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use iceflix_rtsp::{Admission, Claim, Mount, Pass, Refusal, Renewal, Server};
use retina::client::{Credentials, Session, SessionOptions};
use tokio::sync::mpsc;

use super::support::client::{Arrival, Client};
use super::support::film::film;
use super::support::player::run;
use super::support::{server, server_with, until};
use super::{MORE_TCP, TCP};

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// Lets one token in to one film, as often as it comes, and keeps the other ends of the passes.
#[derive(Debug, Default)]
struct Doorkeeper {
    path: Mutex<String>,
    renewals: Mutex<Vec<mpsc::Receiver<Renewal>>>,
}

impl Admission for Doorkeeper {
    fn admit(&self, claim: Claim) -> Pin<Box<dyn Future<Output = Result<Pass, Refusal>> + Send>> {
        if claim.media == "slow" {
            return Box::pin(std::future::pending());
        }
        let admitted = match (claim.media.as_str(), claim.token.as_str()) {
            ("film", TOKEN) => {
                let (renewals, received) = mpsc::channel(1);
                self.renewals.lock().expect("whole").push(received);
                let path = self.path.lock().expect("whole").clone();
                Ok(Pass { path, renewals })
            }
            ("film", _) => Err(Refusal::Token),
            ("full", _) => Err(Refusal::Full),
            ("away", _) => Err(Refusal::Unavailable),
            _ => Err(Refusal::Media),
        };
        Box::pin(async { admitted })
    }
}

/// A server with a doorkeeper, its film, and where that begins.
async fn guarded() -> (Server, Mount, Arc<Doorkeeper>, String) {
    let doorkeeper = Arc::new(Doorkeeper::default());
    let admission = Arc::clone(&doorkeeper);
    let server = server_with(|config| config.admission = Some(admission)).await;
    let mount = server.mount(film().open());
    *doorkeeper.path.lock().expect("whole") = mount.path();
    let url = format!("rtsp://{}/media", server.local_addr());
    (server, mount, doorkeeper, url)
}

fn basic(token: &str) -> String {
    let both = STANDARD.encode(format!("anybody:{token}"));
    format!("Authorization: Basic {both}\r\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn who_shows_a_token_sees_the_film_on_that_connection() {
    let (server, mount, _doorkeeper, url) = guarded().await;
    let film = format!("{url}/film");
    let mut client = Client::connect(server.local_addr());
    let answer = client.ask("DESCRIBE", &film, "");
    assert_eq!(answer.status, 401);
    let challenges = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "WWW-Authenticate");
    let schemes: Vec<&str> = challenges
        .map(|(_, value)| value.split(' ').next().expect("a scheme"))
        .collect();
    assert_eq!(schemes, ["Digest", "Basic"], "on lines of their own");
    assert_eq!(client.ask("DESCRIBE", &film, &basic("wrong")).status, 401);
    assert_eq!(client.ask("SETUP", &film, TCP).status, 401);

    let answer = client.ask("DESCRIBE", &film, &basic(TOKEN));
    assert_eq!(answer.status, 200);
    let base = answer.header("Content-Base").expect("a base");
    assert_eq!(base, format!("{film}/"), "the secret stays one");
    let answer = client.ask("SETUP", &format!("{film}/track1"), TCP);
    assert_eq!(answer.status, 200, "the connection is known");
    let session = format!("Session: {}\r\n", answer.session());
    let more = format!("{MORE_TCP}{session}{}", basic(TOKEN));
    assert_eq!(
        client.ask("SETUP", &format!("{film}/track2"), &more).status,
        200
    );
    let answer = client.ask("PLAY", &film, &session);
    let info = answer.header("RTP-Info").expect("numbers");
    assert!(info.starts_with(&format!("url={film}/track1;")), "{info}");
    client.frame();
    for (name, status) in [("other", 404), ("full", 453), ("away", 503)] {
        let answer = client.ask("DESCRIBE", &format!("{url}/{name}"), &basic(TOKEN));
        assert_eq!(answer.status, status, "{name}");
    }
    let mut other = Client::connect(server.local_addr());
    assert_eq!(other.ask("PLAY", &film, &session).status, 401);

    drop(mount);
    client.take_passed();
    while !matches!(client.next(), Arrival::Closed) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn another_token_goes_to_whoever_let_the_viewer_in() {
    let (server, _mount, doorkeeper, url) = guarded().await;
    let film = format!("{url}/film");
    let mut client = Client::connect(server.local_addr());
    assert_eq!(client.ask("DESCRIBE", &film, &basic(TOKEN)).status, 200);
    let mut renewals = doorkeeper.renewals.lock().expect("whole").remove(0);
    let answering = tokio::spawn(async move {
        for good in [true, false] {
            let renewal = renewals.recv().await.expect("a connection");
            let shown = renewal.token.as_str().to_owned();
            let verdict = if good { Ok(()) } else { Err(Refusal::Token) };
            renewal.answer.send(verdict).expect("it is waited for");
            assert_eq!(shown, if good { "newer" } else { "spoilt" });
        }
        assert!(renewals.recv().await.is_none(), "the viewer has left");
    });
    for (token, status) in [("newer", 200), ("newer", 200), ("spoilt", 401)] {
        assert_eq!(client.ask("DESCRIBE", &film, &basic(token)).status, status);
    }
    drop(client);
    until(answering).await.expect("in this order");
}

#[tokio::test(flavor = "multi_thread")]
async fn guesses_are_slow_and_few() {
    let (server, _mount, _doorkeeper, url) = guarded().await;
    let film = format!("{url}/film");
    let mut client = Client::connect(server.local_addr());
    let begun = std::time::Instant::now();
    for guess in [
        "Digest x",
        "Basic !",
        "Basic Og==",
        "Bearer x",
        "Basic YTpi",
    ] {
        let headers = format!("Authorization: {guess}\r\n");
        assert_eq!(client.ask("DESCRIBE", &film, &headers).status, 401);
    }
    assert!(matches!(client.next(), Arrival::Closed));
    assert!(begun.elapsed().as_millis() >= 2_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doorkeeper_who_never_answers_holds_up_no_shutdown() {
    let (server, _mount, _doorkeeper, url) = guarded().await;
    let mut client = Client::connect(server.local_addr());
    let ask = format!(
        "DESCRIBE {url}/slow RTSP/1.0\r\nCSeq: 1\r\n{}\r\n",
        basic(TOKEN)
    );
    client.say(ask.repeat(50));
    assert_eq!(client.answer().status, 503, "in the end, to the first");
    until(server.shutdown()).await;
    while !matches!(client.next(), Arrival::Closed) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_doorkeeper_there_are_no_films_by_name() {
    let server = server().await;
    let url = format!("rtsp://{}/media/film", server.local_addr());
    let mut client = Client::connect(server.local_addr());
    assert_eq!(client.ask("DESCRIBE", &url, &basic(TOKEN)).status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn players_log_in_with_digest() {
    let (server, _mount, _doorkeeper, url) = guarded().await;
    let film = format!("{url}/film");
    let parsed = rtsp_types::Url::parse(&film).expect("a URL");
    for (token, is_let_in) in [(TOKEN, true), ("wrong", false)] {
        let credentials = Credentials {
            username: token.to_owned(),
            password: token.to_owned(),
        };
        let options = SessionOptions::default().creds(Some(credentials));
        let described = until(Session::describe(parsed.clone(), options)).await;
        assert_eq!(described.is_ok(), is_let_in, "{:?}", described.err());
    }
    let mut ffmpeg = Command::new("timeout");
    ffmpeg.args(["40", "ffmpeg", "-nostdin", "-v", "error", "-xerror"]);
    ffmpeg.args(["-rtsp_transport", "tcp", "-t", "1", "-i"]);
    ffmpeg.arg(film.replace("rtsp://", &format!("rtsp://{TOKEN}:{TOKEN}@")));
    ffmpeg.args(["-f", "null", "-"]);
    let output = run(ffmpeg).await;
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}");
    assert!(server.statistics().packets > 100);
}
