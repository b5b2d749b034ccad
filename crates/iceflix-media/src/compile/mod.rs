//! A film becomes a packet index.

mod assembly;
mod branch;
mod describe;
mod merge;
mod order;
mod ticks;
mod unit;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use gstreamer::prelude::*;
use iceflix_index::{Index, Title};

use crate::demux::{Demux, Until};
use crate::film::Film;
use crate::probe::{self, Choice, Found};
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
    take_tracks(&demux, &film, &assembly);
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

/// Leads each track that is served into the assembly, as soon as the demultiplexer finds it.
fn take_tracks(demux: &Demux<'_>, film: &Film, assembly: &Shared) {
    let tracks = Arc::new(Mutex::new((Choice::default(), Vec::new())));
    let known = tracks.clone();
    let (added, complete) = (assembly.clone(), assembly.clone());
    let pipeline = demux.pipeline.downgrade();
    demux.demuxer.connect_pad_added(move |_, pad| {
        let Some(pipeline) = pipeline.upgrade() else {
            return;
        };
        let (choice, found) = &mut *tracks.lock().unwrap_or_else(PoisonError::into_inner);
        let (track, plan) = Found::on(pad, choice);
        if let Some(plan) = plan
            && let Err(error) = branch::connect(&pipeline, pad, plan, &added)
        {
            fail(&added, error);
        }
        found.push(track);
    });
    let path = film.path.clone();
    // Before anything is made of a film that cannot be served.
    demux.demuxer.connect_no_more_pads(move |_| {
        let (_, found) = &*known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = probe::servable(&path, found) {
            fail(&complete, error);
        }
    });
}

fn fail(assembly: &Shared, error: Error) {
    if let Some(assembly) = &mut *branch::lock(assembly) {
        assembly.fail(error);
    }
}
