//! Compiles a film and says how fast it went and how large the index is: `cargo run --release
//! --example compile FILE`.

use std::path::PathBuf;
use std::time::Instant;

use iceflix_media::{Cancel, compile, hash, probe};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let path = PathBuf::from(std::env::args_os().nth(1).ok_or("which film?")?);
    let into = tempfile::tempdir()?;
    let begun = Instant::now();
    let found = probe(&path)?;
    println!("probed in {:.1?}: {found:#?}", begun.elapsed());

    let megabytes = found.len as f64 / 1e6;
    let begun = Instant::now();
    let id = hash(&path, &mut |_| (), &Cancel::new())?;
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "hashed in {seconds:.2} s, {:.0} MB/s: {id}",
        megabytes / seconds
    );

    let dir = into.path().join("index");
    let begun = Instant::now();
    let title = compile(&path, &dir, &mut |_| (), &Cancel::new())?;
    let seconds = begun.elapsed().as_secs_f64();
    let mut len = 0;
    for entry in std::fs::read_dir(&dir)? {
        len += entry?.metadata()?.len();
    }
    println!("compiled: {title:#?}");
    println!(
        "in {seconds:.2} s, {:.0} MB/s; the index has {len} bytes, {:.2} % of the film",
        megabytes / seconds,
        len as f64 / found.len as f64 * 100.0
    );
    Ok(())
}
