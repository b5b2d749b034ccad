use ice::ErrorKind;

/// What can go wrong with a topic.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The broker could not be reached, or did not do what it was asked for.
    #[error("topic {topic}: {source}")]
    Broker {
        /// The name of the topic.
        topic: String,
        /// Why.
        source: ice::Error,
    },
    /// The topic manager could not be reached, or did not do what it was asked for.
    #[error("topic manager: {source}")]
    Manager {
        /// Why.
        source: ice::Error,
    },
    /// The broker does not take this subscriber, or not with this quality of service.
    #[error("topic {topic}: the broker refuses the subscription: {reason}")]
    Refused {
        /// The name of the topic.
        topic: String,
        /// The broker's reason.
        reason: String,
    },
    /// A topic of this name is there already.
    #[error("topic {topic}: there is one of this name already")]
    TopicExists {
        /// The name of the topic.
        topic: String,
    },
    /// The topic is linked to that one already.
    #[error("topic {topic}: it is linked to {to} already")]
    LinkExists {
        /// The name of the topic.
        topic: String,
        /// The name of the topic that it is linked to.
        to: String,
    },
    /// The topic is not linked to that one.
    #[error("topic {topic}: it is not linked to {to}")]
    NoSuchLink {
        /// The name of the topic.
        topic: String,
        /// The name of the topic that it is not linked to.
        to: String,
    },
}

impl Error {
    pub(crate) fn broker(topic: &str, source: ice::Error) -> Self {
        Self::Broker {
            topic: topic.to_owned(),
            source,
        }
    }

    /// Whoever answers in the broker's place may send null proxies.
    pub(crate) fn null_proxy() -> ice::Error {
        ice::Error::new(
            ErrorKind::ProxyUnmarshal,
            "the broker returned a null proxy",
        )
    }

    /// The error of Ice beneath it, where there is one.
    #[must_use]
    pub fn ice(&self) -> Option<&ice::Error> {
        match self {
            Self::Broker { source, .. } | Self::Manager { source } => Some(source),
            Self::Refused { .. }
            | Self::TopicExists { .. }
            | Self::LinkExists { .. }
            | Self::NoSuchLink { .. } => None,
        }
    }
}
