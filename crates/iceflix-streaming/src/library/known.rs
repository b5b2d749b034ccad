//! What was found out about files before, so that none is read twice.
//!
//! The memory is a journal: one line for each finding, added when it is made,
//! so that a process that is killed forgets nothing. The last line about a
//! path counts. When most lines are outdated the journal is written anew under
//! another name, which then takes its place.

use std::{
    borrow::Cow,
    collections::HashMap,
    ffi::OsStr,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    os::unix::{ffi::OsStrExt as _, fs::OpenOptionsExt as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use iceflix_media::MediaId;
use percent_encoding::{CONTROLS, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::fingerprint::{Fingerprint, Inode};

/// How a journal begins, and the version of its lines.
const HEADER: &str = "iceflix-known 1";

/// How many findings are kept. A million of them take about 300 MB of memory,
/// so beyond a library of that size the files are read again at every start.
const CAPACITY: usize = 1_000_000;

/// The longest line that is read, in bytes. A path has at most 4,096, each
/// written as three at the most.
const MAX_LINE: u64 = 16 << 10;

/// How many outdated lines are put up with, beside as many as there are good ones.
const OUTDATED: usize = 1_000;

/// What reading a file came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// It is this film.
    Film(MediaId),
    /// It is none that can be played, for this reason.
    Refused(Box<str>),
}

/// The memory of one directory.
#[derive(Debug)]
pub(crate) struct Known {
    path: PathBuf,
    /// `None` where nothing can be written: what is found out is then known
    /// until the process ends.
    journal: Option<File>,
    lines: usize,
    by_path: HashMap<Arc<Path>, (Fingerprint, Finding)>,
    by_inode: HashMap<Inode, Arc<Path>>,
}

/// A finding as it stands in the journal.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    /// Its bytes, in percent encoding where they are no plain ASCII: file
    /// names need not be Unicode.
    path: Cow<'a, str>,
    #[serde(flatten)]
    print: Fingerprint,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    film: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refused: Option<Cow<'a, str>>,
}

impl Known {
    /// Reads the journal at `path`, or begins one. Never fails: a memory that
    /// cannot be read or written costs time and no more, so that is logged.
    /// Blocks for the disk.
    pub(crate) fn open(path: PathBuf) -> Self {
        let mut known = Self {
            path,
            journal: None,
            lines: 0,
            by_path: HashMap::new(),
            by_inode: HashMap::new(),
        };
        if let Err(error) = known.load() {
            warn!(journal = ?known.path, %error, "what is known about the films cannot be kept: they are read again at the next start");
        }
        known
    }

    fn load(&mut self) -> io::Result<()> {
        if let Some(directory) = self.path.parent() {
            fs::create_dir_all(directory)?;
        }
        let journal = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&self.path)?;
        let ours = match journal.try_lock() {
            Ok(()) => true,
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(error)) => return Err(error),
        };
        let sound = self.read(&journal)?;
        if !ours {
            return Err(io::Error::other(
                "another process serves this directory and keeps it",
            ));
        }
        self.journal = Some(journal);
        if !sound || self.lines > 2 * self.by_path.len() + OUTDATED {
            self.rewrite()?;
        }
        Ok(())
    }

    /// Whether the journal can be added to as it is.
    fn read(&mut self, journal: &File) -> io::Result<bool> {
        let mut reader = BufReader::with_capacity(64 << 10, journal);
        let mut line = Vec::new();
        let mut next = |line: &mut Vec<u8>| -> io::Result<bool> {
            line.clear();
            io::Read::take(&mut reader, MAX_LINE).read_until(b'\n', line)?;
            Ok(!line.is_empty())
        };
        if !next(&mut line)? || !line.starts_with(HEADER.as_bytes()) {
            return Ok(false);
        }
        let mut sound = line == header().as_bytes();
        let same_program = sound;
        while next(&mut line)? {
            self.lines += 1;
            // The last line is cut where the machine was switched off; whatever is wrong with one costs one reading.
            match parse(&line) {
                // What another version refused may be served by this one.
                Some((_, _, Finding::Refused(_))) if !same_program => {}
                Some((path, print, finding)) if line.ends_with(b"\n") => {
                    self.insert(path, print, finding)
                }
                _ => sound = false,
            }
        }
        Ok(sound)
    }

    /// What was found out about this file, where it is still the one that was read.
    pub(crate) fn recall(&self, path: &Path, print: &Fingerprint) -> Option<&Finding> {
        if let Some((read, finding)) = self.by_path.get(path)
            && print.untouched(read)
        {
            return Some(finding);
        }
        let elsewhere = self.by_inode.get(&print.inode())?;
        let (read, finding) = self.by_path.get(elsewhere)?;
        // Renaming touches a file; under its old name it would have to be untouched.
        (**elsewhere != *path && print.same_bytes(read)).then_some(finding)
    }

    /// What stands in the memory about a path.
    pub(crate) fn at(&self, path: &Path) -> Option<(Fingerprint, &Finding)> {
        self.by_path
            .get(path)
            .map(|(print, finding)| (*print, finding))
    }

    /// Keeps a finding. Blocks for the disk.
    pub(crate) fn remember(&mut self, path: &Arc<Path>, print: Fingerprint, finding: Finding) {
        if self.by_path.len() >= CAPACITY && !self.by_path.contains_key(path) {
            return;
        }
        let line = written(path, print, &finding);
        self.insert(Arc::clone(path), print, finding);
        self.lines += 1;
        let Some(journal) = &mut self.journal else {
            return;
        };
        // One write for each line: lines never mix, and a kill never leaves half a line.
        if let Err(error) = journal.write_all(&line) {
            warn!(journal = ?self.path, %error, "what is known about the films cannot be kept any more: they are read again at the next start");
            self.journal = None;
        }
    }

    fn insert(&mut self, path: Arc<Path>, print: Fingerprint, finding: Finding) {
        self.by_inode.insert(print.inode(), Arc::clone(&path));
        if let Some((old, _)) = self.by_path.insert(Arc::clone(&path), (print, finding))
            && old.inode() != print.inode()
            && self.by_inode.get(&old.inode()) == Some(&path)
        {
            self.by_inode.remove(&old.inode());
        }
    }

    /// Puts a journal without outdated lines in the place of this one.
    fn rewrite(&mut self) -> io::Result<()> {
        let unfinished = self.path.with_extension("new");
        let fresh = OpenOptions::new()
            .create(true)
            .truncate(true)
            .write(true)
            .mode(0o600)
            .open(&unfinished)?;
        fresh.lock()?;
        let mut output = BufWriter::new(&fresh);
        output.write_all(header().as_bytes())?;
        for (path, (print, finding)) in &self.by_path {
            output.write_all(&written(path, *print, finding))?;
        }
        output.flush()?;
        drop(output);
        fresh.sync_all()?;
        fs::rename(&unfinished, &self.path)?;
        self.lines = self.by_path.len();
        self.journal = Some(fresh);
        Ok(())
    }
}

/// The first line. It names the program's version: another one may play what
/// this one refuses.
fn header() -> String {
    format!("{HEADER} {}\n", env!("CARGO_PKG_VERSION"))
}

fn written(path: &Path, print: Fingerprint, finding: &Finding) -> Vec<u8> {
    // A percent sign would be read as the beginning of a code.
    const CODED: &percent_encoding::AsciiSet = &CONTROLS.add(b'%');
    let (film, refused) = match finding {
        Finding::Film(id) => (Some(id.to_string().into()), None),
        Finding::Refused(reason) => (None, Some(Cow::from(&**reason))),
    };
    let line = Line {
        path: percent_encode(path.as_os_str().as_bytes(), CODED).into(),
        print,
        film,
        refused,
    };
    // Numbers and text: nothing in it can fail to be written.
    let mut line = serde_json::to_vec(&line).unwrap_or_default();
    line.push(b'\n');
    line
}

fn parse(line: &[u8]) -> Option<(Arc<Path>, Fingerprint, Finding)> {
    let line: Line<'_> = serde_json::from_slice(line).ok()?;
    let finding = match (line.film, line.refused) {
        (Some(id), None) => Finding::Film(id.parse().ok()?),
        (None, Some(reason)) => Finding::Refused(reason.into()),
        _ => return None,
    };
    let path: Vec<u8> = percent_decode_str(&line.path).collect();
    Some((
        Path::new(OsStr::from_bytes(&path)).into(),
        line.print,
        finding,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn film() -> Finding {
        Finding::Film("a".repeat(64).parse().expect("an id"))
    }

    fn path(name: &[u8]) -> Arc<Path> {
        Path::new(OsStr::from_bytes(name)).into()
    }

    fn print(inode: u64, ctime: i64) -> Fingerprint {
        Fingerprint::sample(inode, 100, 5, ctime)
    }

    #[test]
    fn what_was_remembered_is_known_after_a_restart_whatever_the_name() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("known/films");
        let names: [&[u8]; 5] = [
            b"/f/a.mp4",
            "/f/é\u{1f3ac}.mp4".as_bytes(),
            b"/f/\xff\n\".mp4",
            b"/f/100%25.mp4",
            b"/f/b c",
        ];
        let mut known = Known::open(journal.clone());
        for (n, name) in names.iter().enumerate() {
            known.remember(&path(name), print(n as u64, 7), film());
        }
        known.remember(
            &path(b"/f/x.txt"),
            print(99, 7),
            Finding::Refused("no \"video\"\n".into()),
        );
        drop(known);
        let known = Known::open(journal);
        for (n, name) in names.iter().enumerate() {
            assert_eq!(
                known.recall(&path(name), &print(n as u64, 7)),
                Some(&film())
            );
        }
        assert_eq!(
            known.recall(&path(b"/f/x.txt"), &print(99, 7)),
            Some(&Finding::Refused("no \"video\"\n".into()))
        );
    }

    #[test]
    fn a_file_that_was_touched_is_not_known() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut known = Known::open(dir.path().join("films"));
        known.remember(&path(b"/f/a"), print(1, 7), film());
        assert_eq!(
            known.recall(&path(b"/f/a"), &print(1, 8)),
            None,
            "its bytes may have changed under an old date"
        );
        assert_eq!(
            known.recall(&path(b"/f/a"), &print(2, 7)),
            None,
            "it is another file"
        );
    }

    #[test]
    fn a_file_that_was_renamed_is_known() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut known = Known::open(dir.path().join("films"));
        known.remember(&path(b"/f/a"), print(1, 7), film());
        assert_eq!(known.recall(&path(b"/f/b"), &print(1, 8)), Some(&film()));
        let changed = Fingerprint::sample(1, 101, 5, 8);
        assert_eq!(known.recall(&path(b"/f/b"), &changed), None);
    }

    #[test]
    fn a_damaged_journal_costs_only_what_is_damaged() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("films");
        let mut known = Known::open(journal.clone());
        known.remember(&path(b"/f/a"), print(1, 7), film());
        known.remember(&path(b"/f/b"), print(2, 7), film());
        drop(known);
        let mut bytes = fs::read(&journal).expect("read");
        bytes.truncate(bytes.len() - 10);
        bytes.splice(header().len()..header().len(), b"\xff{}[\n".iter().copied());
        fs::write(&journal, bytes).expect("written");
        let mut known = Known::open(journal.clone());
        assert_eq!(known.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
        assert_eq!(known.recall(&path(b"/f/b"), &print(2, 7)), None);
        known.remember(&path(b"/f/b"), print(2, 7), film());
        drop(known);
        assert_eq!(
            Known::open(journal).recall(&path(b"/f/b"), &print(2, 7)),
            Some(&film())
        );
    }

    #[test]
    fn what_is_no_journal_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("films");
        fs::write(&journal, "something else\n").expect("written");
        let mut known = Known::open(journal.clone());
        known.remember(&path(b"/f/a"), print(1, 7), film());
        drop(known);
        assert!(
            fs::read_to_string(&journal)
                .expect("read")
                .starts_with(HEADER)
        );
        assert!(
            Known::open(journal)
                .recall(&path(b"/f/a"), &print(1, 7))
                .is_some()
        );
    }

    #[test]
    fn another_version_of_the_program_looks_again_at_what_was_refused_only() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("films");
        let mut known = Known::open(journal.clone());
        known.remember(&path(b"/f/a"), print(1, 7), film());
        known.remember(
            &path(b"/f/b"),
            print(2, 7),
            Finding::Refused("unheard of".into()),
        );
        drop(known);
        let text = fs::read_to_string(&journal)
            .expect("read")
            .replace(&header(), &format!("{HEADER} 0.0.1\n"));
        fs::write(&journal, text).expect("written");
        for _ in 0..2 {
            let known = Known::open(journal.clone());
            assert_eq!(known.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
            assert_eq!(known.recall(&path(b"/f/b"), &print(2, 7)), None);
        }
    }

    #[test]
    fn a_journal_does_not_grow_with_each_restart() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("films");
        let mut known = Known::open(journal.clone());
        for ctime in 0..2_000 {
            known.remember(&path(b"/f/a"), print(1, ctime), film());
        }
        drop(known);
        drop(Known::open(journal.clone()));
        assert_eq!(
            fs::read_to_string(&journal).expect("read").lines().count(),
            2
        );
    }

    #[test]
    fn two_processes_do_not_write_the_same_journal() {
        let dir = tempfile::tempdir().expect("a directory");
        let journal = dir.path().join("films");
        let mut first = Known::open(journal.clone());
        first.remember(&path(b"/f/a"), print(1, 7), film());
        let mut second = Known::open(journal);
        assert_eq!(second.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
        second.remember(&path(b"/f/b"), print(2, 7), film());
        assert_eq!(second.recall(&path(b"/f/b"), &print(2, 7)), Some(&film()));
    }
}
