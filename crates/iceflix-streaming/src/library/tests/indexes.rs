//! Films that are played before, while and after their indexes are made.

use super::*;
use crate::library::State;

#[tokio::test]
async fn a_film_is_offered_and_played_while_its_index_is_made() {
    let place = Place::new();
    place.reader.slow.store(true, SeqCst);
    let id = place.put("a.mp4", "film a");
    let mut running = place.open().await;
    running.until(|library| library.name(id).is_some()).await;
    let (one, two) = (running.take(id).await, running.take(id).await);
    let (one, two) = (one.expect("playable"), two.expect("playable"));
    assert!(one.is_growing() && Arc::ptr_eq(&one, &two));
    assert_eq!(running.library.unread(), 1);
    place.reader.slow.store(false, SeqCst);
    running.comes(id).await;
    assert!(!one.is_growing());
    let whole = running.take(id).await.expect("playable");
    assert!(!whole.is_growing());
    assert_eq!(place.indexed(), 1);
}

#[tokio::test]
async fn in_a_full_cache_the_indexes_of_longest_ago_make_room_for_those_that_are_wanted() {
    let place = Place::new();
    let ids: Vec<_> = (0..5)
        .map(|n| place.put(&format!("{n}.mp4"), &format!("film {n}")))
        .collect();
    let config = Config {
        // An index of the tests takes three blocks of the disk.
        cache_size: Some(2 * 3 * 4_096),
        ..place.config()
    };
    let mut running = place.open_with(&[place.films()], config).await;
    for id in &ids {
        running.comes(*id).await;
    }
    for id in &ids {
        running
            .take(*id)
            .await
            .expect("it is made when it is wanted");
    }
    running.until(|library| library.unread() == 0).await;
    let kept = fs::read_dir(place.cache().join("index"))
        .expect("read")
        .count();
    assert!((1..=2).contains(&kept), "{kept}");
    let (list, _) = running.library.list().await;
    assert_eq!(list.len(), 5);
    assert!(
        list.iter()
            .all(|one| matches!(one.state, State::Ready | State::Unindexed)),
        "{list:?}"
    );
}

#[tokio::test]
async fn the_list_says_what_each_file_is() {
    let place = Place::new();
    let id = place.put("a.mp4", "film a");
    place.put("b.txt", "text");
    let old = std::time::SystemTime::now() - 2 * super::super::reading::REST;
    let text = fs::File::options()
        .append(true)
        .open(place.films().join("b.txt"))
        .expect("opened");
    text.set_modified(old).expect("set");
    let mut running = place.open().await;
    running.comes(id).await;
    let refused = |list: &[crate::Entry]| {
        list.iter()
            .any(|one| matches!(&one.state, State::LeftOut(reason) if reason.contains("begin")))
    };
    let end = Instant::now() + AT_MOST;
    let list = loop {
        let (list, _) = running.library.list().await;
        if refused(&list) {
            break list;
        }
        assert!(Instant::now() < end, "{list:?}");
        tokio::time::sleep(LOOK).await;
    };
    assert_eq!(list.len(), 2, "{list:?}");
    assert_eq!(list[0].id, Some(id.to_string()));
    assert_eq!((list[0].size, &list[0].state), (6, &State::Ready));
}
