//! A film that is taken apart: the pipeline as far as the demultiplexer, and the watch over it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use gstreamer as gst;
use gstreamer::prelude::*;

use crate::film::Film;
use crate::source::{Ledger, Source};
use crate::{Cancel, Error, Progress, plugins};

/// How long a film may make no progress before it is given up. Long enough for a disk that has to
/// start turning.
const PATIENCE: Duration = Duration::from_secs(20);

/// How often cancelling and progress are looked at.
const TICK: gst::ClockTime = gst::ClockTime::from_mseconds(200);

/// How long the threads of a pipeline may take to end before they are left to themselves.
const FAREWELL: Duration = Duration::from_secs(5);

/// What is said on the bus when all tracks are known.
const TRACKS_KNOWN: &str = "iceflix-tracks-known";

/// The pipeline that takes one film apart. Dropping it ends its threads.
pub(crate) struct Demux<'a> {
    film: &'a Film,
    pub(crate) pipeline: gst::Pipeline,
    pub(crate) demuxer: gst::Element,
    source: Source,
    bus: gst::Bus,
    patience: Duration,
}

/// Until when a pipeline runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// Only until the tracks are known.
    Tracks,
    /// Until everything is read.
    End,
}

impl<'a> Demux<'a> {
    /// Puts the pipeline together. Whoever wants its tracks [watches](crate::tracks::watch) the
    /// demultiplexer before it is [run](Self::run).
    pub(crate) fn new(film: &'a Film) -> Result<Self, Error> {
        let file = film
            .file
            .try_clone()
            .map_err(Error::unreadable(&film.path))?;
        let source = Source::new(file, film.len);
        let demuxer = plugins::make(film.container.demuxer)?;
        let pipeline = gst::Pipeline::new();
        pipeline
            .add_many([source.upcast_ref(), &demuxer])
            .map_err(Error::engine)?;
        source.link(&demuxer).map_err(Error::engine)?;
        let bus = pipeline
            .bus()
            .ok_or_else(|| Error::engine("a pipeline without a bus"))?;
        Ok(Self {
            film,
            pipeline,
            demuxer,
            source,
            bus,
            patience: PATIENCE,
        })
    }

    /// Where the memory came from that the tracks consist of.
    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        self.source.ledger()
    }

    /// Ends a run that goes on only until the tracks are known; any thread may call it.
    pub(crate) fn tracks_are_known(demuxer: &gst::Element) {
        let message = gst::Structure::new_empty(TRACKS_KNOWN);
        // It fails only where nobody listens any more.
        let _ = demuxer.post_message(
            gst::message::Application::builder(message)
                .src(demuxer)
                .build(),
        );
    }

    /// Runs the pipeline, in threads of GStreamer's, and watches it from this one.
    ///
    /// # Errors
    ///
    /// What GStreamer or the disk found wrong with the film; [`Error::Cancelled`];
    /// [`Error::Stalled`].
    pub(crate) fn run(
        &self,
        until: Until,
        progress: &mut dyn FnMut(Progress),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let state = match until {
            Until::Tracks => gst::State::Paused,
            Until::End => gst::State::Playing,
        };
        // Why it fails, where it does, stands in a message on the bus.
        let _ = self.pipeline.set_state(state);
        let gauge = self.source.gauge();
        let mut last = (0, Instant::now());
        loop {
            if let Some(message) = self.bus.timed_pop(TICK)
                && let Some(end) = self.end(&message, until)
            {
                return end;
            }
            if cancel.is_cancelled() {
                return Err(Error::Cancelled {
                    path: self.film.path.clone(),
                });
            }
            let pulled = gauge.pulled.load(Ordering::Relaxed);
            if pulled != last.0 {
                last = (pulled, Instant::now());
                let (done, total) = (pulled.min(self.film.len), self.film.len);
                progress(Progress { done, total });
            } else if last.1.elapsed() > self.patience {
                return Err(Error::Stalled {
                    path: self.film.path.clone(),
                    bound: self.patience,
                });
            }
        }
    }

    /// What a message means for the run; `None` where it goes on.
    fn end(&self, message: &gst::Message, until: Until) -> Option<Result<(), Error>> {
        match message.view() {
            gst::MessageView::Eos(_) => Some(Ok(())),
            gst::MessageView::Application(told) if until == Until::Tracks => told
                .structure()
                .is_some_and(|structure| structure.name() == TRACKS_KNOWN)
                .then_some(Ok(())),
            gst::MessageView::Error(error) => Some(Err(self.defect(error))),
            _ => None,
        }
    }

    fn defect(&self, message: &gst::message::Error) -> Error {
        let path = self.film.path.clone();
        if let Some(source) = self.source.take_failure() {
            return match source.kind() {
                std::io::ErrorKind::UnexpectedEof => Error::Changed { path },
                std::io::ErrorKind::Other => Error::Broken {
                    path,
                    reason: source.to_string(),
                },
                _ => Error::Unreadable { path, source },
            };
        }
        let error = message.error();
        let reason = error.message().trim_end_matches('.').to_owned();
        match error.matches(gst::CoreError::MissingPlugin) {
            true => Error::engine(reason),
            false => Error::Broken { path, reason },
        }
    }
}

impl Drop for Demux<'_> {
    fn drop(&mut self) {
        self.source.gauge().close();
        // Ending a pipeline waits for its threads. One that never ends must not take this thread
        // with it.
        let (ended, end) = mpsc::channel();
        let pipeline = self.pipeline.clone();
        thread::spawn(move || {
            let _ = pipeline.set_state(gst::State::Null);
            // Whoever waits shall hold the last of it, so that nothing is left when it returns.
            drop(pipeline);
            let _ = ended.send(());
        });
        if end.recv_timeout(FAREWELL).is_err() {
            tracing::error!(film = %self.film.path.display(), "a thread that reads this film does not end and is left behind");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use gstreamer_app::AppSink;

    use super::*;

    #[test]
    fn a_film_that_leads_nowhere_is_given_up() {
        let dir = tempfile::tempdir().expect("a directory");
        let path = dir.path().join("film.mp4");
        let arguments = "-nostdin -v error -f lavfi -i testsrc2=s=320x180:d=4 -c:v libx264";
        let made = Command::new("ffmpeg")
            .args(arguments.split(' '))
            .arg(&path)
            .status()
            .expect("it is installed");
        assert!(made.success());

        let film = Film::open(&path).expect("a film");
        let mut demux = Demux::new(&film).expect("a pipeline");
        demux.patience = Duration::from_millis(300);
        let pipeline = demux.pipeline.downgrade();
        demux.demuxer.connect_pad_added(move |_, pad| {
            let pipeline = pipeline.upgrade().expect("it runs");
            // Nobody takes anything out, so that the second buffer waits for ever.
            let sink = AppSink::builder().sync(false).max_buffers(1).build();
            pipeline.add(&sink).expect("added");
            sink.sync_state_with_parent().expect("started");
            pad.link(&sink.static_pad("sink").expect("it has one"))
                .expect("linked");
        });
        let begun = Instant::now();
        let outcome = demux.run(Until::End, &mut |_| (), &Cancel::new());
        assert!(matches!(outcome, Err(Error::Stalled { .. })), "{outcome:?}");
        drop(demux);
        assert!(begun.elapsed() < FAREWELL, "its threads end too");
    }
}
