//! Several catalogues on one database.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::place::{Place, all, exact, id, name, on_both, rename, tag, tags, title, untag};

on_both!(
    two_catalogues_see_each_others_edits_in_the_very_next_read,
    edits_at_the_same_time_lose_nothing,
    whoever_reads_beside_edits_never_sees_an_older_state_again,
);

async fn two_catalogues_see_each_others_edits_in_the_very_next_read(place: Place) {
    let one = place.with(&["Alien"]).await;
    let other = place.open().await;
    for n in 0..50 {
        let (here, there) = if n % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let text = format!("Alien {n}");
        rename(here, 0, &text).await;
        assert_eq!(exact(there, &text).await, [0]);
        let text = format!("tag {n}");
        tag(here, 0, &[&text]).await;
        assert_eq!(all(there, &[&text]).await, [0]);
        untag(there, 0, &[&text]).await;
        assert!(title(here, 0).await.tags.is_empty());
        let new = [(id(n + 1), name("new"))];
        assert_eq!(here.discovered(&new).await.expect("created").created, 1);
        assert!(there.knows(&id(n + 1)).await.expect("the database"));
        assert_eq!(there.discovered(&new).await.expect("known").created, 0);
    }
}

async fn edits_at_the_same_time_lose_nothing(place: Place) {
    const EDITS: usize = 40;
    let catalog = place.with(&["Alien"]).await;
    let other = place.open().await;
    let edits = (0..EDITS).map(|n| {
        let catalog = if n % 2 == 0 { &catalog } else { &other };
        let catalog = catalog.clone();
        tokio::spawn(async move {
            let tag = tags(&[&n.to_string()]);
            catalog.add_tags(&id(0), &tag).await.expect("tagged");
        })
    });
    for edit in edits.collect::<Vec<_>>() {
        edit.await.expect("an edit");
    }
    let (here, there) = (title(&catalog, 0).await, title(&other, 0).await);
    assert_eq!(here, there, "the same tags in the same order");
    assert_eq!(here.tags.len(), EDITS);
    assert_eq!(title(&place.open().await, 0).await, here);
}

/// Revisions that became visible out of order would be skipped for ever.
async fn whoever_reads_beside_edits_never_sees_an_older_state_again(place: Place) {
    const TITLES: usize = 4;
    const EDITORS: usize = 2;
    let editors = [place.with(&["0"; TITLES]).await, place.open().await];
    let reader = place.open().await;
    let done = AtomicBool::new(false);
    let edit = async {
        let edits = editors
            .iter()
            .enumerate()
            .map(|(which, editor)| async move {
                for n in 1..60_u32 {
                    // Each title has one editor, of whose edits the last one counts.
                    for mine in (which..TITLES).step_by(EDITORS) {
                        rename(editor, mine, &n.to_string()).await;
                    }
                }
            });
        futures_util::future::join_all(edits).await;
        done.store(true, Ordering::Release);
    };
    let read = async {
        let mut seen = [0_u32; TITLES];
        let mut reads = 0;
        while !done.load(Ordering::Acquire) {
            for (n, last) in seen.iter_mut().enumerate() {
                let now = title(&reader, n).await.name.parse().expect("a number");
                assert!(now >= *last, "{now} after {last}");
                *last = now;
                reads += 1;
            }
        }
        reads
    };
    let ((), reads) = tokio::join!(edit, read);
    assert!(reads > 0);
    for n in 0..TITLES {
        assert_eq!(title(&reader, n).await.name, "59");
    }
}
