//! Compiles the interfaces that are measured.

use std::process::exit;

fn main() {
    if let Err(error) = slice2rs::Builder::new().compile(&["slice/Bench.ice"]) {
        eprintln!("{error}");
        exit(1);
    }
}
