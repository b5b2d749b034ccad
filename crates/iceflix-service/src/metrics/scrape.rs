//! Reading the metrics: what is counted elsewhere is copied, then all is
//! written down.

use std::sync::PoisonError;

use prometheus_client::encoding::text;

use super::{Metrics, list};
use crate::{
    peers::{Kind, Registry},
    status::Status,
};

/// The type of what [`Metrics::text`] writes.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

impl Metrics {
    /// All of them as OpenMetrics text. May be cancelled.
    pub(super) async fn text(&self, status: &Status, peers: &Registry) -> String {
        let look = status.look().await;
        let number = |yes: bool| if yes { 1.0 } else { 0.0 };
        self.get(&list::READY).set(number(look.is_ready()));
        self.get(&list::BROKER_SUBSCRIBED)
            .set(number(status.subscribed()));
        for (kind, count) in [
            (Kind::Authenticator, peers.authenticators().count()),
            (Kind::Catalog, peers.catalogs().count()),
            (Kind::StreamProvider, peers.providers().count()),
        ] {
            self.with(&list::SERVICE_CANDIDATES, &kind.to_string())
                .set(count as f64);
        }
        for (what, metric) in [
            ("users", list::USERS),
            ("tokens", list::TOKENS),
            ("titles", list::TITLES),
            ("films", list::FILMS),
            ("unread", list::FILMS_UNREAD),
            ("streams", list::STREAMS),
        ] {
            let held = look.holds.iter().find(|(held, _)| *held == what);
            // What could not be counted is no number.
            self.get(&metric)
                .set(held.map_or(f64::NAN, |(_, count)| *count as f64));
        }
        for copy in &*self.0.before.lock().unwrap_or_else(PoisonError::into_inner) {
            copy();
        }
        self.0.process.read();
        let mut text = String::new();
        // Nothing refuses to be written to a string.
        let _ = text::encode(&mut text, &self.0.registry);
        text
    }
}
