//! The task behind a subscription.

use ice::{ErrorKind, Identity, ObjectPrx};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::replicas::Replicas;
use super::{Pace, Qos, State};
use crate::error::Error;
use crate::manager::Manager;
use crate::slice::ice_storm::topic;
use crate::topic::Topic;

pub(super) struct Watching {
    pub(super) pace: Pace,
    pub(super) manager: Manager,
    pub(super) topic: String,
    pub(super) subscriber: ObjectPrx,
    pub(super) identity: Identity,
    pub(super) qos: Qos,
    pub(super) state: watch::Sender<State>,
    pub(super) problem: watch::Sender<Option<Error>>,
}

impl Watching {
    /// Keeps the subscription up until told to stop, then unsubscribes.
    pub(super) async fn run(self, mut stopped: oneshot::Receiver<()>) {
        tokio::select! {
            never = self.keep_up() => match never {},
            _ = &mut stopped => {}
        }
        if let Err(error) = self.unsubscribe().await {
            debug!(%error, "not unsubscribed");
        }
    }

    async fn unsubscribe(&self) -> Result<(), Error> {
        match self.manager.find(&self.topic).await? {
            Some(topic) => self.unsubscribe_from(&topic).await,
            None => Ok(()),
        }
    }

    async fn unsubscribe_from(&self, topic: &Topic) -> Result<(), Error> {
        let unsubscribed = topic.proxy().unsubscribe(Some(&self.subscriber)).await;
        unsubscribed.map_err(|error| topic.place(error))
    }

    async fn keep_up(&self) -> std::convert::Infallible {
        let mut retry = self.pace.first_retry;
        loop {
            match self.subscribe().await {
                Ok(topic) => {
                    self.problem.send_replace(None);
                    self.state.send_modify(|state| {
                        *state = State {
                            subscribed: true,
                            generation: state.generation + 1,
                        }
                    });
                    info!(
                        topic = self.topic,
                        generation = self.state.borrow().generation,
                        "subscribed"
                    );
                    retry = self.pace.first_retry;
                    let why = self.lost(&topic).await;
                    self.state.send_modify(|state| state.subscribed = false);
                    warn!(
                        topic = self.topic,
                        why, "the subscription is broken: events may be lost; subscribing again"
                    );
                }
                Err(error) => {
                    if is_destroyed(&error) {
                        return self.park(error).await;
                    }
                    self.fail(error);
                    sleep(retry).await;
                    retry = (retry * 2).min(self.pace.last_retry);
                }
            }
        }
    }

    /// A failure is told once, not at every attempt.
    fn fail(&self, error: Error) {
        if self.problem.borrow().is_some() {
            debug!(%error, "still not subscribed");
        } else {
            warn!(%error, "not subscribed; trying again until it works");
        }
        self.problem.send_replace(Some(error));
    }

    /// Nothing will ever work again.
    async fn park(&self, error: Error) -> std::convert::Infallible {
        debug!(%error, "not subscribed any more");
        self.problem.send_replace(Some(error));
        std::future::pending().await
    }

    /// Sees to it that the broker has the subscription, with this very subscriber.
    async fn subscribe(&self) -> Result<Topic, Error> {
        let topic = self.manager.topic(&self.topic).await?;
        let known = self.state.borrow().generation > 0;
        // A broker that came back with its database has it still, and so it is left alone.
        if known && self.is_subscribed(&topic).await? {
            return Ok(topic);
        }
        if !self.ask(&topic).await? {
            // From an earlier life of the same identity, whose endpoints may be others.
            self.unsubscribe_from(&topic).await?;
            self.ask(&topic).await?;
        }
        Ok(topic)
    }

    /// Subscribes; `false` where the identity is subscribed already.
    async fn ask(&self, topic: &Topic) -> Result<bool, Error> {
        use topic::SubscribeAndGetPublisherError as Failure;
        let entries = self.qos.entries();
        let subscribed = topic
            .proxy()
            .subscribe_and_get_publisher(&entries, Some(&self.subscriber));
        let reason = match subscribed.await {
            Ok(_) => return Ok(true),
            Err(Failure::AlreadySubscribed(_)) => return Ok(false),
            Err(Failure::Ice(error)) => return Err(topic.place(error)),
            Err(Failure::InvalidSubscriber(invalid)) => invalid.reason,
            Err(Failure::BadQoS(bad)) => bad.reason,
        };
        Err(Error::Refused {
            topic: self.topic.clone(),
            reason,
        })
    }

    /// Waits until the subscription no longer stands: why.
    async fn lost(&self, topic: &Topic) -> String {
        let mut replicas = Replicas::of(topic.proxy(), self.pace);
        loop {
            tokio::select! {
                reason = replicas.lost() => return format!("a connection to the broker ended: {reason}"),
                () = sleep(self.pace.check) => {}
            }
            match self.is_subscribed(topic).await {
                Ok(true) => {}
                Ok(false) => return "the broker has dropped the subscriber".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }

    async fn is_subscribed(&self, topic: &Topic) -> Result<bool, Error> {
        Ok(topic.subscribers().await?.contains(&self.identity))
    }
}

fn is_destroyed(error: &Error) -> bool {
    error
        .ice()
        .is_some_and(|error| error.kind() == ErrorKind::CommunicatorDestroyed)
}
