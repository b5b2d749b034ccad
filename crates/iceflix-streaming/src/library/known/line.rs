//! The lines of the journal.

use std::{borrow::Cow, ffi::OsStr, os::unix::ffi::OsStrExt as _, path::Path, sync::Arc};

use percent_encoding::{CONTROLS, percent_decode_str, percent_encode};
use serde::{Deserialize, Serialize};

use super::Finding;
use crate::library::fingerprint::Fingerprint;

/// How a journal begins, and the version of its lines.
pub(super) const HEADER: &str = "iceflix-known 1";

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

/// The first line. It names the program's version: another one may play what
/// this one refuses.
pub(super) fn header() -> String {
    format!("{HEADER} {}\n", env!("CARGO_PKG_VERSION"))
}

pub(super) fn written(path: &Path, print: Fingerprint, finding: &Finding) -> Vec<u8> {
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

pub(super) fn parse(line: &[u8]) -> Option<(Arc<Path>, Fingerprint, Finding)> {
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
