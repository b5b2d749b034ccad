//! Topics of streams whose service was killed: nobody else would ever destroy
//! them.

use std::time::Duration;

use icestorm::{Error, Manager};
use tokio::time::sleep;
use tracing::{debug, info};

use super::topic::prefix;
use crate::control::Dead;

/// How long to wait before the broker is asked again.
const RETRY: Duration = Duration::from_secs(5);

/// Destroys the topics that killed services have left at the broker, as soon as
/// that can be asked. May be cancelled: the next service does it then.
pub(crate) async fn destroy(dead: Dead, broker: Manager) {
    if dead.services.is_empty() {
        return;
    }
    loop {
        match destroy_now(&dead.services, &broker).await {
            Ok(0) => break,
            Ok(count) => {
                info!(
                    count,
                    "destroyed topics of streams whose service was killed"
                );
                break;
            }
            Err(error) => {
                debug!(%error, "topics of killed services are not destroyed yet");
                sleep(RETRY).await;
            }
        }
    }
    dead.buried();
}

async fn destroy_now(services: &[String], broker: &Manager) -> Result<usize, Error> {
    let prefixes: Vec<_> = services.iter().map(|service| prefix(service)).collect();
    let mut count = 0;
    for (name, topic) in broker.topics().await? {
        if prefixes.iter().any(|prefix| name.starts_with(prefix)) {
            topic.destroy().await?;
            count += 1;
        }
    }
    Ok(count)
}
