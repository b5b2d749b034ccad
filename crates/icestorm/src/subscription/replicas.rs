//! The processes behind a topic: one, or the replicas of a broker.

use ice::Prx as _;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use super::Pace;
use crate::slice::ice_storm::TopicPrx;

/// Watches every replica: ends when the connection to one of them has ended, with the reason.
///
/// Each replica delivers what was published there, so that the death of any of them may take events along, and not
/// only of the one that is asked about the subscription.
pub(super) struct Replicas(JoinSet<ice::Error>);

impl Replicas {
    pub(super) fn of(topic: &TopicPrx, pace: Pace) -> Self {
        let mut each: Vec<TopicPrx> = topic
            .endpoints()
            .iter()
            .map(ToString::to_string)
            .filter(|endpoint| !endpoint.starts_with("udp"))
            .filter_map(|endpoint| topic.with_endpoints(&endpoint).ok())
            .collect();
        if each.is_empty() {
            // A locator knows where they are, and which of them are up.
            each.push(topic.clone());
        }
        Self(
            each.into_iter()
                .map(|replica| watch(replica, pace))
                .collect(),
        )
    }

    pub(super) async fn lost(&mut self) -> ice::Error {
        match self.0.join_next().await {
            Some(Ok(reason)) => reason,
            // The tasks end otherwise with their runtime alone.
            Some(Err(_)) | None => std::future::pending().await,
        }
    }
}

/// Ends when a connection to this replica has ended, once there was one.
async fn watch(replica: TopicPrx, pace: Pace) -> ice::Error {
    // No connection is made for longer than a look may take: the next look tries again.
    let connection = loop {
        match timeout(pace.check, replica.connection()).await {
            Ok(Ok(Some(connection))) => break connection,
            Ok(_) => sleep(pace.check).await,
            Err(_) => {}
        }
    };
    let mut closed = std::pin::pin!(connection.closed());
    loop {
        tokio::select! {
            reason = &mut closed => return reason,
            () = sleep(pace.check) => {
                // An idle connection would be closed for its silence, and no event would be lost by it. Whether the answer is
                // good does not matter here.
                let _ = replica.ice_ping().await;
            }
        }
    }
}
