//! An index that is open for reading.

use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::growth::{Growth, Lengths};
use crate::record::{Bounds, State};
use crate::seek::{self, SeekPoint};
use crate::store::{self, Description};
use crate::{Cursor, Error, Title};

/// How much of the packets is read ahead, in bytes.
const READ_AHEAD: usize = 64 << 10;

/// The index of one title, together with the film that it refers to, open for reading.
///
/// It holds three or four file descriptors however many cursors read from it: share it as
/// `Arc<Index>`. Both files may be replaced or removed meanwhile; what is open stays what it was.
#[derive(Debug)]
pub struct Index {
    title: Title,
    packets: Part,
    seek: Part,
    source: Source,
    side: Option<File>,
    lengths: Lengths,
    /// Where the index is still being made, or was when it was opened.
    growth: Option<Arc<Growth>>,
}

/// The film, as it was when it was opened.
#[derive(Debug)]
struct Source {
    path: PathBuf,
    file: File,
    modified: Option<SystemTime>,
    /// Some file systems do not count names.
    had_name: bool,
}

/// A file of the index, and its path for messages.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
}

impl Index {
    /// Opens the index in the directory `dir` and the film `source` that it was made of. Reads a
    /// few hundred bytes; blocks for the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where a file is not there or cannot be read, [`Error::Version`] for an index
    /// of another version, [`Error::SourceChanged`] where the film has another length than the
    /// indexed one, [`Error::Damaged`] for all else that is wrong.
    pub fn open(dir: &Path, source: &Path) -> Result<Self, Error> {
        let description = Description::read(dir)?;
        let packets = Part::open(
            dir.join(store::PACKETS),
            description.packets_len,
            Some(store::PACKETS_MAGIC),
        )?;
        let seek = Part::open(
            dir.join(store::SEEK),
            description.seek_len,
            Some(store::SEEK_MAGIC),
        )?;
        let entry_len = seek::entry_len(description.title.tracks.len()) as u64;
        if !(description.seek_len - store::SEEK_MAGIC.len() as u64).is_multiple_of(entry_len) {
            return Err(Error::damaged(&seek.path, "its last entry is not whole"));
        }
        let side = match description.side_len {
            0 => None,
            len => Some(Part::open(dir.join(store::SIDE), len, None)?.file),
        };
        Ok(Self {
            source: film(source, &description.title)?,
            title: description.title,
            packets,
            seek,
            side,
            lengths: Lengths {
                packets: description.packets_len,
                seek: description.seek_len,
                side: description.side_len,
            },
            growth: None,
        })
    }

    /// Opens what is being written in the directory `partial`.
    pub(crate) fn growing(
        partial: &Path,
        source: &Path,
        title: Title,
        growth: Arc<Growth>,
    ) -> Result<Self, Error> {
        let part = |name| {
            let path = partial.join(name);
            let file = File::open(&path).map_err(Error::io("open", &path))?;
            Ok(Part { path, file })
        };
        Ok(Self {
            source: film(source, &title)?,
            title,
            packets: part(store::PACKETS)?,
            seek: part(store::SEEK)?,
            side: Some(part(store::SIDE)?.file),
            lengths: Lengths::default(),
            growth: Some(growth),
        })
    }

    /// What the title is. While the index grows, as far as that is known: the duration is what the
    /// container says, or zero where it says nothing.
    pub fn title(&self) -> &Title {
        let complete = self.growth.as_ref().and_then(|growth| growth.title());
        complete.unwrap_or(&self.title)
    }

    /// How long the title plays; `None` while the index grows and nobody has said yet.
    pub fn duration(&self) -> Option<Duration> {
        let duration = self.title().duration;
        (!duration.is_zero() || !self.is_growing()).then_some(duration)
    }

    /// Whether the index is still being made, so that packets are to come behind the last one.
    pub fn is_growing(&self) -> bool {
        matches!(self.goes_on(), Ok(true))
    }

    /// Whether [`seek`](Self::seek) to this moment gives what it will give when the index is
    /// complete: always, unless the index grows and has not come so far.
    ///
    /// # Errors
    ///
    /// As [`seek`](Self::seek); and [`Error::Abandoned`] where the index will never come so far.
    pub fn knows(&self, to: Duration) -> Result<bool, Error> {
        let goes_on = self.goes_on();
        let reached = match self.points() {
            0 => false,
            points => self.point(points - 1)?.pts > to,
        };
        Ok(reached || !goes_on?)
    }

    /// The film's file, which [`Piece::Source`](crate::Piece::Source) refers to.
    pub fn source(&self) -> &File {
        &self.source.file
    }

    /// Checks that the film that is open is still there, under whatever name, and that nobody has
    /// written to it. Asks the file system, and so may block.
    ///
    /// # Errors
    ///
    /// [`Error::SourceGone`] and [`Error::SourceChanged`] where it is not so, [`Error::Io`] where
    /// the system does not say.
    pub fn check_source(&self) -> Result<(), Error> {
        let Source {
            path,
            file,
            modified,
            had_name,
        } = &self.source;
        let now = file.metadata().map_err(Error::io("read", path))?;
        if now.len() != self.title.source_len {
            return Err(Error::SourceChanged {
                path: path.clone(),
                indexed: self.title.source_len,
                found: now.len(),
            });
        }
        let gone = |what| {
            let path = path.clone();
            Err(Error::SourceGone { path, what })
        };
        if *had_name && now.nlink() == 0 {
            return gone("was deleted or replaced");
        }
        if now.modified().ok() != *modified {
            return gone("was written to");
        }
        Ok(())
    }

    /// The side file, which [`Piece::Side`](crate::Piece::Side) refers to; there is one wherever
    /// there is such a piece.
    pub fn side(&self) -> Option<&File> {
        self.side.as_ref()
    }

    /// A cursor at the first packet.
    pub fn cursor(&self) -> Cursor {
        Cursor::new(
            store::PACKETS_MAGIC.len() as u64,
            State::new(self.title.tracks.len()),
        )
    }

    /// A cursor at a point of this index; its first packet is the keyframe's first.
    pub fn cursor_at(&self, point: &SeekPoint) -> Cursor {
        Cursor::new(point.offset, point.state.clone())
    }

    /// Reads some hundred seconds of packets from this [place](Cursor::offset) on, so that whoever
    /// reads them next need not wait for the disk. What cannot be read, they will come to.
    pub fn read_ahead(&self, offset: u64) {
        let mut packets = vec![0; READ_AHEAD];
        let _they_will_see = self.read_packets(&mut packets, offset).is_ok();
    }

    /// The last point that is presented at `to` or before; `None` where there is none, so that only
    /// the [beginning](Self::cursor) is left. A binary search on the disk: about a dozen short
    /// reads, from the page cache as a rule.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Damaged`] where the entries cannot be read.
    pub fn seek(&self, to: Duration) -> Result<Option<SeekPoint>, Error> {
        let (mut low, mut high) = (0, self.points());
        let mut found = None;
        while low < high {
            let middle = low + (high - low) / 2;
            let point = self.point(middle)?;
            if point.pts <= to {
                found = Some(point);
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        Ok(found)
    }

    /// How many points there are to seek to.
    pub fn points(&self) -> u64 {
        let entries = self
            .lengths()
            .seek
            .saturating_sub(store::SEEK_MAGIC.len() as u64);
        entries / self.entry_len()
    }

    /// The point with this number; they are numbered from 0 in the order of presentation.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] or [`Error::Damaged`] where the entry cannot be read, or `number` is not below
    /// [`points`](Self::points).
    pub fn point(&self, number: u64) -> Result<SeekPoint, Error> {
        let path = &self.seek.path;
        if number >= self.points() {
            return Err(Error::damaged(path, format!("it has no entry {number}")));
        }
        let mut entry = vec![0; self.entry_len() as usize];
        let offset = store::SEEK_MAGIC.len() as u64 + number * self.entry_len();
        self.seek.read_exact(&mut entry, offset)?;
        let point = SeekPoint::decode(&entry)
            .ok_or_else(|| Error::damaged(path, "an entry is not whole"))?;
        let packets = self.lengths().packets;
        if point.offset < store::PACKETS_MAGIC.len() as u64 || point.offset > packets {
            return Err(Error::damaged(
                path,
                format!("entry {number} leads out of the packets"),
            ));
        }
        Ok(point)
    }

    fn entry_len(&self) -> u64 {
        seek::entry_len(self.title.tracks.len()) as u64
    }

    pub(crate) fn bounds(&self) -> Bounds {
        Bounds {
            source: self.title.source_len,
            side: self.lengths().side,
        }
    }

    /// See [`Growth::goes_on`].
    pub(crate) fn goes_on(&self) -> Result<bool, Error> {
        self.growth
            .as_ref()
            .map_or(Ok(false), |growth| growth.goes_on())
    }

    fn lengths(&self) -> Lengths {
        self.growth
            .as_ref()
            .map_or(self.lengths, |growth| growth.lengths())
    }

    /// Fills `window` with records from `offset` on, as far as there are any, and returns how many
    /// bytes that are.
    pub(crate) fn read_packets(&self, window: &mut [u8], offset: u64) -> Result<usize, Error> {
        let left = self.lengths().packets.saturating_sub(offset);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let len = window.len().min(left);
        self.packets.read_exact(&mut window[..len], offset)?;
        Ok(len)
    }

    pub(crate) fn damaged_packets(&self, offset: u64, reason: &str) -> Error {
        Error::damaged(&self.packets.path, format!("{reason}, at byte {offset}"))
    }
}

/// The film that a title was made of.
fn film(source: &Path, title: &Title) -> Result<Source, Error> {
    let file = File::open(source).map_err(Error::io("open", source))?;
    let metadata = file.metadata().map_err(Error::io("read", source))?;
    let found = metadata.len();
    let indexed = title.source_len;
    match found == indexed {
        true => Ok(Source {
            path: source.to_owned(),
            modified: metadata.modified().ok(),
            had_name: metadata.nlink() > 0,
            file,
        }),
        false => Err(Error::SourceChanged {
            path: source.to_owned(),
            indexed,
            found,
        }),
    }
}

impl Part {
    fn open(path: PathBuf, wanted: u64, magic: Option<[u8; 8]>) -> Result<Self, Error> {
        let file = File::open(&path).map_err(Error::io("open", &path))?;
        let len = file.metadata().map_err(Error::io("read", &path))?.len();
        if len != wanted {
            return Err(Error::damaged(
                &path,
                format!("it has {len} bytes in place of {wanted}"),
            ));
        }
        let part = Self { path, file };
        if let Some(magic) = magic {
            let mut found = [0; 8];
            part.read_exact(&mut found, 0)?;
            if found != magic {
                return Err(Error::damaged(&part.path, "it does not begin as it must"));
            }
        }
        Ok(part)
    }

    fn read_exact(&self, buffer: &mut [u8], offset: u64) -> Result<(), Error> {
        self.file
            .read_exact_at(buffer, offset)
            .map_err(|e| match e.kind() {
                io::ErrorKind::UnexpectedEof => Error::damaged(&self.path, "it was cut short"),
                _ => Error::io("read", &self.path)(e),
            })
    }
}
