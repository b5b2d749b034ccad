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
    /// The broker does not take this subscriber, or not with this quality of service.
    #[error("topic {topic}: the broker refuses the subscription: {reason}")]
    Refused {
        /// The name of the topic.
        topic: String,
        /// The broker's reason.
        reason: String,
    },
}

impl Error {
    pub(crate) fn broker(topic: &str, source: ice::Error) -> Self {
        Self::Broker {
            topic: topic.to_owned(),
            source,
        }
    }

    /// The error of Ice beneath it, where there is one.
    #[must_use]
    pub fn ice(&self) -> Option<&ice::Error> {
        match self {
            Self::Broker { source, .. } => Some(source),
            Self::Refused { .. } => None,
        }
    }
}
