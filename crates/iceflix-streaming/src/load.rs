//! What the log says of the load, from time to time.

use std::{sync::Arc, time::Duration};

use iceflix_rtsp::Statistics;
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tracing::info;

use crate::{controller::Controllers, library::Library};

/// Says what goes out, where anything does. Never returns.
pub(crate) async fn tell(period: Duration, controllers: Controllers, library: Arc<Library>) {
    let mut ticks = interval_at(Instant::now() + period, period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Statistics::default();
    loop {
        ticks.tick().await;
        let Some(now) = controllers.sent() else {
            return;
        };
        let streams = controllers.count();
        let packets = now.packets - before.packets;
        if streams > 0 || packets > 0 {
            let hits = library.hits();
            info!(
                streams,
                sending = now.streams,
                connections = now.connections,
                packets,
                bytes = now.bytes - before.bytes,
                mbit_per_second = mbit_per_second(now.bytes - before.bytes, period),
                late = now.late - before.late,
                refused = now.refused - before.refused,
                indexes_shared = hits.shared,
                indexes_from_cache = hits.cached,
                indexes_made = hits.made,
                "load"
            );
        }
        before = now;
    }
}

fn mbit_per_second(bytes: u64, period: Duration) -> u64 {
    (bytes as f64 * 8.0 / 1e6 / period.as_secs_f64()).round() as u64
}
