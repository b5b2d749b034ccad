//! What goes out to the topics, and the signal that comes in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use iceflix_service::Shutdown;
use iceflix_service::metrics::{Counter, Gauge, Metrics, list};
use iceflix_slice::TokenRevocationPrx;
use icestorm::Publisher;
use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{sleep, timeout};
use tracing::{debug, info, warn};

use crate::store::{self, Store, token::Token};

/// How many revocations are on their way to the broker at the same time.
const AT_ONCE: usize = 64;

/// How many revocations are kept for a broker that is away. Those beyond are
/// not missed: a token that has ended is refused everywhere within a second.
const KEPT: usize = 10_000;

/// How long after a failure the next try is.
const PAUSE: Duration = Duration::from_secs(1);

/// How many ends of tokens went out, and wait.
#[derive(Debug)]
pub(crate) struct Published {
    done: Counter,
    waiting: Gauge,
}

impl Published {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        Self {
            done: metrics.get(&list::TOKENS_REVOKED),
            waiting: metrics.get(&list::REVOCATIONS_WAITING),
        }
    }

    fn count(&self, done: usize, waiting: usize) {
        self.done.inc_by(done as u64);
        self.waiting.set(waiting as f64);
    }
}

/// Publishes the end of every token, once in all instances, until the shutdown begins. What was taken to be
/// published by then still is, as far as the broker takes it at once.
pub(crate) async fn publish_ends(
    store: Arc<Store>,
    topic: Publisher<TokenRevocationPrx>,
    published: Published,
    shutdown: Shutdown,
) {
    let mut unpublished: Vec<Token> = Vec::new();
    let mut database = Health::Good;
    loop {
        let wait = if unpublished.is_empty() {
            Duration::MAX
        } else {
            PAUSE
        };
        let ended = timeout(wait, store.tokens().ended());
        match shutdown.unless_begun(ended).await {
            None => return,
            Some(Ok(Err(error))) => {
                database.failed(&error);
                if shutdown.unless_begun(sleep(PAUSE)).await.is_none() {
                    return;
                }
            }
            // Tokens have ended, or it is time to try again with those of before.
            Some(Ok(Ok(())) | Err(_)) => match store.tokens().collect().await {
                Ok(tokens) => {
                    database.worked();
                    unpublished.extend(tokens);
                }
                Err(error) => database.failed(&error),
            },
        }
        let taken = unpublished.len();
        unpublished = publish(&topic, unpublished).await;
        published.count(taken - unpublished.len(), unpublished.len());
        if unpublished.len() > KEPT {
            let given_up = unpublished.len() - KEPT;
            warn!(
                given_up,
                "the broker is away: revocations are not kept for it"
            );
            unpublished.truncate(KEPT);
        }
    }
}

/// What the log knows of the database: that it fails is said once, and that it works again.
#[derive(Debug, PartialEq, Eq)]
enum Health {
    Good,
    Bad,
}

impl Health {
    fn failed(&mut self, error: &store::Error) {
        if *self == Self::Good {
            warn!(%error, "tokens that end are not seen: trying again");
        }
        *self = Self::Bad;
    }

    fn worked(&mut self) {
        if *self == Self::Bad {
            info!("the database can be used again: tokens that ended meanwhile are published now");
        }
        *self = Self::Good;
    }
}

/// Publishes these; gives back those that the broker did not take. After the first that it does not take, no other is
/// tried: a broker that is away or hangs is asked a few times a second, not thousands of times.
async fn publish(topic: &Publisher<TokenRevocationPrx>, tokens: Vec<Token>) -> Vec<Token> {
    let away = AtomicBool::new(false);
    let sent = stream::iter(tokens).map(|token| {
        let away = &away;
        async move {
            if away.load(Ordering::Relaxed) {
                return Some(token);
            }
            let published =
                topic.publish(|topic| async move { topic.revoke(&token.to_string()).await });
            match published.await {
                Ok(()) => None,
                Err(error) => {
                    debug!(%error, "revocations wait for the broker");
                    away.store(true, Ordering::Relaxed);
                    Some(token)
                }
            }
        }
    });
    sent.buffer_unordered(AT_ONCE)
        .filter_map(|left| async move { left })
        .collect()
        .await
}

/// Looks at the database at once whenever SIGUSR1 comes.
pub(crate) async fn look_when_told(store: Arc<Store>) {
    match signal(SignalKind::user_defined1()) {
        Ok(mut told) => {
            while told.recv().await.is_some() {
                store.tokens().wake();
            }
        }
        Err(error) => {
            warn!(%error, "SIGUSR1 is not heard: changes are noticed within a second all the same")
        }
    }
}
