//! Compiles the broker's own Slice definitions, as the package `zeroc-ice-slice` installs them, and what the tests
//! publish.

use std::path::Path;
use std::process::exit;

fn main() {
    println!("cargo:rerun-if-env-changed=ICE_SLICE_DIR");
    let slice =
        std::env::var("ICE_SLICE_DIR").unwrap_or_else(|_| "/usr/share/ice/slice".to_owned());
    let definition = Path::new(&slice).join("IceStorm/IceStorm.ice");
    if !definition.exists() {
        eprintln!(
            "The Slice definitions of IceStorm are not installed: {} is missing.\n\
             On Debian and Ubuntu: apt-get install zeroc-ice-slice\n\
             Elsewhere: set ICE_SLICE_DIR to the directory that holds IceStorm/IceStorm.ice.",
            definition.display()
        );
        exit(1);
    }
    let compiler = slice2rs::Builder::new()
        .include(&slice)
        .extern_module("::Ice", "ice");
    for file in [definition.as_path(), Path::new("tests/slice/Clock.ice")] {
        if let Err(error) = compiler.compile(&[file]) {
            eprintln!("{error}");
            exit(1);
        }
    }
}
