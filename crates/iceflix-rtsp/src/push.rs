//! A stream to a viewer who does not speak RTSP.

use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, Instant};

use iceflix_index::{Index, Kind, Title};

use crate::Error;
use crate::event::{End, Event, Events};
use crate::pulse::Pulse;
use crate::random;
use crate::rtp::Outgoing;
use crate::sdp;
use crate::sender::{Leg, Notice, Opening, Place, Route, Ticket};
use crate::server::Shared;

/// A title on its way to a viewer's ports. Dropped, it ends with an RTCP goodbye.
#[derive(Debug)]
pub struct Push {
    _ticket: Ticket,
    index: Arc<Index>,
    /// Where the film was, and when.
    since: (Duration, Instant),
    sdp: String,
    events: Events,
}

impl Push {
    pub(crate) fn start(
        shared: &Arc<Shared>,
        index: Arc<Index>,
        to: IpAddr,
        port: u16,
        from: Duration,
    ) -> Result<Self, Error> {
        let point = index.seek(from)?.filter(|_| !from.is_zero());
        let tracks = tracks(index.title(), port)?;
        let from = source(shared.local.ip(), to)?;
        let key = shared.pool.next_key();
        let sdp = sdp::for_push(index.title(), &tracks, key, from, to);
        let mut legs: Vec<Option<Leg>> = index.title().tracks.iter().map(|_| None).collect();
        for &(position, port) in &tracks {
            let track = &index.title().tracks[position];
            let place = Place::Ports {
                rtp: SocketAddr::new(to, port),
                rtcp: SocketAddr::new(to, port + 1),
            };
            legs[position] = Some(Leg {
                outgoing: Outgoing::random(track.payload_type, track.clock_rate),
                place,
            });
        }
        let happening = Events::channel();
        let events = Events::new(happening.subscribe());
        let _somebody_listens = happening.send(Event::Started);
        let now = Instant::now();
        let opening = Opening {
            index: Arc::clone(&index),
            legs,
            route: Route::Datagram(None),
            name: format!("iceflix-{}", random::hex::<8>()),
            pulse: Arc::new(Pulse::new(now)),
            silence: Some(shared.config.enforced_timeout()),
            unreachable_grace: shared.config.unreachable_grace,
            unreachable_from: Some(now + shared.config.unreachable_grace),
            max_lag: shared.config.max_lag,
            notify: Box::new(move |notice| tell(key, &happening, notice)),
        };
        let ticket = shared.pool.lightest().open(key, opening);
        if let Some(point) = &point {
            ticket.move_to(point.pts);
        }
        ticket.roll();
        tracing::info!(push = key, %to, port, "pushing");
        Ok(Self {
            _ticket: ticket,
            index,
            since: (point.map_or(Duration::ZERO, |point| point.send_at), now),
            sdp,
            events,
        })
    }

    /// The SDP document (RFC 8866) that a player needs to receive this very stream.
    pub fn sdp(&self) -> &str {
        &self.sdp
    }

    pub(crate) fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Where the film is now.
    pub(crate) fn position(&self) -> Duration {
        let (from, since) = self.since;
        from.saturating_add(since.elapsed())
    }

    /// The next thing that happens to this stream; after [`Event::Ended`] there is nothing more.
    /// Waits for it; safe to cancel.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.next().await
    }
}

/// Which tracks are sent, each with its port: the first video track, then the first audio track.
fn tracks(title: &Title, port: u16) -> Result<Vec<(usize, u16)>, Error> {
    let first = |kind| title.tracks.iter().position(|track| track.kind == kind);
    let positions = [first(Kind::Video), first(Kind::Audio)]
        .into_iter()
        .flatten();
    let last = u32::from(port) + (2 * positions.clone().count() as u32).saturating_sub(1);
    if port == 0 || last > u32::from(u16::MAX) {
        return Err(Error::Port { port, last });
    }
    Ok(positions.zip((port..).step_by(2)).collect())
}

/// The address that packets to `to` leave from, given the one that the ports are bound to.
fn source(bound: IpAddr, to: IpAddr) -> Result<IpAddr, Error> {
    let failed = |source| Error::Unreachable {
        to,
        from: bound,
        source,
    };
    if bound.is_ipv4() && to.is_ipv6() || bound.is_loopback() && !to.is_loopback() {
        return Err(failed(None));
    }
    // Connecting a UDP socket sends nothing: it asks the routing table.
    let dual_stack = bound.is_unspecified() && to.is_ipv4();
    let from = if dual_stack {
        IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED)
    } else {
        bound
    };
    let probe = UdpSocket::bind((from, 0)).and_then(|probe| probe.connect((to, 9)).map(|()| probe));
    let local = probe
        .and_then(|probe| probe.local_addr())
        .map_err(|error| failed(Some(error)))?;
    Ok(local.ip())
}

fn tell(key: u64, happening: &tokio::sync::broadcast::Sender<Event>, notice: Notice) {
    let event = match notice {
        Notice::Finished => Event::Finished,
        Notice::Gone(end) => {
            match &end {
                End::Failed(reason) => {
                    tracing::error!(push = key, %reason, "a pushed stream failed")
                }
                end => tracing::info!(push = key, ?end, "push over"),
            }
            Event::Ended(end)
        }
    };
    let _nobody_listens = happening.send(event);
}
