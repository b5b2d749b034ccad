//! What every subscriber of a topic is: somebody who takes any event.

use ice::{Current, DispatchError, Interceptor, Next, Outcome, Reply};
use tracing::warn;

use crate::log::{Complaints, shown};

/// Answers every event with success. The broker drops a subscriber that
/// answers otherwise, and with it what others would have told it: one event
/// that nobody can read, sent by anybody, would leave all services deaf.
#[derive(Debug)]
pub(crate) struct Unshaken {
    topic: String,
    complaints: Complaints,
}

impl Unshaken {
    /// For a subscriber of this topic.
    pub(crate) fn new(topic: &str) -> Self {
        Self {
            topic: topic.to_owned(),
            complaints: Complaints::default(),
        }
    }
}

impl Interceptor for Unshaken {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        let reply = next.run().await;
        let why = match reply.outcome() {
            Outcome::Returned => return Ok(reply),
            Outcome::Raised(exception) => exception,
            Outcome::Failed(error) => error.to_string(),
            _ => "it was not answered".to_owned(),
        };
        self.complaints.tell("event", |unsaid| {
            let (topic, operation) = (&self.topic, shown(&current.operation()));
            warn!(topic, operation, why = %shown(&why), unsaid, "an event is left out");
        });
        Ok(Reply::empty(current))
    }
}
