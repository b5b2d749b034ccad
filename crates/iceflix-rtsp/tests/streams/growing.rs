//! Films that are played while their index is being made.

use std::sync::Arc;
use std::time::Duration;

use iceflix_index::{Cursor, Index, Title, Writer};
use iceflix_rtsp::{End, Event};
use tempfile::TempDir;

use crate::scene::{Cinema, INTERLEAVED, told};
use crate::support::film::film;

/// The film that all know, being indexed anew, as fast as a test likes.
struct Indexing {
    dir: TempDir,
    whole: Arc<Index>,
    cursor: Cursor,
    writer: Writer,
    growing: Arc<Index>,
}

impl Indexing {
    fn begin() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let whole = film().open();
        let title = Title {
            duration: Duration::ZERO,
            ..whole.title().clone()
        };
        let mut writer = Writer::create(&dir.path().join("index"), title).expect("a new index");
        let growing = writer.share(&film().source).expect("a reader");
        Self {
            cursor: whole.cursor(),
            dir,
            whole,
            writer,
            growing,
        }
    }

    /// Indexes all that is sent before this moment, and a little more.
    fn go_on_to(&mut self, moment: Duration) {
        while let Some(packet) = self.cursor.next(&self.whole).expect("a whole index") {
            self.writer.push(&packet).expect("a proper packet");
            if packet.send_at >= moment {
                break;
            }
        }
    }

    fn finish(mut self) -> TempDir {
        self.go_on_to(Duration::MAX);
        self.writer
            .describe(self.whole.title().duration, [None, None]);
        self.writer.finish().expect("a whole index");
        self.dir
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_is_played_while_its_index_is_made() {
    let mut indexing = Indexing::begin();
    indexing.go_on_to(Duration::from_millis(1_500));
    let mut cinema = Cinema::of(indexing.growing.clone(), |_| {}, INTERLEAVED).await;
    let description = cinema.client.ask("DESCRIBE", &cinema.url, "").body;
    assert!(description.contains("a=range:npt=0-\r\n"), "{description}");
    let answer = cinema.play("npt=0-");
    assert_eq!(answer.header("Range"), Some("npt=0.000-"));
    let first = cinema.packet(0);
    assert_eq!((first.sequence, first.timestamp), told(&answer, 0));
    let url = cinema.url.clone();
    let far = format!("{}Range: npt=5-\r\n", cinema.session);
    let answer = cinema.client.ask("PLAY", &url, &far);
    assert_eq!(answer.status, 503, "not indexed yet, and no reason to go");
    // It goes on where the index does, without a gap in the numbers.
    let mut last = first;
    for (channel, bytes) in cinema.client.take_passed() {
        if channel == 0 {
            last = crate::scene::Packet::read(&bytes);
        }
    }
    let _index = indexing.finish();
    let next = cinema.packet(0);
    assert_eq!(next.sequence, last.sequence.wrapping_add(1));
    let answer = cinema.play("npt=5-");
    assert_eq!(answer.header("Range"), Some("npt=5.000-8.000"));
    cinema.client.take_passed();
    assert!(cinema.packet(0).is_keyframe());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_film_whose_index_is_given_up_is_played_as_far_as_it_goes() {
    let mut indexing = Indexing::begin();
    indexing.go_on_to(Duration::from_millis(500));
    let mut cinema = Cinema::of(indexing.growing.clone(), |_| {}, INTERLEAVED).await;
    cinema.play("npt=0-");
    cinema.packet(0);
    drop(indexing);
    assert_eq!(cinema.event().await, Event::Started);
    match cinema.event().await {
        Event::Ended(End::Failed(reason)) => assert!(reason.contains("given up"), "{reason}"),
        event => panic!("{event:?}"),
    }
}
