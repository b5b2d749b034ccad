use std::time::Duration;

use ice::{Identity, ObjectPrx, Prx};

use crate::error::Error;
use crate::slice::ice_storm::{TopicPrx, topic};

/// A topic that the broker had when it was asked. Cloning counts a reference.
///
/// To publish or to subscribe, [`Publisher`](crate::Publisher) and [`Subscription`](crate::Subscription) are better: they go on
/// when the broker restarts. This is for those who look after topics.
#[derive(Clone, Debug)]
pub struct Topic {
    name: String,
    proxy: TopicPrx,
    timeout: Duration,
}

/// A link from one topic to another.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Link {
    /// The topic that events go on to.
    pub topic: Topic,
    /// Events that cost more than this do not take the link; 0 lets all pass.
    pub cost: i32,
}

impl Topic {
    pub(crate) fn new(name: &str, proxy: TopicPrx, timeout: Duration) -> Self {
        Self {
            name: name.to_owned(),
            proxy: proxy.with_invocation_timeout(timeout),
            timeout,
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its proxy, for whatever has no method here.
    #[must_use]
    pub fn proxy(&self) -> &TopicPrx {
        &self.proxy
    }

    /// The object to call events on, as if it were the subscribers.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or the topic is gone.
    pub async fn publisher<P: Prx>(&self) -> Result<P, Error> {
        let publisher = self.proxy.get_publisher().await;
        let publisher: ObjectPrx = publisher
            .and_then(|publisher| publisher.ok_or_else(Error::null_proxy))
            .map_err(|error| self.place(error))?;
        Ok(P::from_object(
            publisher.with_invocation_timeout(self.timeout),
        ))
    }

    /// The identities of all subscribers.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or the topic is gone.
    pub async fn subscribers(&self) -> Result<Vec<Identity>, Error> {
        let subscribers = self.proxy.get_subscribers().await;
        subscribers.map_err(|error| self.place(error))
    }

    /// Links this topic to another, which may be another broker's: events that are published here go on there, as long
    /// as they cost no more than `cost` (0: whatever they cost). What an event costs its publisher says, by
    /// [`Publisher::with_cost`](crate::Publisher::with_cost). An event takes one link and no second one.
    ///
    /// # Errors
    ///
    /// `LinkExists` where the two are linked, and where the broker cannot be reached, or the topic is gone.
    pub async fn link(&self, to: &Topic, cost: i32) -> Result<(), Error> {
        match self.proxy.link(Some(&to.proxy), cost).await {
            Ok(()) => Ok(()),
            Err(topic::LinkError::LinkExists(_)) => Err(Error::LinkExists {
                topic: self.name.clone(),
                to: to.name.clone(),
            }),
            Err(topic::LinkError::Ice(error)) => Err(self.place(error)),
        }
    }

    /// Ends a link.
    ///
    /// # Errors
    ///
    /// `NoSuchLink` where the two are not linked, and where the broker cannot be reached, or the topic is gone.
    pub async fn unlink(&self, to: &Topic) -> Result<(), Error> {
        match self.proxy.unlink(Some(&to.proxy)).await {
            Ok(()) => Ok(()),
            Err(topic::UnlinkError::NoSuchLink(_)) => Err(Error::NoSuchLink {
                topic: self.name.clone(),
                to: to.name.clone(),
            }),
            Err(topic::UnlinkError::Ice(error)) => Err(self.place(error)),
        }
    }

    /// The links from this topic to others.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or the topic is gone.
    pub async fn links(&self) -> Result<Vec<Link>, Error> {
        let links = self.proxy.get_link_info_seq().await;
        let links = links.map_err(|error| self.place(error))?;
        links
            .into_iter()
            .map(|link| {
                let topic = link.the_topic.ok_or_else(Error::null_proxy);
                let topic = topic.map_err(|error| self.place(error))?;
                Ok(Link {
                    topic: Topic::new(&link.name, topic, self.timeout),
                    cost: link.cost,
                })
            })
            .collect()
    }

    /// Destroys the topic: its subscribers are forgotten. One that is gone already is no error.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn destroy(&self) -> Result<(), Error> {
        match self.proxy.destroy().await {
            Err(error) if !error.is_not_exist() => Err(self.place(error)),
            _ => Ok(()),
        }
    }

    pub(crate) fn place(&self, error: ice::Error) -> Error {
        Error::broker(&self.name, error)
    }
}
