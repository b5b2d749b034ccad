//! A short run of each fuzz target: every input that is kept, and for some seconds what can be made of those.
//!
//! The seed is the same each time, so that what fails fails again; `FUZZ_SEED` chooses another one.

mod mutate;

use std::fs;
use std::panic;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use ice_hostile::{TARGETS, Target};

/// So long each target is given changed inputs.
const TIME: Duration = Duration::from_secs(2);
/// Longer than all of it takes on a busy machine; what hangs is killed.
const LIMIT: Duration = Duration::from_secs(120);

fn corpus(target: Target) -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(target.name);
    let mut paths: Vec<PathBuf> = fs::read_dir(&directory)
        .expect("each target has a corpus")
        .map(|entry| entry.expect("the directory can be read").path())
        // What a run of the fuzzer finds has no extension, and is its own business.
        .filter(|path| path.extension().is_some())
        .collect();
    paths.sort();
    let inputs = paths.iter().map(|path| fs::read(path).expect("a file"));
    inputs.collect()
}

/// Runs one input; what it was is told where it fails.
fn one(target: Target, input: &[u8]) {
    if let Err(failure) = panic::catch_unwind(|| (target.run)(input)) {
        eprintln!(
            "{} failed with {:?}",
            target.name,
            input.escape_ascii().to_string()
        );
        panic::resume_unwind(failure);
    }
}

fn short_run(target: Target) {
    let seeds = corpus(target);
    assert!(!seeds.is_empty(), "{} has no corpus", target.name);
    for seed in &seeds {
        one(target, seed);
    }
    let seed = std::env::var("FUZZ_SEED")
        .ok()
        .and_then(|seed| seed.parse().ok());
    let mut mutator = mutate::Mutator::new(seed.unwrap_or(1), &seeds);
    let start = Instant::now();
    while start.elapsed() < TIME {
        one(target, &mutator.next_input());
    }
}

#[test]
fn what_may_never_happen_does_not_happen_in_a_short_run() {
    let (done, finished) = mpsc::channel();
    let run = thread::spawn(move || {
        TARGETS.into_iter().for_each(short_run);
        let _ = done.send(());
    });
    if finished.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
        eprintln!("an input hangs");
        std::process::exit(1);
    }
    if let Err(failure) = run.join() {
        panic::resume_unwind(failure);
    }
}
