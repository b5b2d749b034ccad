//! The text that is compiled, and places in it.
//!
//! Every later phase speaks of text by [`Span`]; only this module knows where text comes from.

mod reader;

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use reader::{Disk, Memory, Reader};

/// One file among those of a [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FileId(u32);

impl FileId {
    /// What is no file's text.
    pub(crate) const NOWHERE: Self = Self(u32::MAX);
}

/// A stretch of one file's text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The bytes `range` of `file`.
    pub(crate) fn new(file: FileId, range: Range<usize>) -> Self {
        // Files are bounded far below 4 GiB when they are added.
        Self {
            file,
            start: u32::try_from(range.start).unwrap_or(u32::MAX),
            end: u32::try_from(range.end).unwrap_or(u32::MAX),
        }
    }

    /// From the start of this span to the end of `other`, where both are in one file; otherwise this span.
    pub(crate) fn to(self, other: Self) -> Self {
        if self.file == other.file && other.end >= self.start {
            Self {
                end: other.end,
                ..self
            }
        } else {
            self
        }
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// The path as the user would write it.
    pub path: PathBuf,
    /// The whole text.
    pub text: Arc<str>,
    /// Named by the caller, as opposed to reached by `#include`.
    pub is_root: bool,
}

/// All files of one compilation, in the order in which they were first read.
#[derive(Clone, Debug, Default)]
pub struct SourceMap {
    files: Vec<SourceFile>,
}

impl SourceMap {
    pub(crate) fn add(&mut self, path: PathBuf, text: Arc<str>, is_root: bool) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(SourceFile {
            path,
            text,
            is_root,
        });
        id
    }

    /// The file that `id` names.
    ///
    /// # Panics
    ///
    /// Where `id` comes from another map.
    #[must_use]
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// The paths of all files, for those who want to know when to compile again.
    pub fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|file| file.path.as_path())
    }

    /// The line of a span's first byte, counted from 1.
    #[must_use]
    pub fn line(&self, span: Span) -> usize {
        let text = self.file(span.file).text.as_bytes();
        let before = &text[..(span.start as usize).min(text.len())];
        before.iter().filter(|&&byte| byte == b'\n').count() + 1
    }
}
