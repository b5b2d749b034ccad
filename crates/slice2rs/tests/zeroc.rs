//! ZeroC's own Slice files, which the Debian package zeroc-ice-slice installs.

use std::path::{Path, PathBuf};

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Disk;
use slice2rs::{Compilation, Options, compile};

const DIRECTORY: &str = "/usr/share/ice/slice";

fn compile_file(path: &Path, options: &mut Options) -> Compilation {
    compile(&[path.to_owned()], options.include(DIRECTORY), &Disk)
}

fn all() -> Vec<PathBuf> {
    let folders = std::fs::read_dir(DIRECTORY).expect("zeroc-ice-slice is installed");
    let files = folders.flat_map(|folder| {
        let folder = folder.expect("the directory can be read").path();
        std::fs::read_dir(folder).expect("the directory can be read")
    });
    files
        .map(|file| file.expect("the directory can be read").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "ice"))
        .collect()
}

#[test]
fn every_file_is_compiled_where_class_values_are_left_out() {
    let files = all();
    assert!(files.len() > 50, "{files:?}");
    for path in files {
        let compilation = compile_file(&path, Options::new().without_class_values(true));
        let report = compilation.report(Severity::Warning, Style::Plain);
        assert_eq!(report, "", "{}", path.display());
    }
}

#[test]
fn the_broker_is_compiled_with_what_it_needs_of_others() {
    let path = Path::new(DIRECTORY).join("IceStorm/IceStorm.ice");
    let rust = compile_file(&path, &mut Options::new())
        .rust
        .expect("there is no error");
    assert!(rust.contains("pub type IdentitySeq = Vec<::ice::Identity>;"));
    assert!(rust.contains("pub struct TopicManagerPrx"));
    // Included, and full of class values, but not needed.
    assert!(!rust.contains("Metrics"));
}

#[test]
fn a_module_that_is_generated_elsewhere_is_referred_to() {
    let path = Path::new(DIRECTORY).join("IceStorm/IceStorm.ice");
    let rust = compile_file(&path, Options::new().extern_module("::Ice", "ice"))
        .rust
        .expect("there is no error");
    assert!(!rust.contains("pub mod ice {"));
    assert!(rust.contains("Result<Vec<::ice::Identity>, ::ice::Error>"));
}

#[test]
fn class_values_are_refused_unless_they_are_left_out() {
    let path = Path::new(DIRECTORY).join("Ice/Metrics.ice");
    let refused = compile_file(&path, &mut Options::new());
    assert!(refused.rust.is_none());
    let rust = compile_file(&path, Options::new().without_class_values(true))
        .rust
        .expect("there is no error");
    assert!(rust.contains("get_metrics_failures"));
    assert!(!rust.contains("get_metrics_view("));
}
