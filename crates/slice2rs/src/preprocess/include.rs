//! Files that include files.

use std::io;
use std::path::{Path, PathBuf};

use super::Preprocessor;
use crate::diagnostic::{Diagnostic, Kind};
use crate::source::{FileId, Span};

/// So deep may includes nest. ZeroC's own files reach 8.
const MAX_DEPTH: usize = 64;
/// So many inclusions may one file cause in all; each may cause two more without nesting deeply.
const MAX_INCLUSIONS: usize = 4096;
/// So much text may includes bring in.
const MAX_BYTES: usize = 64 << 20;

impl Preprocessor<'_> {
    /// Takes in a file that the caller named.
    pub(super) fn root(&mut self, path: &Path) {
        match self.read(path) {
            Ok(text) => self.enter(path.to_owned(), text),
            Err(why) => {
                let (path, why) = (path.display(), explain(&why));
                self.diagnostics.add(Diagnostic::error(
                    Kind::File,
                    None,
                    format!("`{path}` cannot be read: {why}"),
                ));
            }
        }
    }

    /// Takes in the file that `#include target` means.
    pub(super) fn include(&mut self, file: FileId, target: &str, span: Span) {
        let quoted = unframe(target, '"', '"');
        let Some(name) = quoted.or_else(|| unframe(target, '<', '>')) else {
            self.complain(
                span,
                "`#include` is followed by `\"FILE.ice\"` or `<FILE.ice>`",
            );
            return;
        };
        self.inclusions += 1;
        if self.stack.len() >= MAX_DEPTH
            || self.inclusions > MAX_INCLUSIONS
            || self.bytes > MAX_BYTES
        {
            self.diagnostics.add(
                Diagnostic::error(
                    Kind::Limit,
                    span,
                    format!("`{name}` is included over and over again"),
                )
                .help("begin the included file with `#pragma once`"),
            );
            return;
        }
        let beside = self.sources.file(file).path.parent().map(Path::to_owned);
        let candidates: Vec<PathBuf> = beside
            .filter(|_| quoted.is_some())
            .iter()
            .chain(&self.settings.include)
            .map(|directory| directory.join(name))
            .collect();
        for path in &candidates {
            match self.read(path) {
                Ok(included) => {
                    self.bytes += included.len();
                    self.enter(path.clone(), included);
                    return;
                }
                Err(why) if why.kind() == io::ErrorKind::NotFound => {}
                Err(why) => {
                    let (path, why) = (path.display(), explain(&why));
                    self.diagnostics.add(Diagnostic::error(
                        Kind::File,
                        span,
                        format!("`{path}` cannot be read: {why}"),
                    ));
                    return;
                }
            }
        }
        let searched: Vec<String> = candidates
            .iter()
            .map(|path| format!("`{}`", path.display()))
            .collect();
        let help = if searched.is_empty() {
            "name the directory that it is in as include directory (`-I DIR`)".to_owned()
        } else {
            format!(
                "looked for {}; name its directory with `-I DIR`",
                searched.join(", ")
            )
        };
        self.diagnostics
            .add(Diagnostic::error(Kind::File, span, format!("`{name}` is not found")).help(help));
    }

    fn read(&self, path: &Path) -> io::Result<String> {
        let bytes = self.reader.read(path)?;
        let mut text = String::from_utf8(bytes).map_err(|broken| {
            let line = 1 + broken.as_bytes()[..broken.utf8_error().valid_up_to()]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count();
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {line} is not UTF-8 text"),
            )
        })?;
        // The mark that some editors put at the start of UTF-8 files.
        if text.starts_with('\u{feff}') {
            text.drain(..'\u{feff}'.len_utf8());
        }
        Ok(text)
    }

    fn enter(&mut self, path: PathBuf, text: String) {
        let identity = self.reader.identity(&path);
        if self.once.contains(&identity) || self.done.contains(&identity) {
            return;
        }
        let is_root = self.roots.contains(&identity);
        self.seen.insert(identity.clone());
        self.stack.push(identity);
        let file = self.sources.add(path, text.into(), is_root);
        self.file(file);
        self.stack.pop();
    }
}

fn unframe(text: &str, open: char, close: char) -> Option<&str> {
    let name = text.strip_prefix(open)?.strip_suffix(close)?;
    (!name.is_empty() && !name.contains('\0')).then_some(name)
}

fn explain(why: &io::Error) -> String {
    match why.kind() {
        io::ErrorKind::NotFound => "there is no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission is denied".to_owned(),
        _ => why.to_string(),
    }
}
