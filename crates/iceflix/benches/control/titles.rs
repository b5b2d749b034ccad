//! A catalogue of a million titles and five million tags, on SQLite, as a caller sees it.

use std::time::Instant;

use iceflix_catalog::sample;
use iceflix_database::Location;
use iceflix_slice::MediaCatalogPrx;
use iceflix_testkit::{
    Platform,
    peer::{Peer, until},
};

use crate::{
    ICEFLIX,
    calls::rate,
    figures::{milliseconds, progress, row, spread},
};

const TITLES: u64 = 1_000_000;
/// How many searches of each kind are made, one after the other.
const SEARCHES: u64 = 1000;
/// How many titles have a live server, and are looked up in turn.
const SERVED: usize = 1000;

pub(crate) fn measure() {
    let platform = Platform::start(ICEFLIX);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    progress(format!("{TITLES} titles are written"));
    let database = platform.directory().join("data/titles.db");
    runtime
        .block_on(sample::fill(&Location::file(&database), TITLES))
        .unwrap();
    let mut first = platform.service(&["catalog"]);
    first.process.stop();
    let begun = Instant::now();
    let service = platform.service(&["catalog"]);
    let figure = "catalogue of 1,000,000 titles, 5,000,000 tags: ready after";
    row(figure, milliseconds(begun.elapsed()), "3000 ms");
    runtime.block_on(async {
        let peer = Peer::join(&platform);
        let catalog: MediaCatalogPrx = peer.proxy(&service.proxy);
        names(&catalog).await;
        tags(&catalog).await;

        let served: Vec<String> = (0..SERVED as u64).map(sample::id).collect();
        peer.provide("measured", &served).await;
        progress(format!("{SERVED} of them get a server"));
        for title in &served {
            until("a title with a server", async || {
                catalog.get_tile(title).await.ok()
            })
            .await;
        }
        let looked_up = rate(&service.process, |turn| {
            let (catalog, title) = (catalog.clone(), served[turn % SERVED].clone());
            async move { drop(catalog.get_tile(&title).await.unwrap()) }
        })
        .await;
        looked_up.show("getTile among a million", "20000/s", None);
        peer.communicator.destroy().await;
    });
    let memory = service.process.memory() as f64 / (1 << 20) as f64;
    row(
        "memory after all that",
        format!("{memory:.0} MiB"),
        "1024 MiB",
    );
}

/// Titles to search for, the same ones each time, from all over the catalogue.
fn wanted() -> impl Iterator<Item = (String, Vec<String>)> {
    (0..SEARCHES).map(|turn| sample::title(turn * (TITLES / SEARCHES)))
}

async fn names(catalog: &MediaCatalogPrx) {
    search("exact name", "2 ms", wanted(), async |(name, _)| {
        catalog.get_tiles_by_name(&name, true).await.unwrap()
    })
    .await;
    for letters in [3, 5, 10] {
        let parts = wanted().enumerate().map(|(turn, (name, _))| {
            let name: Vec<char> = name.chars().collect();
            let from = turn % (name.len().saturating_sub(letters) + 1);
            name.into_iter()
                .skip(from)
                .take(letters)
                .collect::<String>()
        });
        let what = format!("part of {letters} letters");
        search(&what, "10 ms", parts, async |part| {
            catalog.get_tiles_by_name(&part, false).await.unwrap()
        })
        .await;
    }
}

async fn tags(catalog: &MediaCatalogPrx) {
    // The first two of five tags are common, the others rare.
    for (what, which, all) in [
        ("a common tag", 0..1, true),
        ("two common tags, all", 0..2, true),
        ("two common tags, any", 0..2, false),
        ("a rare tag", 3..4, true),
        ("a common and a rare tag, all", 1..3, true),
        ("two rare tags, any", 2..4, false),
    ] {
        let tags = wanted().map(|(_, tags)| tags[which.clone()].to_vec());
        search(what, "2 ms", tags, async |tags| {
            catalog.get_tiles_by_tags(&tags, all).await.unwrap()
        })
        .await;
    }
}

async fn search<T>(
    what: &str,
    wanted: &str,
    terms: impl Iterator<Item = T>,
    ask: impl AsyncFn(T) -> Vec<String>,
) {
    progress(what);
    let (mut times, mut hits) = (Vec::new(), Vec::new());
    for term in terms {
        let begun = Instant::now();
        let found = ask(term).await.len();
        times.push(begun.elapsed());
        hits.push(found);
    }
    hits.sort_unstable();
    let at = |share: usize| hits[hits.len() * share / 100];
    let figure = format!(
        "{what} (hits: median {}, 99 of 100 up to {}): median",
        at(50),
        at(99)
    );
    let [median, most, _] = spread(times);
    row(&figure, milliseconds(median), "");
    row("    99 of 100 within", milliseconds(most), wanted);
}
