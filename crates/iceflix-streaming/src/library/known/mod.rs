//! What was found out about files before, so that none is read twice.
//!
//! The memory is a journal: one line for each finding, added when it is made,
//! so that a process that is killed forgets nothing. The last line about a
//! path counts. When most lines are outdated the journal is written anew under
//! another name, which then takes its place.

mod line;
#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead as _, BufReader, BufWriter, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use iceflix_media::MediaId;
use tracing::warn;

use self::line::{HEADER, header, parse, written};
use super::fingerprint::{Fingerprint, Inode};

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
