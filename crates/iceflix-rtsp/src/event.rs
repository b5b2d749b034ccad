//! What a server tells its owner about a stream.

use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

/// Events that wait for somebody to read them; older ones are dropped then. A viewer cannot make
/// more of them without end than the owner cares to read.
const KEPT: usize = 64;

/// Something that happened to the stream of a [`Mount`](crate::Mount) or a [`Push`](crate::Push).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Packets flow: for the first time in this session, after a pause, or after a seek.
    Started,
    /// The film was sent to its end. An RTSP session is still there: the viewer may seek back.
    Finished,
    /// The session is over and everything that it held is free.
    Ended(End),
}

/// Why a session is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The viewer said goodbye (TEARDOWN).
    TornDown,
    /// The viewer's RTSP connection closed.
    Closed,
    /// Nothing was heard from the viewer for the session's time-out.
    Silent,
    /// The viewer's machine reports that nobody listens on the RTP port any more.
    Unreachable,
    /// The film or its index could not be read on; the text says why.
    Failed(String),
    /// The owner ended it: the mount or push was dropped, or the server shut down.
    Withdrawn,
}

/// The events of one stream, in their order.
#[derive(Debug)]
pub struct Events(broadcast::Receiver<Event>);

impl Events {
    pub(crate) fn new(receiver: broadcast::Receiver<Event>) -> Self {
        Self(receiver)
    }

    pub(crate) fn channel() -> broadcast::Sender<Event> {
        broadcast::Sender::new(KEPT)
    }

    /// The next event, or `None` when there can be no more. Waits for it; safe to cancel. Of events
    /// that nobody read for long, the last 64 are there.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            match self.0.recv().await {
                Ok(event) => return Some(event),
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}
