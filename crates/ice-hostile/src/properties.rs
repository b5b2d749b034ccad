//! No configuration file and no arguments make properties panic, end the process, or hold what cannot be read.
//!
//! Where the first byte is odd, the rest is a file that `Ice.Config` names; otherwise each of its lines is an argument.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use ice::Properties;
use tempfile::TempDir;

static FILE: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let directory = directory();
    let path = directory.path().join("hostile.conf");
    (directory, path)
});

/// Reads one input, and all that it says.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let Some((&how, rest)) = bytes.split_first() else {
        return;
    };
    let read = if how % 2 == 1 {
        fs::write(&FILE.1, rest).expect("a file that can be written");
        Properties::from_args([format!("--Ice.Config={}", FILE.1.display())])
    } else {
        let text = String::from_utf8_lossy(rest);
        // Files are the operating system's, and reading any that chance names is not what is tried here.
        let arguments = text.lines().filter(|line| !line.contains("Config"));
        Properties::from_args(arguments)
    };
    let Ok((properties, _)) = read else {
        return;
    };
    for (key, value) in properties.for_prefix("") {
        // Names that are not UTF-8 are shown with a replacement, under which nothing is to be found.
        if !value.is_empty() && !key.contains(char::REPLACEMENT_CHARACTER) {
            assert_eq!(properties.get(&key).as_ref(), Some(&value), "{key:?}");
        }
        let _ = properties.int(&key);
        let _ = properties.list(&key);
    }
    let copy = properties.copy().expect("there is memory for it");
    assert_eq!(copy.for_prefix(""), properties.for_prefix(""));
}

/// In memory where there is such a place: the file lives for a few microseconds.
fn directory() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    }
    .expect("a place for the file")
}
