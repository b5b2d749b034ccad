//! The tracks of a film, as a demultiplexer finds them.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::prelude::*;

use crate::format;

/// Whoever wants to know of tracks. Its functions are called from threads of GStreamer's.
pub(crate) trait Watcher: Send + 'static {
    /// A track was found on `pad`, and `caps` say what it holds.
    fn found(&mut self, pad: &gst::Pad, caps: &gst::CapsRef);

    /// There are no further ones.
    fn complete(&mut self);
}

/// How many tracks were found of which it is not known yet what they hold.
pub(crate) type Unseen = Arc<AtomicUsize>;

/// What a watched demultiplexer has said so far.
struct State<W> {
    watcher: W,
    unseen: Unseen,
    /// Their pads.
    pads: Vec<gst::Pad>,
    announced: bool,
}

impl<W: Watcher> State<W> {
    /// Waits no longer for the first of a track.
    fn forget(&mut self, pad: &gst::Pad) {
        let Some(position) = self.pads.iter().position(|unseen| unseen == pad) else {
            return;
        };
        self.pads.swap_remove(position);
        let before = self.unseen.fetch_sub(1, Ordering::Relaxed);
        if self.announced && before == 1 {
            self.watcher.complete();
        }
    }
}

/// Tells `watcher` of the tracks that `demuxer` finds, when it is known what they hold: at once, or
/// where the demultiplexer does not say enough, when the first of them comes.
pub(crate) fn watch(demuxer: &gst::Element, watcher: impl Watcher) -> Unseen {
    let unseen = Unseen::default();
    let state = Arc::new(Mutex::new(State {
        watcher,
        unseen: unseen.clone(),
        pads: Vec::new(),
        announced: false,
    }));
    let added = state.clone();
    demuxer.connect_pad_added(move |_, pad| {
        let caps = pad.current_caps().unwrap_or_else(|| pad.query_caps(None));
        if !format::must_be_seen(&caps) {
            lock(&added).watcher.found(pad, &caps);
            return;
        }
        lock(&added).unseen.fetch_add(1, Ordering::Relaxed);
        lock(&added).pads.push(pad.clone());
        let state = added.clone();
        let see = gst::PadProbeType::BUFFER | gst::PadProbeType::EVENT_DOWNSTREAM;
        pad.add_probe(see, move |pad, info| {
            let seen = match &info.data {
                Some(gst::PadProbeData::Buffer(buffer)) => format::seen(&caps, buffer),
                Some(gst::PadProbeData::Event(event)) if event.type_() == gst::EventType::Eos => {
                    caps.clone()
                }
                _ => return gst::PadProbeReturn::Ok,
            };
            let state = &mut *lock(&state);
            if state.pads.contains(pad) {
                state.watcher.found(pad, &seen);
                state.forget(pad);
            }
            gst::PadProbeReturn::Remove
        });
    });
    let removed = state.clone();
    demuxer.connect_pad_removed(move |_, pad| lock(&removed).forget(pad));
    demuxer.connect_no_more_pads(move |_| {
        let state = &mut *lock(&state);
        // Some say it more than once.
        if !std::mem::replace(&mut state.announced, true)
            && state.unseen.load(Ordering::Relaxed) == 0
        {
            state.watcher.complete();
        }
    });
    unseen
}

fn lock<T>(state: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
