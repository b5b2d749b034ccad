//! The library's answers for those who must not wait for a disk.

use std::{sync::Arc, time::Duration};

use iceflix_index::Index;
use iceflix_media::MediaId;
use tokio::{task::spawn_blocking, time::timeout};

use super::{Library, Missing};

/// How long a disk may take to answer: callers give up after 1.5 s, and should
/// hear a reason before.
const ANSWERED_WITHIN: Duration = Duration::from_secs(1);

/// How many questions a disk is asked at the same time. One that hangs takes
/// this many threads and no more.
pub(super) const AT_ONCE: usize = 16;

impl Library {
    /// As [`Library::take`], without blocking and within about a second. May be
    /// cancelled.
    ///
    /// # Errors
    ///
    /// As there; and where the disk does not answer.
    pub(crate) async fn take_soon(this: &Arc<Self>, id: MediaId) -> Result<Arc<Index>, Missing> {
        // What nobody has heard of needs no disk.
        if this.name(id).is_none() {
            return Err(Missing::Unknown);
        }
        Self::ask(this, move |library| library.take(id))
            .await
            .unwrap_or(Err(Missing::NoAnswer))
    }

    /// As [`Library::has`], without blocking and within about a second; a disk
    /// that does not answer has nothing. May be cancelled.
    pub(crate) async fn has_soon(this: &Arc<Self>, id: MediaId) -> bool {
        this.name(id).is_some()
            && Self::ask(this, move |library| library.has(id))
                .await
                .unwrap_or(false)
    }

    async fn ask<R: Send + 'static>(
        this: &Arc<Self>,
        question: impl FnOnce(&Self) -> R + Send + 'static,
    ) -> Option<R> {
        let library = Arc::clone(this);
        let answer = async move {
            let turn = Arc::clone(&library.questions).acquire_owned().await.ok()?;
            let asked = spawn_blocking(move || {
                let answer = question(&library);
                drop(turn);
                answer
            });
            asked.await.ok()
        };
        timeout(ANSWERED_WITHIN, answer).await.ok().flatten()
    }
}
