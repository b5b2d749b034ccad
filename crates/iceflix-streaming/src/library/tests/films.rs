//! Real films, and what looks like films, read by GStreamer.

use iceflix_testkit::film::Film;

use super::*;

const FILM: Film = Film::mp4("Alien", 2, 440);
const OTHER: Film = Film::mkv("Blade Runner", 2, 660);

async fn open(place: &Place) -> Running {
    let opened = Library::open(&[place.films()], place.config()).await;
    let (library, changes) = opened.expect("opened");
    Running {
        library: Arc::new(library),
        changes,
    }
}

#[tokio::test]
async fn films_are_found_among_all_kinds_of_files() {
    let place = Place::new();
    let film = FILM.copy_to(&place.films());
    OTHER.copy_to(&place.films());
    let bytes = fs::read(&film).expect("read");
    let put =
        |name: &str, bytes: &[u8]| fs::write(place.films().join(name), bytes).expect("written");
    put("cut in the data.mp4", &bytes[..bytes.len() / 2]);
    put("head only.mp4", &bytes[..100]);
    put("text.mp4", b"This is not a film.\n");
    put("empty.mp4", b"");
    put("noise.mkv", &bytes[bytes.len() / 3..bytes.len() / 2]);
    put("Alien again.mov", &bytes);
    let mut running = open(&place).await;
    running.until(|library| library.ids().len() == 2).await;
    let mut names: Vec<_> = running
        .library
        .ids()
        .into_iter()
        .filter_map(|id| running.library.name(id))
        .collect();
    names.sort();
    assert!(
        names[0].starts_with("Alien") && names[1] == "Blade Runner",
        "{names:?}"
    );
    let index = running.take(id_of(&bytes)).await.expect("it can be played");
    assert_eq!(index.title().tracks.len(), 2);
    running.library.stop().await;
}

#[tokio::test]
async fn viewers_of_one_film_share_its_index() {
    let place = Place::new();
    let film = FILM.copy_to(&place.films());
    let id = id_of(&fs::read(&film).expect("read"));
    let mut running = open(&place).await;
    running.comes(id).await;
    let one = running.take(id).await.expect("opened");
    let two = running.take(id).await.expect("opened");
    assert!(Arc::ptr_eq(&one, &two));
}

#[tokio::test]
async fn stopping_in_the_middle_takes_no_more_than_a_moment_and_loses_nothing() {
    let place = Place::new();
    for n in 0..50 {
        let film = FILM.copy_to(&place.films());
        let mut bytes = fs::read(&film).expect("read");
        // Behind the last box of an mp4 file, anything may stand in a box of its own.
        bytes.extend([0, 0, 0, 9, b'f', b'r', b'e', b'e', n]);
        fs::write(place.films().join(format!("{n}.mp4")), bytes).expect("written");
        fs::remove_file(film).expect("removed");
    }
    let mut running = open(&place).await;
    running.until(|library| !library.ids().is_empty()).await;
    let begun = Instant::now();
    running.library.stop().await;
    assert!(
        begun.elapsed() < Duration::from_secs(2),
        "{:?}",
        begun.elapsed()
    );
    let mut again = open(&place).await;
    assert!(!again.library.ids().is_empty());
    again.until(|library| library.ids().len() == 50).await;
}
