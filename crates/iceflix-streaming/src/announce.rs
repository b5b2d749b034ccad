//! What the broker is told of the films: every one that is there, and every
//! one that went.

mod outbox;

use std::{sync::Arc, time::Duration};

use futures_util::future::join_all;
use iceflix_media::MediaId;
use iceflix_slice::{MediaRemovalsPrx, StreamAnnouncesPrx};
use icestorm::{Publisher, State};
use tokio::{
    sync::{Notify, mpsc, watch},
    time::{Instant, sleep_until},
};
use tracing::{debug, info, warn};

use self::outbox::Outbox;
use crate::library::{Library, told};

/// How many events are under way at the same time. They go over one connection
/// in order, so that more would only wait at the broker.
const AT_ONCE: usize = 64;

/// How long after a whole announcement the next one may begin: whoever wants
/// one meanwhile is served by that.
const WHOLE_PAUSE: Duration = Duration::from_secs(1);

/// How long to wait after a failure; the return of the broker is noticed by
/// itself, and sooner.
const RETRY: Duration = Duration::from_secs(5);

/// Announces the films of a library.
pub(crate) struct Announcer {
    pub(crate) library: Arc<Library>,
    pub(crate) media: Publisher<StreamAnnouncesPrx>,
    pub(crate) removals: Publisher<MediaRemovalsPrx>,
    /// The service id.
    pub(crate) provider: String,
}

/// What gives cause to announce.
pub(crate) struct Causes {
    /// Films that came or went.
    pub(crate) changes: mpsc::UnboundedReceiver<MediaId>,
    /// Somebody wants to hear of all.
    pub(crate) requests: Arc<Notify>,
    /// How the broker is.
    pub(crate) broker: watch::Receiver<State>,
}

impl Announcer {
    /// Announces for ever. What cannot be sent is kept, once for each film,
    /// until it can.
    pub(crate) async fn run(self, mut causes: Causes) {
        let mut outbox = Outbox::default();
        let mut generation = causes.broker.borrow_and_update().generation;
        let mut failed: Option<Instant> = None;
        let mut whole = Instant::now();
        let mut wanted = false;
        loop {
            tokio::select! {
                Some(id) = causes.changes.recv() => outbox.add(id),
                () = causes.requests.notified() => wanted = true,
                Ok(()) = causes.broker.changed() => {
                    let state = *causes.broker.borrow_and_update();
                    if state.subscribed && state.generation != generation {
                        // What the broker had before it went may be lost. At the first contact there was no such
                        // broker: whatever could not be sent is waiting.
                        if generation > 0 {
                            outbox.add_all(self.library.ids());
                        }
                        generation = state.generation;
                        failed = None;
                    }
                }
                () = sleep_until(whole), if wanted => {
                    wanted = false;
                    whole = Instant::now() + WHOLE_PAUSE;
                    outbox.add_all(self.library.ids());
                    info!(films = outbox.len(), "announcing all films again");
                }
                () = sleep_until(failed.unwrap_or_else(Instant::now)), if !outbox.is_empty() => {
                    while let Ok(id) = causes.changes.try_recv() {
                        outbox.add(id);
                    }
                    match self.send(&mut outbox).await {
                        Ok(()) => failed = None,
                        Err(error) => {
                            match failed {
                                Some(_) => debug!(%error, "films are still not announced"),
                                None => warn!(%error, films = outbox.len(), "films are not announced yet: the broker cannot be reached; trying again"),
                            }
                            failed = Some(Instant::now() + RETRY);
                        }
                    }
                }
            }
        }
    }

    /// Sends some of what waits. What failed waits again.
    async fn send(&self, outbox: &mut Outbox) -> Result<(), String> {
        let batch = outbox.take(AT_ONCE);
        let sent = join_all(batch.iter().map(|id| self.tell(*id))).await;
        let mut result = Ok(());
        for (id, sent) in batch.into_iter().zip(sent) {
            if let Err(error) = sent {
                outbox.add(id);
                result = Err(told(&error));
            }
        }
        result
    }

    /// Says how it is with a film now, not how it was when it got into the
    /// outbox.
    async fn tell(&self, id: MediaId) -> Result<(), icestorm::Error> {
        let (id, name, provider) = (&id.to_string(), &self.library.name(id), &self.provider);
        match name {
            Some(name) => {
                self.media
                    .publish(|topic| async move { topic.new_media(id, name, provider).await })
                    .await
            }
            None => {
                self.removals
                    .publish(|topic| async move { topic.removed_media(id, provider).await })
                    .await
            }
        }
    }
}
