//! The source element: hands a film to a demultiplexer, and knows afterwards which memory came from
//! where.

mod blocks;
mod element;
mod ledger;

use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use gstreamer::glib;
use gstreamer::subclass::prelude::*;

pub(crate) use ledger::Ledger;

glib::wrapper! {
    /// An element with one source pad, of which any part of the file can be pulled.
    pub(crate) struct Source(ObjectSubclass<element::Source>)
        @extends gstreamer_base::BaseSrc, gstreamer::Element, gstreamer::Object;
}

/// What is shared by the element, which reads in a thread of GStreamer's, and whoever watches it.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    /// How many bytes were asked for.
    pub(crate) pulled: AtomicU64,
    /// Set when no more shall be read.
    pub(crate) closed: AtomicBool,
}

impl Source {
    /// An element that reads `file`, which has `len` bytes.
    pub(crate) fn new(file: File, len: u64) -> Self {
        let source: Self = glib::Object::new();
        source.imp().open(file, len);
        source
    }

    /// Where the memory that was handed out came from.
    pub(crate) fn ledger(&self) -> Arc<Ledger> {
        self.imp().ledger()
    }

    pub(crate) fn gauge(&self) -> Arc<Gauge> {
        self.imp().gauge()
    }

    /// The error of the disk that ended reading, if one did.
    pub(crate) fn take_failure(&self) -> Option<std::io::Error> {
        self.imp().take_failure()
    }
}

impl Gauge {
    /// Ends reading: whoever asks for more is told that the pipeline stops.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }
}
