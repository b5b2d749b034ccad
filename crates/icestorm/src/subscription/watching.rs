//! The task behind a subscription.

use std::time::Duration;

use ice::{Identity, ObjectPrx, Prx as _};
use tokio::sync::{oneshot, watch};
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::{Pace, Qos, State};
use crate::error::Error;
use crate::manager::Manager;
use crate::slice::ice_storm::{TopicPrx, topic};

pub(super) struct Watching {
    pace: Pace,
    manager: Manager,
    topic: String,
    subscriber: ObjectPrx,
    identity: Identity,
    qos: Qos,
    state: watch::Sender<State>,
}

impl Watching {
    pub(super) fn new(
        pace: Pace,
        manager: Manager,
        topic: String,
        subscriber: ObjectPrx,
        qos: Qos,
        state: watch::Sender<State>,
    ) -> Self {
        let identity = subscriber.identity();
        Self {
            pace,
            manager,
            topic,
            subscriber,
            identity,
            qos,
            state,
        }
    }

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
            Some(topic) => topic
                .unsubscribe(Some(&self.subscriber))
                .await
                .map_err(|error| self.place(error)),
            None => Ok(()),
        }
    }

    async fn keep_up(&self) -> std::convert::Infallible {
        let mut retry = self.pace.first_retry;
        let mut failing = false;
        loop {
            match self.subscribe().await {
                Ok(topic) => {
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
                    (retry, failing) = (self.pace.first_retry, false);
                    let why = self.lost(&topic).await;
                    self.state.send_modify(|state| state.subscribed = false);
                    warn!(
                        topic = self.topic,
                        why, "the subscription is broken: events may be lost; subscribing again"
                    );
                }
                Err(error) => {
                    // A failure is told once, not at every attempt.
                    if failing {
                        debug!(%error, "still not subscribed");
                    } else {
                        warn!(%error, "not subscribed; trying again until it works");
                    }
                    failing = true;
                    sleep(retry).await;
                    retry = (retry * 2).min(self.pace.last_retry);
                }
            }
        }
    }

    /// Sees to it that the broker has the subscription, with this very subscriber.
    async fn subscribe(&self) -> Result<TopicPrx, Error> {
        let topic = self.manager.topic(&self.topic).await?;
        let known = self.state.borrow().generation > 0;
        // A broker that came back with its database has it still, and so it is left alone.
        if known
            && self
                .is_subscribed(&topic)
                .await
                .map_err(|error| self.place(error))?
        {
            return Ok(topic);
        }
        match self.ask(&topic).await {
            Err(topic::SubscribeAndGetPublisherError::AlreadySubscribed(_)) => {
                // From an earlier life of the same identity, whose endpoints may be others.
                topic
                    .unsubscribe(Some(&self.subscriber))
                    .await
                    .map_err(|error| self.place(error))?;
                match self.ask(&topic).await {
                    Err(topic::SubscribeAndGetPublisherError::AlreadySubscribed(_)) => {}
                    result => self.taken(result)?,
                }
            }
            result => self.taken(result)?,
        }
        Ok(topic)
    }

    async fn ask(
        &self,
        topic: &TopicPrx,
    ) -> Result<Option<ObjectPrx>, topic::SubscribeAndGetPublisherError> {
        topic
            .subscribe_and_get_publisher(&self.qos.entries(), Some(&self.subscriber))
            .await
    }

    fn taken(
        &self,
        result: Result<Option<ObjectPrx>, topic::SubscribeAndGetPublisherError>,
    ) -> Result<(), Error> {
        use topic::SubscribeAndGetPublisherError as Failure;
        let reason = match result {
            Ok(_) | Err(Failure::AlreadySubscribed(_)) => return Ok(()),
            Err(Failure::Ice(error)) => return Err(self.place(error)),
            Err(Failure::InvalidSubscriber(invalid)) => invalid.reason,
            Err(Failure::BadQoS(bad)) => bad.reason,
        };
        Err(Error::Refused {
            topic: self.topic.clone(),
            reason,
        })
    }

    /// Waits until the subscription no longer stands: why.
    async fn lost(&self, topic: &TopicPrx) -> String {
        loop {
            match topic.cached_connection() {
                Some(connection) => tokio::select! {
                    reason = connection.closed() => return format!("the connection to the broker ended: {reason}"),
                    () = sleep(self.pace.check) => {}
                },
                // The next look makes one.
                None => sleep(self.pace.check.min(Duration::from_secs(1))).await,
            }
            match self.is_subscribed(topic).await {
                Ok(true) => {}
                Ok(false) => return "the broker has dropped the subscriber".to_owned(),
                Err(error) => return error.to_string(),
            }
        }
    }

    async fn is_subscribed(&self, topic: &TopicPrx) -> Result<bool, ice::Error> {
        Ok(topic.get_subscribers().await?.contains(&self.identity))
    }

    fn place(&self, error: ice::Error) -> Error {
        Error::broker(&self.topic, error)
    }
}
