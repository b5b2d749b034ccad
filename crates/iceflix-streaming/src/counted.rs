//! Counts streams and what is sent.

use std::sync::{Arc, atomic::Ordering};

use ice::Current;
use iceflix_service::metrics::{Counter, Metrics, list};
use iceflix_slice::{StreamControllerPrx, StreamProvider, stream_provider::GetStreamError};

use crate::{
    controller::{Controllers, Why},
    library::Library,
};

/// A provider with a count of the streams that were asked of it.
pub(crate) struct Counted<P> {
    provider: P,
    opened: Counter,
    unauthorized: Counter,
    unknown: Counter,
    failed: Counter,
}

impl<P> Counted<P> {
    pub(crate) fn new(provider: P, metrics: &Metrics) -> Self {
        let refused = |reason| metrics.with(&list::STREAMS_REFUSED, reason);
        Self {
            provider,
            opened: metrics.get(&list::STREAMS_OPENED),
            unauthorized: refused("unauthorized"),
            unknown: refused("unknown"),
            failed: refused("failed"),
        }
    }
}

impl<P: StreamProvider> StreamProvider for Counted<P> {
    async fn get_stream(
        &self,
        id: String,
        authentication: String,
        current: &Current,
    ) -> Result<Option<StreamControllerPrx>, GetStreamError> {
        let answer = self.provider.get_stream(id, authentication, current).await;
        match &answer {
            Ok(_) => self.opened.inc(),
            Err(GetStreamError::Unauthorized(_)) => self.unauthorized.inc(),
            Err(GetStreamError::WrongMediaId(_)) => self.unknown.inc(),
            Err(_) => self.failed.inc(),
        };
        answer
    }

    async fn is_available(&self, id: String, current: &Current) -> Result<bool, ice::Error> {
        self.provider.is_available(id, current).await
    }

    async fn reannounce_media(&self, current: &Current) -> Result<(), ice::Error> {
        self.provider.reannounce_media(current).await
    }
}

/// Streams that ended, by the reason.
#[derive(Debug)]
pub(crate) struct Ends {
    stopped: Counter,
    kicked: Counter,
    not_renewed: Counter,
    unused: Counter,
    viewer_gone: Counter,
    film_over: Counter,
    failed: Counter,
    service_stops: Counter,
}

impl Ends {
    pub(crate) fn new(metrics: &Metrics) -> Self {
        let ended = |reason| metrics.with(&list::STREAMS_ENDED, reason);
        Self {
            stopped: ended("stopped"),
            kicked: ended("kicked"),
            not_renewed: ended("not_renewed"),
            unused: ended("unused"),
            viewer_gone: ended("viewer_gone"),
            film_over: ended("film_over"),
            failed: ended("failed"),
            service_stops: ended("service_stops"),
        }
    }

    pub(crate) fn count(&self, why: &Why) {
        match why {
            Why::Stopped => self.stopped.inc(),
            Why::Kicked => self.kicked.inc(),
            Why::NotRenewed => self.not_renewed.inc(),
            Why::Unused => self.unused.inc(),
            Why::ViewerGone => self.viewer_gone.inc(),
            Why::FilmOver => self.film_over.inc(),
            Why::Failed => self.failed.inc(),
            Why::ServiceStops => self.service_stops.inc(),
        };
    }
}

/// Has what the RTSP server counts by itself copied whenever it is wanted: its
/// senders have nothing to do with it.
pub(crate) fn copy_what_is_sent(
    metrics: &Metrics,
    controllers: &Controllers,
    library: &Arc<Library>,
) {
    let indexes = ["shared", "cache", "making"].map(|from| metrics.with(&list::INDEXES, from));
    let packets = metrics.get(&list::RTP_PACKETS);
    let bytes = metrics.get(&list::RTP_BYTES);
    let late = metrics.get(&list::RTP_LATE);
    let refused = metrics.get(&list::RTP_REFUSED);
    let connections = metrics.get(&list::RTSP_CONNECTIONS);
    let streams = metrics.get(&list::RTP_STREAMS);
    let (controllers, library) = (controllers.clone(), Arc::clone(library));
    metrics.before_reading(move || {
        let copy = |counter: &Counter, value| counter.inner().store(value, Ordering::Relaxed);
        let hits = library.hits();
        for (counter, value) in indexes.iter().zip([hits.shared, hits.cached, hits.made]) {
            copy(counter, value);
        }
        // The server goes before the service has stopped.
        let Some(now) = controllers.sent() else {
            return;
        };
        copy(&packets, now.packets);
        copy(&bytes, now.bytes);
        copy(&late, now.late);
        copy(&refused, now.refused);
        connections.set(now.connections as f64);
        streams.set(now.streams as f64);
    });
}
