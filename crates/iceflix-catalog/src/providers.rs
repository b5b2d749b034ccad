//! Keeps who has what in step with who is alive.

use std::sync::Arc;
use std::time::Duration;

use iceflix_service::log::shown;
use iceflix_service::peers::{Change, Event, Kind, Registry};
use iceflix_slice::StreamProviderPrx;
use icestorm::State;
use tokio::sync::{broadcast, watch};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{debug, info, warn};

use crate::shelf::Shelf;

/// How often it is seen whether titles that the database did not take can be made up for.
const MAKING_UP: Duration = Duration::from_secs(1);

/// Follows the servers that come and go. One that is found is asked for all that it has, and so are all of them when
/// something was missed: when the broker was away, or the database.
pub(crate) async fn follow(peers: Registry, shelf: Arc<Shelf>, mut broker: watch::Receiver<State>) {
    let mut changes = peers.changes();
    let mut ticks = interval(MAKING_UP);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            change = changes.recv() => match change {
                Ok(change) => take_in(&peers, &shelf, &change),
                Err(broadcast::error::RecvError::Lagged(missed)) => {
                    warn!(missed, "too many changes at once: looking at all providers anew");
                    all_again(&peers, &shelf);
                }
                Err(broadcast::error::RecvError::Closed) => return,
            },
            Ok(()) = broker.changed() => if broker.borrow_and_update().subscribed {
                all_again(&peers, &shelf);
            },
            _ = ticks.tick() => if shelf.can_make_up().await {
                info!("asking all servers for titles that the database did not take");
                all_again(&peers, &shelf);
            },
        }
    }
}

fn take_in(peers: &Registry, shelf: &Arc<Shelf>, change: &Change) {
    if change.kind != Kind::StreamProvider {
        return;
    }
    match change.event {
        Event::Found => {
            // One that is gone again has a change of its own on the way.
            if let Some(provider) = peers.providers().get(&change.id) {
                found(shelf, change.id.clone(), provider);
            }
        }
        Event::Lost => shelf.holders().lost(&change.id),
        Event::Departed => {
            shelf.holders().stopped(&change.id);
            shelf.admission().take(&change.id);
        }
    }
}

fn all_again(peers: &Registry, shelf: &Arc<Shelf>) {
    for (id, provider) in peers.providers().all() {
        found(shelf, id, provider);
    }
}

/// In the background: no server holds up another.
fn found(shelf: &Arc<Shelf>, id: String, provider: StreamProviderPrx) {
    shelf.holders().appeared(&id, provider.clone());
    shelf.changed();
    let shelf = Arc::clone(shelf);
    tokio::spawn(async move {
        let waited = shelf.admission().take(&id);
        shelf.enter(&waited).await;
        // The answer comes over the topic.
        if let Err(error) = provider.reannounce_media().await {
            debug!(
                id = shown(&id),
                error = shown(&error),
                "a provider does not announce its media again"
            );
        }
    });
}
