//! An index that is handed out while it grows.

use std::sync::mpsc;

use iceflix_index::{Cursor, Index};
use iceflix_media::{Cancel, Error, compile_growing};
use tempfile::TempDir;

use crate::film::{PLAIN, compiled, film, made};
use crate::wire;

/// Whether what can be read already begins with a keyframe.
fn can_begin(index: &Index) -> bool {
    let mut cursor: Cursor = index.cursor();
    while let Some(packet) = cursor.next(index).expect("sound") {
        if packet.keyframe {
            return true;
        }
    }
    assert!(cursor.is_waiting(), "more is to come");
    false
}

#[test]
fn what_is_handed_out_early_becomes_what_is_there_in_the_end() {
    for name in ["end.mp4", "film.mkv", "film.ts"] {
        let path = film(name, PLAIN);
        let dir = TempDir::new().expect("a directory");
        let (give, take) = mpsc::channel();
        let begun = Box::new(move |index| give.send(index).expect("it is waited for"));
        let into = dir.path().join("index");
        let title = compile_growing(&path, &into, &mut |_| (), &Cancel::new(), begun);
        let title = title.expect("a film");
        let shared = take.try_recv().expect("it was handed out");
        assert!(!shared.is_growing() && can_begin(&shared));
        assert_eq!(shared.duration(), Some(title.duration));
        let alone = compiled(&path);
        for track in [0, 1] {
            let [shared, alone] = [&*shared, &alone.index].map(|index| wire::packets(index, track));
            assert_eq!(shared, alone, "{name}");
        }
    }
}

#[test]
fn a_film_that_cannot_be_served_hands_out_nothing() {
    let path = made("sound.m4a", "-f lavfi -i sine=d=2 -c:a aac");
    let dir = TempDir::new().expect("a directory");
    let begun = Box::new(|_| panic!("there is nothing to play"));
    let into = dir.path().join("index");
    let outcome = compile_growing(&path, &into, &mut |_| (), &Cancel::new(), begun);
    assert!(
        matches!(outcome, Err(Error::NotVideo { .. })),
        "{outcome:?}"
    );
}
