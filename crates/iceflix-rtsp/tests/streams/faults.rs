//! What becomes of streams whose film fails.

use iceflix_rtsp::{End, Event};

use crate::scene::{Cinema, INTERLEAVED};
use crate::support::client::Client;
use crate::support::eventually;
use crate::support::film::{Film, film};

#[tokio::test(flavor = "multi_thread")]
async fn a_film_that_is_cut_short_ends_its_own_streams_only() {
    let broken = Film::make();
    let mut cinema = Cinema::open(&broken, |_| {}, INTERLEAVED).await;
    let whole = cinema.server.mount(film().open());
    let whole_url = whole.url("127.0.0.1");
    let mut other = Client::connect(cinema.server.local_addr());
    let session = other
        .ask(
            "SETUP",
            &format!("{whole_url}/track1"),
            "Transport: RTP/AVP/TCP;interleaved=0-1\r\n",
        )
        .session();
    other.ask("PLAY", &whole_url, &format!("Session: {session}\r\n"));
    cinema.play("npt=0-");
    cinema.packet(0);
    std::fs::OpenOptions::new()
        .write(true)
        .open(&broken.source)
        .and_then(|file| file.set_len(1_000))
        .expect("cut");
    assert_eq!(cinema.event().await, Event::Started);
    match cinema.event().await {
        Event::Ended(End::Failed(reason)) => assert!(reason.contains("cut short"), "{reason}"),
        event => panic!("{event:?}"),
    }
    let before = other.frame();
    assert_ne!(before, other.frame(), "the other film goes on");
    eventually(|| cinema.server.statistics().streams == 1).await;
}
