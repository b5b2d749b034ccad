//! Writing an index.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tempfile::TempDir;

use crate::growth::{Growth, Lengths};
use crate::record::{Bounds, MAX_LEN, State};
use crate::seek::SeekPoint;
use crate::store::{self, Description};
use crate::{Error, Index, Packet, Title, sweep};

/// Large enough that the disk sees few writes, in bytes.
const BUFFER: usize = 256 << 10;

/// How many bytes of packets a shared index grows by: about a second of film, and at its beginning,
/// for which somebody waits, less.
const SHARE_EVERY: u64 = 4 << 10;

/// Makes the index of one title, packet by packet.
///
/// All is written to a hidden directory beside the wanted one, which takes its name in
/// [`finish`](Self::finish). A writer that is dropped before leaves nothing behind; what a killed
/// process left, [`sweep`](crate::sweep()) removes.
#[derive(Debug)]
pub struct Writer {
    dir: PathBuf,
    partial: TempDir,
    title: Title,
    state: State,
    packets: Output,
    seek: Output,
    side: Option<Output>,
    last_point: Option<Duration>,
    record: Vec<u8>,
    shared: Option<Shared>,
}

/// What readers were told so far.
#[derive(Debug)]
struct Shared {
    growth: Arc<Growth>,
    packets: u64,
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.growth.abandon();
    }
}

impl Writer {
    /// Begins the index of `title`, which will be the directory `dir`. The directory above is made
    /// if it is not there.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where [`Title::check`] finds something wrong, [`Error::Io`] where the
    /// disk refuses.
    pub fn create(dir: &Path, title: Title) -> Result<Self, Error> {
        title.check()?;
        let above = match dir.parent() {
            Some(above) if !above.as_os_str().is_empty() => above,
            _ => Path::new("."),
        };
        fs::create_dir_all(above).map_err(Error::io("make the directory", above))?;
        let partial = tempfile::Builder::new()
            .prefix(sweep::PREFIX)
            .tempdir_in(above)
            .map_err(Error::io("make a directory in", above))?;
        let mut packets = Output::create(partial.path().join(store::PACKETS))?;
        packets.lock()?;
        packets.write(&store::PACKETS_MAGIC)?;
        let mut seek = Output::create(partial.path().join(store::SEEK))?;
        seek.write(&store::SEEK_MAGIC)?;
        let state = State::new(title.tracks.len());
        let record = Vec::with_capacity(MAX_LEN);
        Ok(Self {
            dir: dir.to_owned(),
            partial,
            title,
            state,
            packets,
            seek,
            side: None,
            last_point: None,
            record,
            shared: None,
        })
    }

    /// The index as far as it is written, to be read in this process while it grows. `source` is
    /// the film. What is pushed from now on can be read some hundred packets later;
    /// [`finish`](Self::finish) completes it, and it stays good for as long as somebody has it. A
    /// writer that is dropped before leaves its readers with [`Error::Abandoned`] behind the last
    /// packet.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the disk refuses, [`Error::SourceChanged`] where the film has another
    /// length than the title says, [`Error::Refused`] where the index is shared already.
    pub fn share(&mut self, source: &Path) -> Result<Arc<Index>, Error> {
        if self.shared.is_some() {
            return Err(Error::refused("a second reader of what is shared already"));
        }
        if self.side.is_none() {
            self.side = Some(Output::create(self.partial.path().join(store::SIDE))?);
        }
        let growth = Arc::new(Growth::new(&self.dir));
        let title = self.title.clone();
        let index = Index::growing(self.partial.path(), source, title, Arc::clone(&growth))?;
        self.shared = Some(Shared { growth, packets: 0 });
        self.publish()?;
        Ok(Arc::new(index))
    }

    /// Appends a packet. One that is a keyframe becomes a point to seek to, unless it is presented
    /// before the point before it.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] where the packet breaks a rule of [`Packet`] or a piece lies outside of
    /// its file: the packet is left out, the writer can go on. [`Error::Io`] where the disk
    /// refuses.
    pub fn push(&mut self, packet: &Packet<'_>) -> Result<(), Error> {
        let bounds = Bounds {
            source: self.title.source_len,
            side: self.side.as_ref().map_or(0, |side| side.len),
        };
        let before = packet.keyframe.then(|| self.state.clone());
        self.record.clear();
        self.state
            .encode(packet, bounds, &mut self.record)
            .map_err(Error::refused)?;
        if let Some(state) = before {
            self.point(packet, state)?;
        }
        self.packets.write(&self.record)?;
        match &self.shared {
            Some(shared) if self.packets.len - shared.packets >= step(shared.packets) => {
                self.publish()
            }
            _ => Ok(()),
        }
    }

    /// Lets readers have all that was written so far.
    fn publish(&mut self) -> Result<(), Error> {
        let Some(shared) = &mut self.shared else {
            return Ok(());
        };
        let lengths = Lengths {
            side: self.side.as_mut().map_or(Ok(0), Output::flush)?,
            packets: self.packets.flush()?,
            seek: self.seek.flush()?,
        };
        shared.growth.publish(lengths);
        shared.packets = lengths.packets;
        Ok(())
    }

    fn point(&mut self, packet: &Packet<'_>, state: State) -> Result<(), Error> {
        let rate = u64::from(self.title.tracks[usize::from(packet.track)].clock_rate);
        let fraction = packet.timestamp % rate * 1_000_000 / rate;
        let pts = Duration::from_secs(packet.timestamp / rate) + Duration::from_micros(fraction);
        if self.last_point.is_some_and(|last| pts <= last) {
            return Ok(());
        }
        self.last_point = Some(pts);
        let mut entry = Vec::new();
        SeekPoint {
            send_at: packet.send_at,
            pts,
            offset: self.packets.len,
            state,
        }
        .encode(&mut entry);
        self.seek.write(&entry)
    }

    /// Appends payload to the side file, and returns where it begins there.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the disk refuses.
    pub fn side(&mut self, payload: &[u8]) -> Result<u64, Error> {
        let side = match &mut self.side {
            Some(side) => side,
            none => none.insert(Output::create(self.partial.path().join(store::SIDE))?),
        };
        let offset = side.len;
        side.write(payload)?;
        Ok(offset)
    }

    /// Corrects the description by what became known only on the way: how long the title plays, and
    /// the mean bit rates.
    pub fn describe(
        &mut self,
        duration: Duration,
        bit_rates: impl IntoIterator<Item = Option<u32>>,
    ) {
        self.title.duration = duration;
        for (track, bit_rate) in self.title.tracks.iter_mut().zip(bit_rates) {
            track.bit_rate = bit_rate;
        }
    }

    /// Completes the index: all of it is on the disk, under its name, when this returns. An index
    /// of that name that was there before is replaced; who has it open goes on reading the old one.
    ///
    /// # Errors
    ///
    /// [`Error::Io`] where the disk refuses; nothing is left then.
    pub fn finish(mut self) -> Result<Title, Error> {
        self.publish()?;
        if let Some(shared) = &self.shared {
            // Whoever reads it needs nothing of the disk any more but what is written already.
            shared.growth.complete(self.title.clone());
        }
        if let Some(side) = self.side.take_if(|side| side.len == 0) {
            fs::remove_file(&side.path).map_err(Error::io("remove", &side.path))?;
        }
        let description = Description {
            version: store::VERSION,
            complete: true,
            packets_len: self.packets.finish()?,
            seek_len: self.seek.finish()?,
            side_len: self.side.as_mut().map_or(Ok(0), Output::finish)?,
            title: self.title,
        };
        let mut output = Output::create(self.partial.path().join(store::TITLE))?;
        let text =
            serde_json::to_vec_pretty(&description).map_err(|e| Error::refused(e.to_string()))?;
        output.write(&text)?;
        output.finish()?;
        sync_directory(self.partial.path())?;
        replace(self.partial, &self.dir)?;
        Ok(description.title)
    }
}

/// How much further an index of `len` bytes of packets is written until its readers are told.
fn step(len: u64) -> u64 {
    (len / 4).clamp(64, SHARE_EVERY)
}

/// Gives the finished directory its name.
fn replace(partial: TempDir, dir: &Path) -> Result<(), Error> {
    let above = partial.path().parent().unwrap_or(Path::new(".")).to_owned();
    if dir.exists() {
        // A directory cannot be renamed over one that holds something: the old one steps aside, and
        // is removed under its new name.
        let aside = tempfile::Builder::new()
            .prefix(sweep::PREFIX)
            .tempdir_in(&above);
        let aside = aside.map_err(Error::io("make a directory in", &above))?;
        fs::rename(dir, aside.path()).map_err(Error::io("replace", dir))?;
    }
    fs::rename(partial.path(), dir).map_err(Error::io("name the index", dir))?;
    // Its name is taken from it: there is nothing left to remove.
    let _ = partial.keep();
    sync_directory(&above)
}

fn sync_directory(dir: &Path) -> Result<(), Error> {
    File::open(dir)
        .and_then(|file| file.sync_all())
        .map_err(Error::io("write", dir))
}

/// A file that is being written, its path for messages, and its length so far in bytes.
#[derive(Debug)]
struct Output {
    path: PathBuf,
    file: BufWriter<File>,
    len: u64,
}

impl Output {
    fn create(path: PathBuf) -> Result<Self, Error> {
        let file = File::create_new(&path).map_err(Error::io("create", &path))?;
        Ok(Self {
            file: BufWriter::with_capacity(BUFFER, file),
            path,
            len: 0,
        })
    }

    /// Tells [`sweep`](crate::sweep()) that somebody is at work here.
    fn lock(&self) -> Result<(), Error> {
        self.file
            .get_ref()
            .lock_shared()
            .map_err(Error::io("lock", &self.path))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.file
            .write_all(bytes)
            .map_err(Error::io("write", &self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    /// Hands everything to the system, and returns how much it is.
    fn flush(&mut self) -> Result<u64, Error> {
        self.file.flush().map_err(Error::io("write", &self.path))?;
        Ok(self.len)
    }

    fn finish(&mut self) -> Result<u64, Error> {
        let synced = self
            .file
            .flush()
            .and_then(|()| self.file.get_ref().sync_all());
        synced.map_err(Error::io("write", &self.path))?;
        Ok(self.len)
    }
}
