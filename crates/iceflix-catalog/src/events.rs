//! What comes in from the topics.

use std::sync::Arc;

use ice::Current;
use iceflix_service::log::shown;
use iceflix_service::peers::{Change, Event, Kind, Registry};
use iceflix_slice::{MediaRemovals, StreamAnnounces, StreamProviderPrx};
use icestorm::State;
use tokio::sync::{broadcast, mpsc, watch};
use tracing::{debug, error, info, warn};

use crate::shelf::Shelf;
use crate::store::LONGEST_PROVIDER_ID;
use crate::store::title::{Id, Name};

/// How many announcements wait for the disk. The broker keeps those beyond.
const WAITING: usize = 4096;

/// How many announcements are entered at once: one wait for the disk for all of them.
const TOGETHER: usize = 512;

/// What a streaming server said.
#[derive(Debug)]
struct News {
    id: Id,
    provider: String,
    /// Its initial name; `None` where it is gone.
    name: Option<Name>,
}

/// The servant that hears of media, for both topics.
#[derive(Clone, Debug)]
pub(crate) struct Heard(mpsc::Sender<News>);

/// What was heard and waits to be entered.
#[derive(Debug)]
pub(crate) struct Inbox(mpsc::Receiver<News>);

/// What is put in at one end comes out at the other in the same order.
pub(crate) fn channel() -> (Heard, Inbox) {
    let (sender, receiver) = mpsc::channel(WAITING);
    (Heard(sender), Inbox(receiver))
}

impl Heard {
    async fn pass_on(&self, news: News) {
        // Refused before it waits with thousands of others.
        if news.provider.len() > LONGEST_PROVIDER_ID {
            let length = news.provider.len();
            warn!(id = %news.id, length, "media refused: the id of a provider has at most {LONGEST_PROVIDER_ID} bytes");
            return;
        }
        // The other end goes when the service stops.
        let _ = self.0.send(news).await;
    }
}

impl StreamAnnounces for Heard {
    async fn new_media(
        &self,
        id: String,
        initial_name: String,
        provider_id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        let Some(known) = Id::parse(&id) else {
            warn!(
                provider = shown(&provider_id),
                "media refused: no media id is spelt \"{}\"",
                shown(&id)
            );
            return Ok(());
        };
        match Name::announced(&initial_name) {
            Ok(name) => {
                let name = Some(name);
                self.pass_on(News {
                    id: known,
                    provider: provider_id,
                    name,
                })
                .await;
            }
            Err(error) => warn!(%id, provider = shown(&provider_id), %error, "media refused"),
        }
        Ok(())
    }
}

impl MediaRemovals for Heard {
    async fn removed_media(
        &self,
        id: String,
        provider_id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        match Id::parse(&id) {
            Some(id) => {
                self.pass_on(News {
                    id,
                    provider: provider_id,
                    name: None,
                })
                .await;
            }
            None => warn!(
                provider = shown(&provider_id),
                "removal refused: no media id is spelt \"{}\"",
                shown(&id)
            ),
        }
        Ok(())
    }
}

impl Inbox {
    /// Enters what is heard, in order, many at once where many wait.
    pub(crate) async fn enter(mut self, shelf: Arc<Shelf>) {
        let mut together = Vec::with_capacity(TOGETHER);
        while self.0.recv_many(&mut together, TOGETHER).await > 0 {
            let new: Vec<_> = together
                .iter()
                .filter_map(|news| Some((news.id, news.name.clone()?)))
                .collect();
            match shelf.catalog.discovered(&new).await {
                Ok(0) => {}
                Ok(count) => info!(count, "titles added"),
                // Their server is asked to announce them again when it is found again; nothing is half done.
                Err(error) => error!(%error, "titles are not added"),
            }
            let mut holders = shelf.holders();
            for News { id, provider, name } in together.drain(..) {
                if name.is_none() {
                    holders.removed(&id, &provider);
                } else if !holders.announced(id, &provider) {
                    warn!(%id, provider = shown(&provider), "media refused: a bound is reached");
                }
            }
        }
    }
}

/// Keeps who has what in step with who is alive. A server that is found is asked for all that it has, and so are
/// all of them when the broker was away: what it forgot is then heard again.
pub(crate) async fn follow_providers(
    peers: Registry,
    shelf: Arc<Shelf>,
    mut broker: watch::Receiver<State>,
) {
    let mut changes = peers.changes();
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => follow(&peers, &shelf, &change),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    warn!(missed, "too many changes at once: looking at all providers anew");
                    all_again(&peers, &shelf);
                }
                Err(broadcast::error::RecvError::Closed) => return,
            },
            Ok(()) = broker.changed() => if broker.borrow_and_update().subscribed {
                all_again(&peers, &shelf);
            },
        }
    }
}

fn follow(peers: &Registry, shelf: &Shelf, change: &Change) {
    if change.kind != Kind::StreamProvider {
        return;
    }
    match change.event {
        Event::Found => {
            // One that is gone again has a change of its own on the way.
            if let Some(provider) = peers.providers().get(&change.id) {
                shelf.holders().appeared(&change.id, provider.clone());
                ask_for_all(change.id.clone(), provider);
            }
        }
        Event::Lost => shelf.holders().lost(&change.id),
        Event::Departed => shelf.holders().stopped(&change.id),
    }
}

fn all_again(peers: &Registry, shelf: &Shelf) {
    for (id, provider) in peers.providers().all() {
        shelf.holders().appeared(&id, provider.clone());
        ask_for_all(id, provider);
    }
}

/// In the background: the answer comes over the topic.
fn ask_for_all(id: String, provider: StreamProviderPrx) {
    tokio::spawn(async move {
        if let Err(error) = provider.reannounce_media().await {
            debug!(
                id = shown(&id),
                error = shown(&error),
                "a provider does not announce its media again"
            );
        }
    });
}
