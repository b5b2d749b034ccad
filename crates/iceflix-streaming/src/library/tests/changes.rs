//! What happens in the directory while the library is open.

use std::io::Write as _;

use super::*;
use crate::library::reading::REST;

#[tokio::test]
async fn a_file_that_is_added_is_found_when_it_rests() {
    let place = Place::new();
    let mut running = place.open().await;
    let path = place.films().join("slow.mp4");
    let mut file = fs::File::create(path).expect("created");
    let mut written = Instant::now();
    for part in ["film ", "in ", "parts"] {
        written = Instant::now();
        file.write_all(part.as_bytes()).expect("written");
        tokio::time::sleep(REST / 4).await;
    }
    running.comes(id_of(b"film in parts")).await;
    // The file system's clock ticks a few hundred times a second.
    assert!(written.elapsed() > REST - Duration::from_millis(50));
    assert_eq!(place.identified(), 1, "it was not read before it was whole");
}

#[tokio::test]
async fn a_file_that_is_deleted_is_gone() {
    let place = Place::new();
    let (id, kept) = (place.put("a.mp4", "film a"), place.put("b.mp4", "film b"));
    let mut running = place.open().await;
    running.comes(id).await;
    running.comes(kept).await;
    fs::remove_file(place.films().join("a.mp4")).expect("removed");
    assert!(
        !running.has(id).await,
        "at once, not only when it is noticed"
    );
    running.goes(id).await;
    assert!(running.has(kept).await);
}

#[tokio::test]
async fn a_file_that_is_renamed_stays_and_is_not_read_again() {
    let place = Place::new();
    let (id, other) = (place.put("a.mp4", "film a"), place.put("b.mp4", "film b"));
    let mut running = place.open().await;
    running.comes(id).await;
    running.comes(other).await;
    fs::rename(place.films().join("a.mp4"), place.films().join("c.mp4")).expect("renamed");
    fs::remove_file(place.films().join("b.mp4")).expect("removed");
    running.goes(other).await;
    running.take(id).await.expect("it can be played");
    assert_eq!(running.library.name(id).as_deref(), Some("c"));
    assert_eq!(place.identified(), 2);
}

#[tokio::test]
async fn a_file_that_is_overwritten_is_another_film() {
    let place = Place::new();
    let old = place.put("a.mp4", "film one");
    let mut running = place.open().await;
    running.comes(old).await;
    let new = place.put("a.mp4", "film two");
    assert!(!running.has(old).await);
    running.comes(new).await;
    assert_eq!(running.library.ids(), [new]);
}

#[tokio::test]
async fn a_whole_directory_comes_moves_and_goes() {
    let place = Place::new();
    let mut running = place.open().await;
    let ids = [
        place.put("s/1/a.mp4", "film a"),
        place.put("s/2/b.mp4", "film b"),
    ];
    for id in ids {
        running.comes(id).await;
    }
    let gone = place.put("z.mp4", "film z");
    running.comes(gone).await;
    fs::rename(place.films().join("s"), place.films().join("t")).expect("renamed");
    fs::remove_file(place.films().join("z.mp4")).expect("removed");
    running.goes(gone).await;
    for id in ids {
        running.take(id).await.expect("it can be played");
    }
    // What comes into the moved directory is noticed as well.
    let late = place.put("t/1/late.mp4", "film late");
    running.comes(late).await;
    fs::remove_dir_all(place.films().join("t")).expect("removed");
    running.goes(late).await;
    for id in ids {
        running.goes(id).await;
    }
}

#[tokio::test]
async fn the_second_way_to_a_directory_is_found_when_the_first_is_gone() {
    let place = Place::new();
    let other = tempfile::tempdir().expect("a directory");
    fs::write(other.path().join("far.mp4"), "film far").expect("written");
    for link in ["one", "two"] {
        std::os::unix::fs::symlink(other.path(), place.films().join(link)).expect("linked");
    }
    let mut running = place.open().await;
    let id = id_of(b"film far");
    running.comes(id).await;
    let mark = place.put("mark.mp4", "film mark");
    running.comes(mark).await;
    fs::remove_file(place.films().join("one")).expect("removed");
    fs::remove_file(place.films().join("mark.mp4")).expect("removed");
    running.goes(mark).await;
    running.comes(id).await;
    running.take(id).await.expect("it can be played");
}

#[tokio::test]
async fn the_directory_itself_may_go_and_come_back() {
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    let mut running = place.open().await;
    running.comes(id).await;
    let aside = place.top.path().join("aside");
    fs::rename(place.films(), &aside).expect("renamed");
    running.goes(id).await;
    fs::rename(&aside, place.films()).expect("renamed");
    running.library.rescan();
    running.comes(id).await;
    assert_eq!(place.identified(), 1);
    let new = place.put("b.mp4", "film b");
    running.comes(new).await;
}

#[tokio::test]
async fn what_could_not_be_read_is_tried_again_at_a_rescan() {
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    place.reader.unreadable.store(1, SeqCst);
    let mut running = place.open().await;
    let mark = place.put("mark.mp4", "film mark");
    running.comes(mark).await;
    assert_eq!(running.library.name(id), None);
    running.library.rescan();
    running.comes(id).await;
}

#[tokio::test]
async fn what_is_no_film_is_read_once_and_tells_nothing() {
    let place = Place::new();
    let mut running = place.open().await;
    place.put("a.txt", "text");
    place.put("b.mp4.part", "film b");
    place.put(".c.mp4", "film c");
    let mark = place.put("mark.mp4", "film mark");
    running.comes(mark).await;
    running.library.rescan();
    let mark = place.put("mark2.mp4", "film mark 2");
    running.comes(mark).await;
    assert_eq!(place.identified(), 3);
    assert_eq!(running.told(), 0);
    assert_eq!(running.library.ids().len(), 2);
}

#[tokio::test]
async fn a_change_of_permissions_alone_is_no_change() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    let mut running = place.open().await;
    running.comes(id).await;
    fs::set_permissions(
        place.films().join("a.mp4"),
        fs::Permissions::from_mode(0o640),
    )
    .expect("set");
    assert!(running.has(id).await);
    let mark = place.put("mark.mp4", "film mark");
    running.comes(mark).await;
    assert!(running.has(id).await);
    assert_eq!(running.told(), 0);
}

#[tokio::test]
async fn a_film_whose_index_fails_is_offered_and_its_index_tried_again_when_it_is_wanted() {
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    place.reader.broken.store(2, SeqCst);
    let mut running = place.open().await;
    running.comes(id).await;
    running.until(|library| library.unread() == 0).await;
    let error = running.take(id).await.expect_err("it fails again");
    assert!(
        matches!(&error, Missing::Unprepared(reason) if reason.contains("the test said so")),
        "{error:?}"
    );
    let place_of_films = place.films().display().to_string();
    assert!(!error.to_string().contains(&place_of_films), "{error}");
    assert_eq!(place.indexed(), 2, "it does not keep the library busy");
    running.take(id).await.expect("the third time it works");
}
