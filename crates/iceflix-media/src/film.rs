//! A file that may be a film: opened, recognised, and checked for being whole.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use gstreamer_base as gst_base;

use crate::container::{self, Container};
use crate::{Error, plugins};

/// How much of a file's beginning is looked at to recognise it, in bytes.
const HEAD: usize = 64 << 10;

/// A film file that is open and recognised.
pub(crate) struct Film {
    pub(crate) path: PathBuf,
    pub(crate) file: File,
    /// Its length in bytes when it was opened.
    pub(crate) len: u64,
    pub(crate) container: &'static Container,
}

/// Opens a file that is to be read whole, and tells its length in bytes.
pub(crate) fn open(path: &Path) -> Result<(File, u64), Error> {
    let unreadable = |error| Error::unreadable(path)(error);
    // Before it is opened: opening a named pipe would wait for a writer.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(unreadable(io::Error::other("it is no regular file")));
    }
    let file = File::open(path).map_err(unreadable)?;
    match file.metadata().map_err(unreadable)?.len() {
        0 => Err(Error::Empty {
            path: path.to_owned(),
        }),
        len => Ok((file, len)),
    }
}

impl Film {
    /// Opens and recognises a film.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        plugins::init()?;
        let (file, len) = open(path)?;
        let mut head = vec![0; HEAD.min(usize::try_from(len).unwrap_or(HEAD))];
        file.read_exact_at(&mut head, 0)
            .map_err(Error::unreadable(path))?;
        let caps = gst_base::type_find_helper_for_data(gstreamer::Object::NONE, &head);
        let (caps, _) = caps.map_err(|_| Error::NotVideo {
            path: path.to_owned(),
            found: "its content is of no kind that is known".into(),
        })?;
        let name = caps
            .structure(0)
            .map_or("unknown", |structure| structure.name().as_str());
        let Some(container) = container::find(name) else {
            return Err(match container::may_hold_video(name) {
                true => Error::NoServableTrack {
                    path: path.to_owned(),
                    reason: format!(
                        "it is of the kind {name}, and films are served out of {}",
                        container::names()
                    ),
                },
                false => Error::NotVideo {
                    path: path.to_owned(),
                    found: format!("it is of the kind {name}"),
                },
            });
        };
        (container.check)(&file, len).map_err(|defect| defect.of(path))?;
        Ok(Self {
            path: path.to_owned(),
            file,
            len,
            container,
        })
    }

    /// Checks that the file is still as long as it was.
    pub(crate) fn is_unchanged(&self) -> Result<(), Error> {
        match self
            .file
            .metadata()
            .map_err(Error::unreadable(&self.path))?
            .len()
            == self.len
        {
            true => Ok(()),
            false => Err(Error::Changed {
                path: self.path.clone(),
            }),
        }
    }
}
