//! What a server has done so far, for logs and metrics.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// Counters of a [`Server`](crate::Server), taken at one moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// RTSP connections that are open.
    pub connections: usize,
    /// Streams that are open: RTSP sessions that have played, and pushes.
    pub streams: usize,
    /// RTP and RTCP packets sent since the start.
    pub packets: u64,
    /// Bytes of those, without the headers of UDP, TCP and interleaving.
    pub bytes: u64,
    /// RTP packets among them that went out more than 100 ms after their time.
    pub late: u64,
    /// Packets that the system refused to send.
    pub refused: u64,
}

/// The living counters. Sender threads add once a batch.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicUsize,
    pub(crate) streams: AtomicUsize,
    pub(crate) packets: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) late: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Counters {
    /// A whole batch went out.
    pub(crate) fn sent(&self, packets: usize, bytes: usize) {
        self.packets.fetch_add(packets as u64, Ordering::Relaxed);
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Statistics {
        Statistics {
            connections: self.connections.load(Ordering::Relaxed),
            streams: self.streams.load(Ordering::Relaxed),
            packets: self.packets.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
            late: self.late.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
        }
    }
}
