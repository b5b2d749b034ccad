//! Makes the sample films: `cargo run --release --example samples DIRECTORY`.

use std::path::PathBuf;

use iceflix_media::{Cancel, samples};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let dir = PathBuf::from(std::env::args_os().nth(1).ok_or("into which directory?")?);
    let mut shown = 0;
    let mut show = |progress: iceflix_media::Progress| {
        let percent = progress.done * 100 / progress.total;
        if percent >= shown + 10 {
            shown = percent;
            println!("{percent} %");
        }
    };
    for path in samples::make(&dir, &mut show, &Cancel::new())? {
        println!("{}", path.display());
    }
    Ok(())
}
