//! What ends once it is sent: flushed batches and heartbeats.

use std::sync::{Arc, Mutex, PoisonError};

use ice_sys::{Answer, Failure};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};

/// Whether a batch is compressed when it is flushed (`Ice::CompressBatch`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CompressBatch {
    /// It is.
    Yes,
    /// It is not.
    No,
    /// It is where one of its requests went through a proxy that compresses.
    #[default]
    BasedOnProxy,
}

impl CompressBatch {
    pub(crate) fn to_sys(self) -> ice_sys::Compress {
        match self {
            Self::Yes => ice_sys::Compress::Yes,
            Self::No => ice_sys::Compress::No,
            Self::BasedOnProxy => ice_sys::Compress::BasedOnProxy,
        }
    }
}

struct Sent(Mutex<Option<oneshot::Sender<Result<(), Error>>>>);

impl Answer for Sent {
    fn answer(&self, end: Result<(), Failure>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // Nobody may wait any more.
            let _ = sender.send(end.map_err(Error::from));
        }
    }
}

/// Something that is under way until it is sent. Dropping it leaves what was begun to itself.
pub(crate) struct Sending {
    started: Result<(), Failure>,
    end: oneshot::Receiver<Result<(), Error>>,
}

impl Sending {
    pub(crate) fn start(start: impl FnOnce(Arc<dyn Answer>) -> Result<(), Failure>) -> Self {
        let (sender, end) = oneshot::channel();
        Self {
            started: start(Arc::new(Sent(Mutex::new(Some(sender))))),
            end,
        }
    }

    pub(crate) async fn end(self) -> Result<(), Error> {
        self.started?;
        self.end
            .await
            .unwrap_or_else(|_| Err(Error::new(ErrorKind::CommunicatorDestroyed, "")))
    }
}
