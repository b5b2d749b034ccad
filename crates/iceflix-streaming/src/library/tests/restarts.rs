//! What is remembered from one run to the next.

use super::*;

#[tokio::test]
async fn a_restart_reads_no_unchanged_file() {
    let place = Place::new();
    let ids: Vec<_> = (0..20)
        .map(|n| place.put(&format!("{n}/f.mp4"), &format!("film {n}")))
        .collect();
    place.put("notes.txt", "no such thing");
    let mut first = place.open().await;
    for id in &ids {
        first.comes(*id).await;
    }
    // What is no film is read once more when it has rested: it might have been half written.
    first.until(|_| place.identified() == 22).await;
    first.library.stop().await;
    assert_eq!(place.indexed(), 20);

    let second = place.open().await;
    assert_eq!(
        second.library.ids().len(),
        20,
        "all are there as soon as it is open"
    );
    second.library.stop().await;
    assert_eq!((place.identified(), place.indexed()), (22, 20));
}

#[tokio::test]
async fn a_file_that_changed_between_two_runs_is_read_again() {
    let place = Place::new();
    let (old, kept) = (
        place.put("a.mp4", "film one"),
        place.put("b.mp4", "film two"),
    );
    let mut first = place.open().await;
    first.comes(old).await;
    first.comes(kept).await;
    first.library.stop().await;
    let new = place.put("a.mp4", "film six");
    let mut second = place.open().await;
    second.comes(new).await;
    assert_eq!(second.library.name(old), None);
    assert_eq!(place.identified(), 3);
}

#[tokio::test]
async fn an_index_that_was_lost_between_two_runs_is_made_anew_without_hashing() {
    let place = Place::new();
    let id = place.put("a.mp4", "film");
    let mut first = place.open().await;
    first.comes(id).await;
    first.library.stop().await;
    fs::remove_dir_all(place.cache().join("index")).expect("removed");
    let mut second = place.open().await;
    second.comes(id).await;
    second.take(id).await.expect("it can be played");
    assert_eq!((place.identified(), place.indexed()), (1, 2));
}

#[tokio::test]
async fn an_index_that_is_damaged_under_way_is_made_anew() {
    let place = Place::new();
    let id = place.put("a.mp4", "film");
    let mut running = place.open().await;
    running.comes(id).await;
    fs::write(place.cache().join(format!("index/{id}/title.json")), "{").expect("written");
    running.take(id).await.expect("it is made anew meanwhile");
    assert_eq!((place.identified(), place.indexed()), (1, 2));
}

#[tokio::test]
async fn two_copies_of_a_film_have_one_index() {
    let place = Place::new();
    let id = place.put("a.mp4", "film");
    place.put("b/copy.mp4", "film");
    fs::hard_link(place.films().join("a.mp4"), place.films().join("link.mp4")).expect("linked");
    let mut running = place.open().await;
    running.until(|_| place.identified() >= 2).await;
    running.comes(id).await;
    assert_eq!(running.library.ids(), [id]);
    assert_eq!(place.indexed(), 1);
}

#[tokio::test]
async fn the_cache_may_lie_among_the_films() {
    let place = Place::new();
    let id = place.put("a.mp4", "film");
    let cache = place.films().join("cache");
    fs::create_dir(&cache).expect("made");
    let config = Config {
        cache,
        ..place.config()
    };
    let mut running = place.open_with(&[place.films()], config).await;
    running.comes(id).await;
    running.library.rescan();
    let other = place.put("b.mp4", "film b");
    running.comes(other).await;
    assert_eq!(place.identified(), 2);
}

#[tokio::test]
async fn a_directory_that_is_not_there_is_named() {
    let place = Place::new();
    for wrong in ["nowhere", "films/file.mp4"] {
        place.put("file.mp4", "film");
        let path = place.top.path().join(wrong);
        let (paths, reader) = ([path], place.reader.clone());
        let opened = Library::with_reader(&paths, place.config(), reader, Cancel::new());
        let error = opened.await.expect_err("refused");
        assert!(error.to_string().contains(wrong), "{error}");
    }
}
