//! A catalogue of a million titles and five million tags, on SQLite, as a caller sees it.

use std::time::Instant;

use ice::codegen::{Encode as _, Encoder};
use ice::{Encapsulation, EncodingVersion, Invoked, OperationMode, Prx as _};
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
/// How many searches of each kind are made, one after the other, each twice.
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

/// One search.
enum Search {
    Name { term: String, exact: bool },
    Tags { tags: Vec<String>, all: bool },
}

impl Search {
    /// Has it answered, and leaves the answer as it came.
    async fn ask(&self, catalog: &MediaCatalogPrx) {
        let mut params = Encoder::new(EncodingVersion::V1_1);
        let operation = match self {
            Self::Name { term, exact } => {
                term.encode(&mut params);
                exact.encode(&mut params);
                "getTilesByName"
            }
            Self::Tags { tags, all } => {
                tags.encode(&mut params);
                all.encode(&mut params);
                "getTilesByTags"
            }
        };
        let params = params.finish().unwrap();
        let params = Encapsulation::of_body(EncodingVersion::V1_1, &params).unwrap();
        let invoked = catalog.ice_invoke(operation, OperationMode::Normal, &params);
        assert!(matches!(invoked.await.unwrap(), Invoked::Returned(_)));
    }

    /// Has it answered, and reads the answer.
    async fn read(&self, catalog: &MediaCatalogPrx) -> Vec<String> {
        match self {
            Self::Name { term, exact } => catalog.get_tiles_by_name(term, *exact).await,
            Self::Tags { tags, all } => catalog.get_tiles_by_tags(tags, *all).await,
        }
        .unwrap()
    }
}

async fn names(catalog: &MediaCatalogPrx) {
    let whole = wanted().map(|(term, _)| Search::Name { term, exact: true });
    measure_searches(catalog, "exact name", "2 ms", whole).await;
    for letters in [3, 5, 10] {
        let parts = wanted().enumerate().map(|(turn, (name, _))| {
            let name: Vec<char> = name.chars().collect();
            let from = turn % (name.len().saturating_sub(letters) + 1);
            let term = name.into_iter().skip(from).take(letters).collect();
            Search::Name { term, exact: false }
        });
        let what = format!("part of {letters} letters");
        measure_searches(catalog, &what, "10 ms", parts).await;
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
        let searches = wanted().map(|(_, tags)| Search::Tags {
            tags: tags[which.clone()].to_vec(),
            all,
        });
        measure_searches(catalog, what, "2 ms", searches).await;
    }
}

/// Makes each search twice: an answer may be a megabyte, and what its caller makes of that is not the catalogue's work.
async fn measure_searches(
    catalog: &MediaCatalogPrx,
    what: &str,
    wanted: &str,
    searches: impl Iterator<Item = Search>,
) {
    progress(what);
    let (mut answered, mut read, mut hits) = (Vec::new(), Vec::new(), Vec::new());
    for search in searches {
        let begun = Instant::now();
        search.ask(catalog).await;
        answered.push(begun.elapsed());
        let begun = Instant::now();
        hits.push(search.read(catalog).await.len());
        read.push(begun.elapsed());
    }
    hits.sort_unstable();
    let at = |share: usize| hits[hits.len() * share / 100];
    let figure = format!(
        "{what} (hits: median {}, 99 of 100 up to {}): median",
        at(50),
        at(99)
    );
    let [median, most, longest] = spread(answered);
    row(&figure, milliseconds(median), "");
    row("    99 of 100 within", milliseconds(most), wanted);
    row("    all within", milliseconds(longest), "");
    let [_, most, _] = spread(read);
    row(
        "    99 of 100, read into strings by the caller",
        milliseconds(most),
        "",
    );
}
