//! The element itself, as GStreamer sees it.

use std::fs::File;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use gstreamer as gst;
use gstreamer::glib;
use gstreamer::subclass::prelude::*;
use gstreamer_base as gst_base;
use gstreamer_base::subclass::base_src::CreateSuccess;
use gstreamer_base::subclass::prelude::*;

use super::blocks::Blocks;
use super::{Gauge, Ledger};

/// How often a file may be read over before it is said to lead in circles, and how much more than
/// that a small one may be.
const ROUNDS: u64 = 4;
const ROUNDS_EXTRA: u64 = 64 << 20;

/// The longest part that is asked for at once, in bytes. No part of a sound film comes near it.
const LONGEST: u32 = 256 << 20;

#[derive(Debug, Default)]
pub(crate) struct Source {
    opened: Mutex<Option<Opened>>,
    ledger: Arc<Ledger>,
    gauge: Arc<Gauge>,
    failure: Mutex<Option<io::Error>>,
}

#[derive(Debug)]
struct Opened {
    blocks: Blocks,
    len: u64,
}

#[glib::object_subclass]
impl ObjectSubclass for Source {
    const NAME: &'static str = "IceFlixFilmSource";
    type Type = super::Source;
    type ParentType = gst_base::BaseSrc;
}

impl ObjectImpl for Source {}
impl GstObjectImpl for Source {}

impl ElementImpl for Source {
    fn metadata() -> Option<&'static gst::subclass::ElementMetadata> {
        static METADATA: LazyLock<gst::subclass::ElementMetadata> = LazyLock::new(|| {
            gst::subclass::ElementMetadata::new(
                "Film source",
                "Source/File",
                "Reads a film, and knows which memory came from where",
                "IceFlix",
            )
        });
        Some(&METADATA)
    }

    fn pad_templates() -> &'static [gst::PadTemplate] {
        static TEMPLATES: LazyLock<Vec<gst::PadTemplate>> = LazyLock::new(|| {
            let (direction, presence) = (gst::PadDirection::Src, gst::PadPresence::Always);
            gst::PadTemplate::new("src", direction, presence, &gst::Caps::new_any())
                .into_iter()
                .collect()
        });
        TEMPLATES.as_ref()
    }
}

impl BaseSrcImpl for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn size(&self) -> Option<u64> {
        self.opened
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .as_ref()
            .map(|opened| opened.len)
    }

    fn create(
        &self,
        offset: u64,
        buffer: Option<&mut gst::BufferRef>,
        length: u32,
    ) -> Result<CreateSuccess, gst::FlowError> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = opened.as_mut().ok_or(gst::FlowError::Error)?;
        if self.gauge.closed.load(Ordering::Relaxed) {
            return Err(gst::FlowError::Flushing);
        }
        if length > LONGEST {
            return Err(self.fail(io::Error::other(format!("it has a part of {length} bytes"))));
        }
        let pulled = self
            .gauge
            .pulled
            .fetch_add(length.into(), Ordering::Relaxed);
        if pulled
            > opened
                .len
                .saturating_mul(ROUNDS)
                .saturating_add(ROUNDS_EXTRA)
        {
            return Err(self.fail(io::Error::other(
                "it leads in circles: the same parts are read again and again",
            )));
        }
        if offset >= opened.len {
            return Err(gst::FlowError::Eos);
        }
        // A demultiplexer that brings memory of its own copies everything once more anyway.
        if let Some(buffer) = buffer {
            return opened
                .blocks
                .fill(offset, length as usize, buffer)
                .map(|()| CreateSuccess::FilledBuffer)
                .map_err(|error| self.fail(error));
        }
        let memory = opened
            .blocks
            .part(offset, length as usize)
            .map_err(|error| self.fail(error))?;
        let mut buffer = gst::Buffer::new();
        if let Some(buffer) = buffer.get_mut() {
            buffer.append_memory(memory);
            buffer.set_offset(offset);
        }
        Ok(CreateSuccess::NewBuffer(buffer))
    }
}

impl Source {
    pub(super) fn open(&self, file: File, len: u64) {
        let blocks = Blocks::new(file, len, self.ledger.clone());
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = Some(Opened { blocks, len });
    }

    pub(super) fn ledger(&self) -> Arc<Ledger> {
        self.ledger.clone()
    }

    pub(super) fn gauge(&self) -> Arc<Gauge> {
        self.gauge.clone()
    }

    pub(super) fn take_failure(&self) -> Option<io::Error> {
        self.failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take()
    }

    /// Keeps why reading ended, for whoever asks afterwards: the messages of the elements
    /// downstream only say that it did.
    fn fail(&self, error: io::Error) -> gst::FlowError {
        gst::element_imp_error!(self, gst::ResourceError::Read, ["{error}"]);
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        gst::FlowError::Error
    }
}
