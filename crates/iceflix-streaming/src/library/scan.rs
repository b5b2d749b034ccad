//! Which files lie below a directory, and which of them may be films.

use std::{
    ffi::OsStr,
    fs::Metadata,
    io,
    os::unix::{ffi::OsStrExt as _, fs::MetadataExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use walkdir::WalkDir;

use super::fingerprint::{Fingerprint, Inode};

/// How deep directories are followed. Deeper ones are a mistake, or somebody's
/// joke.
const MAX_DEPTH: usize = 64;

/// How many files are taken from one scan. What lies beyond is left out, and
/// said.
const MAX_FILES: usize = 1_000_000;

/// How programs name files that they have not finished writing.
const PARTIAL: &[&str] = &[
    "!qb",
    "!ut",
    "aria2",
    "bc!",
    "crdownload",
    "download",
    "dtapart",
    "filepart",
    "opdownload",
    "part",
    "partial",
    "swp",
    "temp",
    "tmp",
    "unconfirmed",
];

/// What lies below a directory.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// The files that may be films, in order of their paths.
    pub(crate) files: Vec<(Arc<Path>, Fingerprint)>,
    /// The directories that were entered, the one at the top included.
    pub(crate) directories: Vec<(PathBuf, Inode)>,
    /// What could not be looked at, and why.
    pub(crate) troubles: Vec<(PathBuf, io::Error)>,
    /// Whether there were too many files.
    pub(crate) cut: bool,
}

impl Scan {
    /// Looks at `top`, a directory or a file, and at all below it. Links are
    /// followed; no directory is entered twice, nor at all where `elsewhere`
    /// says that it has its place outside of `top`. Blocks for the disk.
    pub(crate) fn of(top: &Path, elsewhere: impl Fn(Inode) -> bool) -> Self {
        let mut scan = Self::default();
        let mut entered = std::collections::HashSet::new();
        let walk = WalkDir::new(top)
            .follow_links(true)
            .sort_by_file_name()
            .max_depth(MAX_DEPTH);
        let mut walk = walk.into_iter();
        while let Some(entry) = walk.next() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    scan.trouble(top, error);
                    continue;
                }
            };
            let directory = entry.file_type().is_dir();
            if entry.depth() > 0 && !is_wanted(entry.file_name(), directory) {
                if directory {
                    walk.skip_current_dir();
                }
                continue;
            }
            let metadata = match entry.metadata() {
                Ok(metadata) => metadata,
                Err(error) => {
                    scan.trouble(top, error);
                    continue;
                }
            };
            if directory {
                let inode = inode_of(&metadata);
                if elsewhere(inode) || !entered.insert(inode) {
                    walk.skip_current_dir();
                } else {
                    scan.directories.push((entry.into_path(), inode));
                }
            } else if metadata.is_file() {
                if scan.files.len() == MAX_FILES {
                    scan.cut = true;
                    break;
                }
                scan.files
                    .push((entry.into_path().into(), Fingerprint::of(&metadata)));
            }
        }
        scan
    }

    /// What went away meanwhile is simply not there, as is what a link leads
    /// to nowhere; a link to a directory that holds it is no trouble either.
    fn trouble(&mut self, top: &Path, error: walkdir::Error) {
        let path = error.path().unwrap_or(top).to_owned();
        if let Some(error) = error.into_io_error()
            && error.kind() != io::ErrorKind::NotFound
        {
            self.troubles.push((path, error));
        }
    }
}

/// The files at or below a path that a library there would look at, in order.
/// Blocks for the disk; what cannot be looked at is left out.
pub fn files(top: &Path) -> Vec<PathBuf> {
    let scan = Scan::of(top, |_| false);
    scan.files
        .iter()
        .map(|(path, _)| path.to_path_buf())
        .collect()
}

/// The directory as a thing, whatever it is called.
pub(crate) fn inode_of(metadata: &Metadata) -> Inode {
    (metadata.dev(), metadata.ino())
}

/// Whether a path below `root` may be a film, by the names in it alone.
pub(crate) fn may_be_film(root: &Path, path: &Path) -> bool {
    let Ok(below) = path.strip_prefix(root) else {
        return false;
    };
    let mut names = below.iter().rev();
    // What is at the end may be a directory, whose name may look partial.
    names
        .next()
        .is_none_or(|last| is_wanted(last, path.is_dir()))
        && names.all(|name| is_wanted(name, true))
}

fn is_wanted(name: &OsStr, directory: bool) -> bool {
    let name = name.as_bytes();
    if name.starts_with(b".") {
        return false;
    }
    directory || !(name.ends_with(b"~") || PARTIAL.iter().any(|ending| has_extension(name, ending)))
}

fn has_extension(name: &[u8], wanted: &str) -> bool {
    let mut parts = name.rsplitn(2, |&byte| byte == b'.');
    let extension = parts.next().unwrap_or_default();
    parts.next().is_some() && extension.eq_ignore_ascii_case(wanted.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn names(top: &Path) -> Vec<String> {
        let scan = Scan::of(top, |_| false);
        assert!(scan.troubles.is_empty(), "{:?}", scan.troubles);
        let below = |path: &Path| path.strip_prefix(top).expect("below").display().to_string();
        scan.files.iter().map(|(path, _)| below(path)).collect()
    }

    fn tree(files: &[&str]) -> tempfile::TempDir {
        let top = tempfile::tempdir().expect("a directory");
        for file in files {
            let path = top.path().join(file);
            fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
            fs::write(path, file).expect("written");
        }
        top
    }

    #[test]
    fn files_are_found_at_any_depth_in_order() {
        let top = tree(&["b.mp4", "a/z/deep.mkv", "a/1.mp4"]);
        assert_eq!(names(top.path()), ["a/1.mp4", "a/z/deep.mkv", "b.mp4"]);
    }

    #[test]
    fn hidden_and_partial_files_are_left_out() {
        let top = tree(&[
            "film.mp4",
            ".hidden.mp4",
            ".trash/old.mp4",
            "film.mp4.part",
            "film.CRDOWNLOAD",
            "film.mp4.tmp",
            "film.mp4~",
            "part",
            "season.part/1.mp4",
        ]);
        assert_eq!(names(top.path()), ["film.mp4", "part", "season.part/1.mp4"]);
    }

    #[test]
    fn a_top_that_is_hidden_itself_is_looked_into() {
        let top = tree(&[".films/film.mp4"]);
        assert_eq!(names(&top.path().join(".films")), ["film.mp4"]);
    }

    #[test]
    fn links_are_followed_once_and_never_in_circles() {
        let (top, other) = (tree(&["a/film.mp4"]), tree(&["far.mp4"]));
        symlink(top.path(), top.path().join("a/around")).expect("linked");
        symlink(top.path().join("a"), top.path().join("again")).expect("linked");
        symlink(other.path(), top.path().join("far")).expect("linked");
        symlink(other.path(), top.path().join("far-again")).expect("linked");
        symlink("nowhere", top.path().join("dangling.mp4")).expect("linked");
        assert_eq!(names(top.path()), ["a/film.mp4", "far/far.mp4"]);
    }

    #[test]
    fn what_is_no_regular_file_is_left_out() {
        let top = tree(&["film.mp4"]);
        let pipe = top.path().join("pipe.mp4");
        nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).expect("a pipe");
        assert_eq!(names(top.path()), ["film.mp4"]);
    }

    #[test]
    fn a_directory_that_has_its_place_elsewhere_is_not_entered() {
        let top = tree(&["cache/x.mp4", "film.mp4"]);
        let cache = inode_of(&fs::metadata(top.path().join("cache")).expect("there"));
        let scan = Scan::of(top.path(), |inode| inode == cache);
        assert_eq!(scan.files.len(), 1);
        assert_eq!(scan.directories.len(), 1);
    }

    #[test]
    fn names_tell_what_may_be_a_film() {
        let root = Path::new("/films");
        for path in [
            "/films/a.mp4",
            "/films/s/a.mkv",
            "/films",
            "/films/no extension",
        ] {
            assert!(may_be_film(root, Path::new(path)), "{path}");
        }
        for path in [
            "/films/.a.mp4",
            "/films/.git/a.mkv",
            "/films/a.part",
            "/elsewhere/a.mp4",
        ] {
            assert!(!may_be_film(root, Path::new(path)), "{path}");
        }
    }
}
