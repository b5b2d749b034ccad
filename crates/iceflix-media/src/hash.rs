//! The name of a file's bytes.

use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::{Cancel, Error, Progress};

/// How much is read at once, in bytes.
const BLOCK: usize = 1 << 20;

/// A media id: the SHA-256 of a file's bytes, written as 64 lower-case hexadecimal digits. The same
/// file has the same id everywhere.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MediaId([u8; 32]);

impl MediaId {
    /// The 32 bytes of the hash.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut digits = [0; 64];
        hex::encode_to_slice(self.0, &mut digits).map_err(|_| fmt::Error)?;
        f.write_str(str::from_utf8(&digits).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for MediaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MediaId({self})")
    }
}

/// A text that is no media id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a media id is 64 lower-case hexadecimal digits")]
pub struct InvalidMediaId;

impl FromStr for MediaId {
    type Err = InvalidMediaId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.bytes().any(|digit| digit.is_ascii_uppercase()) {
            return Err(InvalidMediaId);
        }
        let mut bytes = [0; 32];
        hex::decode_to_slice(text, &mut bytes).map_err(|_| InvalidMediaId)?;
        Ok(Self(bytes))
    }
}

/// Computes the id of a file: reads all of it, from the beginning to the end.
///
/// # Errors
///
/// [`Error::Unreadable`], [`Error::Empty`], [`Error::Cancelled`]; [`Error::Changed`] where the file
/// grew or shrank meanwhile.
pub fn hash(
    path: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
) -> Result<MediaId, Error> {
    let (mut file, total) = crate::film::open(path)?;
    advise(&file);
    let mut hasher = Sha256::new();
    let mut block = vec![0; BLOCK];
    let mut done = 0;
    loop {
        if cancel.is_cancelled() {
            return Err(Error::Cancelled {
                path: path.to_owned(),
            });
        }
        let len = file.read(&mut block).map_err(Error::unreadable(path))?;
        if len == 0 {
            break;
        }
        hasher.update(&block[..len]);
        done += len as u64;
        progress(Progress {
            done: done.min(total),
            total,
        });
    }
    let now = file.metadata().map_err(Error::unreadable(path))?.len();
    if done != total || now != total {
        return Err(Error::Changed {
            path: path.to_owned(),
        });
    }
    Ok(MediaId(hasher.finalize().into()))
}

/// Tells the kernel to read ahead. Only a hint, so that its failure means nothing.
fn advise(file: &File) {
    use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
    let _ = posix_fadvise(file, 0, 0, PosixFadviseAdvice::POSIX_FADV_SEQUENTIAL);
}

#[cfg(test)]
mod tests {
    use super::*;

    const OF_ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let id: MediaId = OF_ABC.parse().expect("an id");
        assert_eq!(id.to_string(), OF_ABC);
        assert_eq!(format!("{id:?}"), format!("MediaId({OF_ABC})"));
    }

    #[test]
    fn what_is_no_id_is_refused() {
        let too_long = format!("{OF_ABC}0");
        let upper = OF_ABC.to_uppercase();
        let accent = "é".repeat(32);
        for text in [
            "",
            "abc",
            &OF_ABC[1..],
            &too_long,
            &upper,
            &accent,
            "../../../../etc/passwd",
        ] {
            assert_eq!(text.parse::<MediaId>(), Err(InvalidMediaId), "{text:?}");
        }
    }

    #[test]
    fn the_id_of_a_file_is_its_sha_256() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("abc");
        std::fs::write(&path, "abc").expect("written");
        let mut seen = Vec::new();
        let id = hash(&path, &mut |progress| seen.push(progress), &Cancel::new()).expect("hashed");
        assert_eq!(id.to_string(), OF_ABC);
        assert_eq!(seen, [Progress { done: 3, total: 3 }]);
    }

    #[test]
    fn hashing_ends_when_it_is_cancelled() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("film");
        std::fs::write(&path, vec![0; 3 * BLOCK]).expect("written");
        let cancel = Cancel::new();
        let other = cancel.clone();
        let error = hash(&path, &mut |_| other.cancel(), &cancel).expect_err("it is cancelled");
        assert!(matches!(error, Error::Cancelled { .. }), "{error}");
    }
}
