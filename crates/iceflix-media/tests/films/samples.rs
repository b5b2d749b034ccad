//! The films that are made for those who have none.

use iceflix_media::{Cancel, probe, samples};
use tempfile::TempDir;

use crate::film::compiled;

#[test]
fn three_films_are_made_once_and_can_be_served() {
    let dir = TempDir::new().expect("a directory");
    let into = dir.path().join("films");
    let mut last = 0;
    let mut watch = |progress: iceflix_media::Progress| {
        assert!(progress.done >= last && progress.done <= progress.total);
        last = progress.done;
    };
    let paths = samples::make(&into, &mut watch, &Cancel::new()).expect("made");
    let names: Vec<_> = paths
        .iter()
        .map(|path| path.file_name().expect("it has one").to_string_lossy())
        .collect();
    assert_eq!(
        names,
        ["Northern Lights.mp4", "High Tide.mp4", "Carousel.mp4"]
    );
    let times = || {
        paths
            .iter()
            .map(|path| path.metadata().expect("there").modified().expect("known"))
            .collect::<Vec<_>>()
    };
    let made = times();
    for path in &paths {
        let found = probe(path).expect("a film");
        assert!(
            (23.9..24.1).contains(&found.duration.expect("known").as_secs_f64()),
            "{found:?}"
        );
        let film = compiled(path);
        assert_eq!(film.title.tracks.len(), 2);
        assert_eq!(film.index.points(), 12, "a keyframe every two seconds");
    }
    assert_eq!(
        samples::make(&into, &mut |_| (), &Cancel::new()).expect("there"),
        paths
    );
    assert_eq!(times(), made, "what is there is left as it is");
    assert_eq!(std::fs::read_dir(&into).expect("there").count(), 3);
}
