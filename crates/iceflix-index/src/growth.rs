//! How far an index has come that is read while it is written.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::{Error, Title};

/// How many bytes of its files a reader may read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Lengths {
    pub(crate) packets: u64,
    pub(crate) seek: u64,
    pub(crate) side: u64,
}

/// What a writer tells the readers of the same process. Whatever lengths are told, that many bytes
/// are in the files, and end with a whole record.
#[derive(Debug)]
pub(crate) struct Growth {
    /// The index's directory as it will be, for messages.
    dir: PathBuf,
    packets: AtomicU64,
    seek: AtomicU64,
    side: AtomicU64,
    state: AtomicU8,
    /// The description as it became in the end.
    title: OnceLock<Title>,
}

const GROWING: u8 = 0;
const COMPLETE: u8 = 1;
const ABANDONED: u8 = 2;

impl Growth {
    pub(crate) fn new(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            packets: AtomicU64::new(0),
            seek: AtomicU64::new(0),
            side: AtomicU64::new(0),
            state: AtomicU8::new(GROWING),
            title: OnceLock::new(),
        }
    }

    /// More may be read. What is referred to is told before what refers to it.
    pub(crate) fn publish(&self, lengths: Lengths) {
        self.side.store(lengths.side, Ordering::Release);
        self.packets.store(lengths.packets, Ordering::Release);
        self.seek.store(lengths.seek, Ordering::Release);
    }

    /// What may be read now, looked up in the other order.
    pub(crate) fn lengths(&self) -> Lengths {
        let seek = self.seek.load(Ordering::Acquire);
        let packets = self.packets.load(Ordering::Acquire);
        let side = self.side.load(Ordering::Acquire);
        Lengths {
            packets,
            seek,
            side,
        }
    }

    /// Nothing more will come: all that was published is all there is.
    pub(crate) fn complete(&self, title: Title) {
        self.title.get_or_init(|| title);
        self.state.store(COMPLETE, Ordering::Release);
    }

    /// Nothing more will come, though the film goes on.
    pub(crate) fn abandon(&self) {
        // A complete one stays so: its writer is dropped as well.
        let _complete =
            self.state
                .compare_exchange(GROWING, ABANDONED, Ordering::Release, Ordering::Relaxed);
    }

    /// Whether more is to come. Asked before the lengths, it tells of them whether they were the
    /// last.
    ///
    /// # Errors
    ///
    /// [`Error::Abandoned`] where the writer gave up.
    pub(crate) fn goes_on(&self) -> Result<bool, Error> {
        match self.state.load(Ordering::Acquire) {
            GROWING => Ok(true),
            COMPLETE => Ok(false),
            _ => Err(Error::Abandoned {
                path: self.dir.clone(),
            }),
        }
    }

    pub(crate) fn title(&self) -> Option<&Title> {
        self.title.get()
    }
}
