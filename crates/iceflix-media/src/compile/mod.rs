//! A film becomes a packet index.

mod assembly;
mod branch;
mod describe;
mod merge;
mod order;
mod presentation;
mod ticks;
mod unit;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::prelude::*;
use iceflix_index::{Index, Title};

use crate::demux::{Demux, Until};
use crate::film::Film;
use crate::probe::{self, Choice, Found};
use crate::tracks::{self, Watcher};
use crate::{Cancel, Error, Progress};

use assembly::Assembly;
use branch::Shared;

/// Makes the packet index of the film at `path`, as the directory `into`. Reads the film once from
/// its beginning to its end, at several hundred megabytes a second where the disk gives them.
/// `progress` is called a few times a second, from this thread.
///
/// Each track goes out as it is where RTP has a payload format for its codec. One of another codec is
/// transcoded, to H.264 or to Opus; what nothing decodes is left out. [`probe`](crate::probe())
/// tells which. What the film's file does not hold as it goes out, because it is transcoded or
/// because the container tears it apart (MPEG transport and program streams), is kept beside the
/// index, and makes it as large as these tracks are. A file that is shorter than its own headers say is not
/// compiled as far as it goes, but refused: it is most often a copy that is not finished, and the
/// whole file is another media.
///
/// Two habits of GStreamer's demultiplexer for MP4 show in the result: a track that is shorter than
/// a fifth of the film counts as a preview and is not seen at all, and where an edit list skips the
/// start of the audio encoder, the sound ends one frame early.
///
/// All tracks have one zero of time, the earliest presented sample of the title, so that they stay
/// in step. The send time is the decoding time from that zero on; where it lies before the zero, as
/// with reordered video, it is 0.
///
/// # Errors
///
/// Every way in which a file can be no film that can be served, see [`Error`]; what
/// [`init`](crate::init) finds missing; [`Error::Index`] where the index cannot be written. An
/// index that was there before is left as it was.
pub fn compile(
    path: &Path,
    into: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
) -> Result<Title, Error> {
    run(path, into, progress, cancel, None)
}

/// As [`compile`], and hands out the index as soon as it can be played, while it grows: a few
/// milliseconds after the beginning, where the film's tracks are interleaved.
///
/// `begun` is called once, from a thread of GStreamer's that it must not keep, or not at all where
/// it fails before. Where it fails afterwards, the index ends where it got to.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_growing(
    path: &Path,
    into: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
    begun: Begun,
) -> Result<Title, Error> {
    run(path, into, progress, cancel, Some(begun))
}

/// Takes an index that has begun and goes on growing.
pub type Begun = Box<dyn FnOnce(Arc<Index>) + Send>;

fn run(
    path: &Path,
    into: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
    begun: Option<Begun>,
) -> Result<Title, Error> {
    let film = Film::open(path)?;
    let demux = Demux::new(&film)?;
    let assembly: Shared = Arc::new(Mutex::new(Some(Assembly::new(
        &film,
        into,
        demux.ledger(),
        begun,
    ))));
    let lead = Lead {
        path: film.path.clone(),
        pipeline: demux.pipeline.downgrade(),
        assembly: assembly.clone(),
        choice: Choice::default(),
        found: Vec::new(),
    };
    let unseen = tracks::watch(&demux.demuxer, lead);
    if let Some(assembly) = &mut *branch::lock(&assembly) {
        assembly.wait_for(unseen);
    }
    let outcome = demux.run(Until::End, progress, cancel);
    let mut assembly = branch::lock(&assembly)
        .take()
        .ok_or_else(|| Error::engine("the tracks were lost"))?;
    drop(demux);
    // The cause, where there is one, rather than what the elements upstream made of it.
    if let Some(error) = assembly.take_failure() {
        return Err(error);
    }
    outcome?;
    film.is_unchanged()?;
    assembly.finish()
}

/// Leads each track that is served into the assembly, as soon as it is known what it holds.
struct Lead {
    path: PathBuf,
    pipeline: glib::WeakRef<gst::Pipeline>,
    assembly: Shared,
    choice: Choice,
    found: Vec<Found>,
}

impl Watcher for Lead {
    fn found(&mut self, pad: &gst::Pad, caps: &gst::CapsRef) {
        let Some(pipeline) = self.pipeline.upgrade() else {
            return;
        };
        let (track, plan) = Found::on(caps, &mut self.choice);
        if let Some(plan) = plan
            && let Err(error) = branch::connect(&pipeline, pad, plan, &self.assembly)
        {
            fail(&self.assembly, error);
        }
        self.found.push(track);
    }

    /// Fails before anything is made of a film that cannot be served.
    fn complete(&mut self) {
        if let Err(error) = probe::servable(&self.path, &self.found) {
            fail(&self.assembly, error);
        }
    }
}

fn fail(assembly: &Shared, error: Error) {
    if let Some(assembly) = &mut *branch::lock(assembly) {
        assembly.fail(error);
    }
}
