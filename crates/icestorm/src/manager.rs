use std::collections::BTreeMap;
use std::time::Duration;

use ice::{ObjectPrx, Prx as _};

use crate::error::Error;
use crate::slice::ice_storm::{FinderPrx, TopicManagerPrx, TopicPrx, topic_manager};
use crate::topic::Topic;

/// How long a call to the broker may take where its proxy says nothing else: a broker that hangs is as good as none.
const CALL_TIMEOUT: Duration = Duration::from_secs(2);

/// How often a topic is looked for and made in turn, where others make and destroy it meanwhile.
const ATTEMPTS: usize = 3;

/// The broker's topic manager: where topics are found and made. Cloning counts a reference.
///
/// Of a replicated broker give the proxy with the endpoints of all replicas, or its replica group: any replica does what is
/// asked, and while they elect a coordinator calls that change something wait for it, or time out.
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

    /// Asks a broker of which only the endpoints are known: `finder` is `IceStorm/Finder:tcp -h host -p 10000`, whatever the
    /// broker's instance name is.
    ///
    /// # Errors
    ///
    /// Where no broker answers there.
    pub async fn find_by(finder: ObjectPrx) -> Result<Self, Error> {
        let timeout = finder.invocation_timeout().unwrap_or(CALL_TIMEOUT);
        let finder: FinderPrx = finder.with_invocation_timeout(timeout).unchecked_cast();
        match finder.get_topic_manager().await {
            Ok(Some(manager)) => Ok(Self::new(
                ObjectPrx::from(manager).with_invocation_timeout(timeout),
            )),
            Ok(None) => Err(Error::Manager {
                source: Error::null_proxy(),
            }),
            Err(source) => Err(Error::Manager { source }),
        }
    }

    /// The proxy of the topic manager.
    #[must_use]
    pub fn proxy(&self) -> &TopicManagerPrx {
        &self.proxy
    }

    /// The topic of this name, which is made where there is none.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached, or others make and destroy the topic again and again.
    pub async fn topic(&self, name: &str) -> Result<Topic, Error> {
        for _ in 0..ATTEMPTS {
            if let Some(topic) = self.find(name).await? {
                return Ok(topic);
            }
            match self.create(name).await {
                Err(Error::TopicExists { .. }) => {}
                made => return made,
            }
        }
        Err(Error::broker(
            name,
            ice::Error::unknown("others make and destroy it again and again"),
        ))
    }

    /// Makes a topic.
    ///
    /// # Errors
    ///
    /// `TopicExists` where there is one of this name; and where the broker cannot be reached.
    pub async fn create(&self, name: &str) -> Result<Topic, Error> {
        match self.proxy.create(name).await {
            Ok(topic) => self.existing(name, topic),
            Err(topic_manager::CreateError::TopicExists(exists)) => {
                Err(Error::TopicExists { topic: exists.name })
            }
            Err(topic_manager::CreateError::Ice(error)) => Err(Error::broker(name, error)),
        }
    }

    /// The topic of this name, if there is one.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn find(&self, name: &str) -> Result<Option<Topic>, Error> {
        match self.proxy.retrieve(name).await {
            Ok(topic) => self.existing(name, topic).map(Some),
            Err(topic_manager::RetrieveError::NoSuchTopic(_)) => Ok(None),
            Err(topic_manager::RetrieveError::Ice(error)) => Err(Error::broker(name, error)),
        }
    }

    /// All topics, by name.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn topics(&self) -> Result<BTreeMap<String, Topic>, Error> {
        let topics = self
            .proxy
            .retrieve_all()
            .await
            .map_err(|source| Error::Manager { source })?;
        topics
            .into_iter()
            .map(|(name, topic)| Ok((name.clone(), self.existing(&name, topic)?)))
            .collect()
    }

    /// Destroys a topic, if there is one of this name: its subscribers are forgotten.
    ///
    /// # Errors
    ///
    /// Where the broker cannot be reached.
    pub async fn destroy_topic(&self, name: &str) -> Result<(), Error> {
        match self.find(name).await? {
            Some(topic) => topic.destroy().await,
            None => Ok(()),
        }
    }

    fn existing(&self, name: &str, topic: Option<TopicPrx>) -> Result<Topic, Error> {
        let topic = topic.ok_or_else(|| Error::broker(name, Error::null_proxy()))?;
        Ok(Topic::new(name, topic, self.timeout))
    }
}
