use std::time::Duration;

use ice::{ErrorKind, ObjectPrx, Prx as _};

use crate::error::Error;
use crate::slice::ice_storm::{TopicManagerPrx, TopicPrx, topic_manager};

/// How long a call to the broker may take where its proxy says nothing else: a broker that hangs is as good as none.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a topic is looked for and made in turn, where others make and destroy it meanwhile.
const ATTEMPTS: usize = 3;

/// The broker's topic manager: where topics are found and made. Cloning counts a reference.
#[derive(Clone, Debug)]
pub struct Manager {
    proxy: TopicManagerPrx,
    timeout: Duration,
}

impl Manager {
    /// The topic manager that this proxy stands for. It is not asked anything yet, and need not be there yet.
    ///
    /// Calls to the broker may take as long as the proxy's invocation time-out says, two seconds where it has none.
    #[must_use]
    pub fn new(proxy: ObjectPrx) -> Self {
        let timeout = proxy.invocation_timeout().unwrap_or(CALL_TIMEOUT);
        Self {
            proxy: proxy.with_invocation_timeout(timeout).unchecked_cast(),
            timeout,
        }
    }

    /// The topic of this name, which is made where there is none.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or others make and destroy the topic again and again.
    pub async fn topic(&self, name: &str) -> Result<TopicPrx, Error> {
        for _ in 0..ATTEMPTS {
            if let Some(topic) = self.find(name).await? {
                return Ok(topic);
            }
            match self.proxy.create(name).await {
                Ok(topic) => return self.existing(name, topic),
                Err(topic_manager::CreateError::TopicExists(_)) => {}
                Err(topic_manager::CreateError::Ice(error)) => {
                    return Err(Error::broker(name, error));
                }
            }
        }
        Err(Error::broker(
            name,
            ice::Error::unknown("others make and destroy it again and again"),
        ))
    }

    /// Destroys a topic, if there is one of this name: its subscribers are forgotten.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn destroy_topic(&self, name: &str) -> Result<(), Error> {
        let Some(topic) = self.find(name).await? else {
            return Ok(());
        };
        match topic.destroy().await {
            Err(error) if !error.is_not_exist() => Err(Error::broker(name, error)),
            _ => Ok(()),
        }
    }

    /// The topic of this name, if there is one.
    pub(crate) async fn find(&self, name: &str) -> Result<Option<TopicPrx>, Error> {
        match self.proxy.retrieve(name).await {
            Ok(topic) => self.existing(name, topic).map(Some),
            Err(topic_manager::RetrieveError::NoSuchTopic(_)) => Ok(None),
            Err(topic_manager::RetrieveError::Ice(error)) => Err(Error::broker(name, error)),
        }
    }

    /// The publisher object of a topic, to be called as if it were the subscribers.
    pub(crate) async fn publisher(&self, name: &str) -> Result<ObjectPrx, Error> {
        let topic = self.topic(name).await?;
        let publisher = topic
            .get_publisher()
            .await
            .map_err(|error| Error::broker(name, error))?;
        Ok(present(name, publisher)?.with_invocation_timeout(self.timeout))
    }

    fn existing(&self, name: &str, topic: Option<TopicPrx>) -> Result<TopicPrx, Error> {
        Ok(present(name, topic)?.with_invocation_timeout(self.timeout))
    }
}

/// Whoever answers in the broker's place may send null proxies.
fn present<P>(topic: &str, proxy: Option<P>) -> Result<P, Error> {
    proxy.ok_or_else(|| {
        Error::broker(
            topic,
            ice::Error::new(
                ErrorKind::ProxyUnmarshal,
                "the broker returned a null proxy",
            ),
        )
    })
}
