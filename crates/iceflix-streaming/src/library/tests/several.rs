//! Several directories, many files, and kernels that do not tell of changes.

use super::*;

#[tokio::test]
async fn films_of_several_directories_are_one_library_and_copies_are_one_film() {
    let place = Place::new();
    let other = tempfile::tempdir().expect("a directory");
    let (id, far) = (place.put("a.mp4", "film a"), id_of(b"film far"));
    fs::write(other.path().join("far.mp4"), "film far").expect("written");
    fs::write(other.path().join("copy.mp4"), "film a").expect("written");
    let directories = [
        place.films(),
        other.path().to_owned(),
        // Below another one, and the same once more: not looked at twice.
        place.films().join("."),
        place.films(),
    ];
    let mut running = place.open_with(&directories, place.config()).await;
    running.comes(far).await;
    running.comes(id).await;
    assert_eq!(running.library.count(), 2);
    assert_eq!(running.library.directories().len(), 2);
    assert_eq!(place.identified(), 3);
    fs::remove_file(place.films().join("a.mp4")).expect("removed");
    assert!(running.has(id).await, "its copy is there");
    running.take(id).await.expect("it can be played");
    fs::remove_file(other.path().join("copy.mp4")).expect("removed");
    running.goes(id).await;
    assert!(running.has(far).await);
}

#[tokio::test]
async fn where_the_kernel_has_no_watches_left_changes_are_looked_for() {
    /// Has room for the top directory and for no other.
    struct Full(bool);

    impl notify::Watcher for Full {
        fn new<F: notify::EventHandler>(_: F, _: notify::Config) -> notify::Result<Self> {
            Ok(Self(false))
        }
        fn watch(&mut self, _: &Path, _: notify::RecursiveMode) -> notify::Result<()> {
            match std::mem::replace(&mut self.0, true) {
                false => Ok(()),
                true => Err(notify::Error::new(notify::ErrorKind::MaxFilesWatch)),
            }
        }
        fn unwatch(&mut self, _: &Path) -> notify::Result<()> {
            Ok(())
        }
        fn kind() -> notify::WatcherKind {
            notify::WatcherKind::NullWatcher
        }
    }

    let place = Place::new();
    let first = place.put("deep/a.mp4", "film a");
    let config = Config {
        eyes: Eyes {
            watcher: |_| Ok(Box::new(Full(false))),
            look_again: Duration::from_millis(200),
        },
        ..place.config()
    };
    let mut running = place.open_with(&[place.films()], config).await;
    running.comes(first).await;
    let late = place.put("deep/b.mp4", "film b");
    running.comes(late).await;
    fs::remove_file(place.films().join("deep/a.mp4")).expect("removed");
    running.goes(first).await;
}

#[tokio::test]
async fn a_hard_link_is_not_read_a_second_time() {
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    for n in 0..20 {
        let link = place.films().join(format!("{n}.mp4"));
        fs::hard_link(place.films().join("a.mp4"), link).expect("linked");
    }
    let mut running = place.open().await;
    running.comes(id).await;
    let end = Instant::now() + AT_MOST;
    let unknown = |list: &[crate::Entry]| list.iter().any(|one| one.id.is_none());
    while unknown(&running.library.list().await.0) {
        assert!(Instant::now() < end, "some are never looked at");
        tokio::time::sleep(LOOK).await;
    }
    assert_eq!((place.identified(), place.indexed()), (1, 1));
    assert_eq!(running.library.list().await.0.len(), 21);
}
