//! What comes in from the topics about media.

use std::sync::Arc;
use std::time::Instant;

use ice::Current;
use iceflix_service::log::{Seldom, shown};
use iceflix_slice::{MediaRemovals, StreamAnnounces};
use tokio::sync::mpsc;
use tracing::warn;

use crate::shelf::Shelf;
use crate::store::LONGEST_PROVIDER_ID;
use crate::store::title::{BadName, Id, Name};

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
pub(crate) struct Heard {
    news: mpsc::Sender<News>,
    refused: Arc<Refused>,
}

/// What was heard and waits to be entered.
#[derive(Debug)]
pub(crate) struct Inbox {
    news: mpsc::Receiver<News>,
    crowded: Seldom,
    beyond_bounds: Seldom,
}

/// The lines about what is refused, by what is wrong with it.
#[derive(Debug, Default)]
struct Refused {
    ids: Seldom,
    names: Seldom,
    providers: Seldom,
}

/// What is put in at one end comes out at the other in the same order.
pub(crate) fn channel() -> (Heard, Inbox) {
    let (sender, receiver) = mpsc::channel(WAITING);
    let heard = Heard {
        news: sender,
        refused: Arc::default(),
    };
    let inbox = Inbox {
        news: receiver,
        crowded: Seldom::new(),
        beyond_bounds: Seldom::new(),
    };
    (heard, inbox)
}

impl Heard {
    /// Refuses what is wrong before it waits with thousands of others.
    async fn take(&self, id: &str, name: Option<Result<Name, BadName>>, provider: String) {
        if provider.is_empty() || provider.len() > LONGEST_PROVIDER_ID {
            let length = provider.len();
            self.refused.providers.tell(|more| {
                warn!(
                    length,
                    more,
                    "media refused: the id of a provider has 1 to {LONGEST_PROVIDER_ID} bytes"
                );
            });
            return;
        }
        let Some(id) = Id::parse(id) else {
            let (id, provider) = (shown(id), shown(&provider));
            self.refused.ids.tell(|more| {
                warn!(
                    provider,
                    more, "media refused: no media id is spelt \"{id}\""
                );
            });
            return;
        };
        match name.transpose() {
            // The other end goes when the service stops.
            Ok(name) => drop(self.news.send(News { id, provider, name }).await),
            Err(error) => {
                let provider = shown(&provider);
                self.refused
                    .names
                    .tell(|more| warn!(%id, provider, %error, more, "media refused"));
            }
        }
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
        let name = Name::announced(&initial_name);
        self.take(&id, Some(name), provider_id).await;
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
        self.take(&id, None, provider_id).await;
        Ok(())
    }
}

impl Inbox {
    /// Enters what is heard, in order, many at once where many wait.
    pub(crate) async fn enter(mut self, shelf: Arc<Shelf>) {
        let mut together = Vec::with_capacity(TOGETHER);
        while self.news.recv_many(&mut together, TOGETHER).await > 0 {
            let new = self.admitted(&together, &shelf);
            shelf.enter(&new).await;
            let mut refused = None;
            {
                let mut holders = shelf.holders();
                for News { id, provider, name } in together.drain(..) {
                    if name.is_none() {
                        holders.removed(&id, &provider);
                    } else if !holders.announced(id, &provider) {
                        refused = Some((id, provider));
                    }
                }
            }
            shelf.changed();
            if let Some((id, provider)) = refused {
                self.beyond_bounds.tell(|more| {
                    warn!(%id, provider = shown(&provider), more, "media refused: a server, or all of them, have too many");
                });
            }
        }
    }

    /// What is new and may be entered: all that a server announces which has proven itself, and some of what others do.
    fn admitted(&self, together: &[News], shelf: &Shelf) -> Vec<(Id, Name)> {
        let now = Instant::now();
        let mut admitted = Vec::new();
        let mut kept = false;
        for News { id, provider, name } in together {
            let Some(name) = name else {
                continue;
            };
            if shelf.catalog.knew(id) {
                continue;
            }
            if shelf.holders().is_alive(provider) || shelf.admission().admits(now) {
                admitted.push((*id, name.clone()));
            } else {
                kept = true;
                shelf.admission().keep(provider, *id, name.clone());
            }
        }
        if kept {
            self.crowded.tell(|_| {
                warn!("too many new titles of servers that nobody knows: further ones wait until their servers are found");
            });
        }
        admitted
    }
}
