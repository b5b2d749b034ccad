//! How long reads of a large catalogue take, without the network: prints figures, and passes or fails nothing.
//!
//! `cargo bench -p iceflix-catalog --features sample -- [TITLES] [DATABASE]`: 1,000,000 titles in a new SQLite file unless told otherwise.

use std::time::{Duration, Instant};

use iceflix_catalog::sample;
use iceflix_catalog::store::title::{Id, Name};
use iceflix_catalog::store::{Catalog, Found};
use iceflix_database::Location;

/// Calls of each kind.
const CALLS: u64 = 2_000;

/// Fewer where they take longer than this.
const LONG_ENOUGH: Duration = Duration::from_secs(5);

/// Reads in flight at once, for the last figure.
const TOGETHER: u64 = 64;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"));
    let titles: u64 = arguments
        .next()
        .map_or(1_000_000, |word| word.parse().expect("a number of titles"));
    let directory = tempfile::tempdir().expect("a directory");
    let location = match arguments.next() {
        Some(location) => location.parse().expect("a database"),
        None => Location::file(directory.path().join("titles.db")),
    };
    let (started, busy) = (Instant::now(), processor_time());
    let catalog = Catalog::open(&location).await.expect("open");
    if catalog.count().await.expect("a count") == 0 {
        catalog.close().await;
        drop(catalog);
        sample::fill(&location, titles).await.expect("filled");
        tell("filling it", started, busy);
    }

    let before = resident();
    let (started, busy) = (Instant::now(), processor_time());
    let catalog = Catalog::open(&location).await.expect("open");
    tell("opening it", started, busy);
    let taken = resident().saturating_sub(before);
    println!(
        "memory: {} MiB, {} bytes a title",
        taken >> 20,
        taken / titles
    );

    let mut chance = fastrand::Rng::with_seed(7);
    let mut some = || sample::title(chance.u64(0..titles));
    let names: Vec<_> = (0..CALLS).map(|_| some()).collect();
    let part = |letters: usize| {
        let cut = names.iter().enumerate().map(move |(n, (name, _))| {
            let letters_of: Vec<char> = name.chars().collect();
            let start = n % (letters_of.len().saturating_sub(letters) + 1);
            letters_of
                .into_iter()
                .skip(start)
                .take(letters)
                .collect::<String>()
        });
        cut.collect::<Vec<_>>()
    };
    let whole: Vec<_> = names.iter().map(|(name, _)| name.clone()).collect();
    measure("exact name", &whole, async |term| {
        catalog.by_name(term, true).await.expect("found")
    })
    .await;
    for letters in [1, 2, 3, 4, 5, 10] {
        let terms = part(letters);
        let what = format!("part of {letters} letters");
        measure(&what, &terms, async |term| {
            catalog.by_name(term, false).await.expect("found")
        })
        .await;
    }
    for (what, tags) in [
        ("genre", 0..1),
        ("actor", 3..4),
        ("genre and decade", 0..2),
        ("director and actor", 2..4),
        ("all five tags", 0..5),
    ] {
        let wanted: Vec<_> = names
            .iter()
            .map(|(_, all)| all[tags.clone()].to_vec())
            .collect();
        for all in [true, false] {
            let what = format!("{what}, {}", if all { "all" } else { "any" });
            measure(&what, &wanted, async |tags| {
                catalog.by_tags(tags, all).await.expect("found")
            })
            .await;
        }
    }
    tiles(&catalog, titles).await;
    renames(&catalog, titles).await;
}

async fn measure<T>(what: &str, terms: &[T], search: impl AsyncFn(&T) -> Found) {
    let (mut took, mut hits): (Vec<Duration>, usize) = (Vec::new(), 0);
    let begun = Instant::now();
    for term in terms {
        if begun.elapsed() > LONG_ENOUGH {
            break;
        }
        let started = Instant::now();
        let found = search(term).await;
        took.push(started.elapsed());
        hits += found.ids.len();
    }
    took.sort();
    println!(
        "{what:28} {:>8.0} hits   p50 {:>9.1?}   p99 {:>9.1?}   max {:>9.1?}",
        hits as f64 / took.len() as f64,
        took[took.len() / 2],
        took[took.len() * 99 / 100],
        took[took.len() - 1]
    );
}

async fn tiles(catalog: &Catalog, titles: u64) {
    const CALLS: u64 = 4_000;
    let started = Instant::now();
    let callers = (0..TOGETHER).map(|caller| {
        let catalog = catalog.clone();
        tokio::spawn(async move {
            for call in 0..CALLS {
                let id = sample::id((caller * CALLS + call) * 7_919 % titles);
                let id = Id::parse(&id).expect("an id");
                catalog.get(&id).await.expect("read").expect("a title");
            }
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
    let rate = (TOGETHER * CALLS) as f64 / started.elapsed().as_secs_f64();
    println!("titles by id, {TOGETHER} in flight: {rate:.0} a second");
    let started = Instant::now();
    for call in 0..CALLS {
        let id = Id::parse(&sample::id(call * 7_919 % titles)).expect("an id");
        catalog.get(&id).await.expect("read").expect("a title");
    }
    println!(
        "titles by id, one in flight: {:.0} us each",
        started.elapsed().as_secs_f64() * 1e6 / CALLS as f64
    );
}

async fn renames(catalog: &Catalog, titles: u64) {
    const EDITS: u64 = 200;
    let started = Instant::now();
    for edit in 0..EDITS {
        let id = Id::parse(&sample::id(edit * 7_919 % titles)).expect("an id");
        let name = Name::parse(&format!("Renamed {edit}")).expect("a name");
        catalog.rename(&id, &name).await.expect("renamed");
    }
    println!(
        "renames, one after another: {:.2} ms each",
        started.elapsed().as_secs_f64() * 1e3 / EDITS as f64
    );
}

/// A figure beside which the machine may have had other things to do: the time that passed, and the processor's time.
fn tell(what: &str, started: Instant, busy: Duration) {
    let (passed, busy) = (started.elapsed(), processor_time() - busy);
    println!("{what}: {passed:.2?}, in which processors worked {busy:.2?}");
}

/// How long processors have worked for this process, in steps of 10 ms.
fn processor_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let (_, fields) = stat.rsplit_once(") ").unwrap_or_default();
    let ticks = fields.split(' ').skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|field| field.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// What this process has in memory, in bytes.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
