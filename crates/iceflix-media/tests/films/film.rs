//! Films to test with. Each is made once and kept among the build's own files.

use std::collections::hash_map::DefaultHasher;
use std::fs;
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use iceflix_index::{Index, Title};
use iceflix_media::{Cancel, Error, compile};
use tempfile::TempDir;

/// A moving picture and a tone, eight seconds, a keyframe a second; without reordered pictures.
pub(crate) const PLAIN: &str = "-c:v libx264 -preset veryfast -bf 0 -g 25 -b:v 1500k -c:a aac";

/// The same with reordered pictures, of which some refer to each other.
pub(crate) const REORDERED: &str =
    "-c:v libx264 -preset veryfast -bf 3 -b-pyramid normal -g 50 -b:v 1500k -c:a aac";

/// Runs ffmpeg, which must succeed, and returns what it wrote to its standard output.
pub(crate) fn ffmpeg(arguments: &[&str]) -> Vec<u8> {
    run(
        "ffmpeg",
        &[&["-nostdin", "-v", "error", "-y"], arguments].concat(),
    )
}

/// Runs a program, which must succeed, and returns what it wrote to its standard output.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Vec<u8> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .expect("it is installed");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    output.stdout
}

/// The film that the test pattern and tone become with these arguments of ffmpeg, in a file whose
/// name ends with `name`.
pub(crate) fn film(name: &str, arguments: &str) -> PathBuf {
    let inputs = "-f lavfi -i testsrc2=s=640x360:r=25:d=8 -f lavfi -i sine=f=440:r=48000:d=8";
    made(name, &format!("{inputs} {arguments}"))
}

/// The film that all these arguments make.
pub(crate) fn made(name: &str, arguments: &str) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    arguments.hash(&mut hasher);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("films");
    fs::create_dir_all(&dir).expect("a directory");
    let path = dir.join(format!("{:016x}-{name}", hasher.finish()));
    if !path.exists() {
        // Others may be making the same film: each makes its own, and all take its name.
        let own = TempDir::new_in(&dir).expect("a directory");
        let partial = own.path().join(name);
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        ffmpeg(&[&arguments[..], &[partial.to_str().expect("plain")]].concat());
        fs::rename(&partial, &path).expect("named");
    }
    path
}

/// A film that was compiled.
pub(crate) struct Compiled {
    pub(crate) title: Title,
    pub(crate) index: Index,
    pub(crate) dir: TempDir,
}

/// Compiles a film that can be compiled.
pub(crate) fn compiled(path: &Path) -> Compiled {
    let dir = TempDir::new().expect("a directory");
    let into = dir.path().join("index");
    let title = compile(path, &into, &mut |_| (), &Cancel::new()).expect("a film");
    let index = Index::open(&into, path).expect("an index");
    assert_eq!(*index.title(), title);
    Compiled { title, index, dir }
}

/// Compiles a film that cannot be compiled; nothing may be left of it.
pub(crate) fn refused(path: &Path) -> Error {
    let dir = TempDir::new().expect("a directory");
    let error =
        compile(path, &dir.path().join("index"), &mut |_| (), &Cancel::new()).expect_err("no film");
    let left: Vec<_> = fs::read_dir(dir.path()).expect("there").collect();
    assert!(left.is_empty(), "{left:?}");
    error
}
