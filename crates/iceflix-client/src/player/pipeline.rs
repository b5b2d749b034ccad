//! The built-in player: GStreamer's playbin with a sink of ours.

use std::{env, time::Duration};

use futures_util::StreamExt as _;
use gstreamer::{self as gst, MessageView, prelude::*};
use tokio::time::{MissedTickBehavior, interval};

use super::Error;

/// How much of the stream is held back against uneven arrival. The default of
/// GStreamer, two seconds, is for worse networks than a film is watched over.
pub(super) const LATENCY: Duration = Duration::from_millis(300);

/// Where picture and sound go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sink {
    /// A window, and the loudspeaker.
    Window,
    /// Nowhere, at the speed of the film: decoded and dropped.
    Nowhere,
}

/// How a film ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ended {
    /// How far it got.
    pub at: Duration,
}

/// Plays to the end. `progress` is told about once a second how far the film is, and
/// how long it is where that is known. When this future is dropped, playing ends.
///
/// # Errors
///
/// Where GStreamer lacks something, there is no screen, or the stream breaks.
///
/// # Panics
///
/// Outside a tokio runtime.
pub async fn play(
    url: &str,
    sink: Sink,
    mut progress: impl FnMut(Duration, Option<Duration>),
) -> Result<Ended, Error> {
    if sink == Sink::Window
        && env::var_os("DISPLAY").is_none()
        && env::var_os("WAYLAND_DISPLAY").is_none()
    {
        return Err(Error::NoScreen);
    }
    gst::init().map_err(Error::Start)?;
    let playbin = element("playbin3", "gstreamer1.0-plugins-base")?;
    playbin.set_property("uri", url);
    if sink == Sink::Nowhere {
        for slot in ["video-sink", "audio-sink"] {
            let drop = element("fakesink", "libgstreamer1.0-0")?;
            drop.set_property("sync", true);
            playbin.set_property(slot, &drop);
        }
    }
    playbin.connect("source-setup", false, |values| {
        let source = values.get(1)?.get::<gst::Element>().ok()?;
        if source.has_property("latency") {
            source.set_property(
                "latency",
                u32::try_from(LATENCY.as_millis()).unwrap_or(u32::MAX),
            );
        }
        None
    });
    let running = Running::start(playbin)?;
    let mut messages = running.bus()?.stream();
    let mut ticks = interval(Duration::from_secs(1));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut at = Duration::ZERO;
    loop {
        tokio::select! {
            Some(message) = messages.next() => match message.view() {
                MessageView::Eos(_) => {
                    at = running.position().unwrap_or(at).max(at);
                    return Ok(Ended { at });
                }
                MessageView::Error(error) => return Err(Error::Failed(without_address(&error.error().to_string()))),
                _ => {}
            },
            _ = ticks.tick() => if let Some(position) = running.position() {
                at = position;
                progress(position, running.duration());
            },
        }
    }
}

/// A pipeline that stops when it is dropped.
#[derive(Debug)]
pub(super) struct Running(gst::Element);

impl Running {
    /// Sets it going.
    ///
    /// # Errors
    ///
    /// Where one of its elements refuses.
    pub(super) fn start(pipeline: gst::Element) -> Result<Self, Error> {
        let running = Self(pipeline);
        running
            .0
            .set_state(gst::State::Playing)
            .map_err(|error| Error::Failed(error.to_string()))?;
        Ok(running)
    }

    /// Where its messages arrive.
    ///
    /// # Errors
    ///
    /// Where it has none, which a pipeline always has.
    pub(super) fn bus(&self) -> Result<gst::Bus, Error> {
        self.0
            .bus()
            .ok_or_else(|| Error::Failed("the pipeline has no bus".to_owned()))
    }

    /// How far it is.
    pub(super) fn position(&self) -> Option<Duration> {
        self.0.query_position::<gst::ClockTime>().map(Into::into)
    }

    fn duration(&self) -> Option<Duration> {
        self.0.query_duration::<gst::ClockTime>().map(Into::into)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.set_state(gst::State::Null);
    }
}

/// Makes an element of GStreamer.
///
/// # Errors
///
/// Where it is not installed, with the package that has it.
pub(super) fn element(name: &'static str, package: &'static str) -> Result<gst::Element, Error> {
    gst::ElementFactory::make(name)
        .build()
        .map_err(|_| Error::Missing {
            element: name,
            package,
        })
}

/// The address of a stream is a secret: an error text does not carry it.
pub(super) fn without_address(text: &str) -> String {
    text.split_whitespace()
        .map(|word| {
            if word.contains("rtsp://") || word.contains("rtsps://") {
                "(the stream)"
            } else {
                word
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_text_does_not_carry_the_address() {
        let text = without_address("Could not open rtsp://127.0.0.1:8554/0123 now");
        assert_eq!(text, "Could not open (the stream) now");
    }
}
