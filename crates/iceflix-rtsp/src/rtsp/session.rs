//! A session: one viewer's way to watch one title.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use super::machine::Machine;
use crate::event::End;
use crate::mount::Seat;
use crate::pulse::Pulse;
use crate::random;
use crate::rtp::Outgoing;
use crate::sender::{Lane, Leg, Notice, Opening, Place, Route, Ticket};
use crate::server::Shared;

/// What a connection is told from elsewhere about its sessions, which are named by their streams'
/// keys.
#[derive(Debug)]
pub(crate) enum Word {
    /// By a sender thread.
    Notice(u64, Notice),
    /// The mount is gone.
    Unmounted(u64),
}

/// One session, owned by the connection that set it up and over when that closes.
#[derive(Debug)]
pub(crate) struct Session {
    /// Its name for the viewer.
    pub(crate) id: String,
    /// Its stream's name for the sender threads.
    pub(crate) key: u64,
    pub(crate) seat: Seat,
    pub(crate) machine: Machine,
    pub(crate) pulse: Arc<Pulse>,
    /// The thread that will send, chosen already at SETUP, because its ports are told there.
    pub(crate) lane: Arc<Lane>,
    /// The tracks that are set up.
    legs: Vec<Option<Leg>>,
    /// The stream, from the first PLAY on.
    ticket: Option<Ticket>,
    name: String,
}

impl Session {
    /// A session with nothing set up yet.
    pub(crate) fn new(key: u64, seat: Seat, lane: Arc<Lane>) -> Self {
        let tracks = seat.index().title().tracks.len();
        Self {
            id: random::hex::<8>(),
            key,
            machine: Machine::new(tracks),
            pulse: Arc::new(Pulse::new(Instant::now())),
            lane,
            legs: (0..tracks).map(|_| None).collect(),
            ticket: None,
            name: format!("iceflix-{}", random::hex::<8>()),
            seat,
        }
    }

    /// Notes how a track is to be sent, and returns the SSRC that it will have.
    pub(crate) fn set_up(&mut self, track: usize, place: Place) -> u32 {
        let description = &self.seat.index().title().tracks[track];
        let outgoing = Outgoing::random(description.payload_type, description.clock_rate);
        let ssrc = outgoing.ssrc;
        self.legs[track] = Some(Leg { outgoing, place });
        ssrc
    }

    /// How the tracks that are set up are sent.
    pub(crate) fn places(&self) -> impl Iterator<Item = Place> {
        self.legs.iter().flatten().map(|leg| leg.place)
    }

    /// The channels that its tracks take on the connection.
    pub(crate) fn channels(&self) -> impl Iterator<Item = u8> {
        self.places().flat_map(|place| match place {
            Place::Ports { .. } => Vec::new(),
            Place::Channels { rtp, rtcp } => vec![rtp, rtcp],
        })
    }

    /// The stream, if it has been opened and is not over.
    pub(crate) fn ticket(&self) -> Option<&Ticket> {
        self.ticket.as_ref()
    }

    /// The stream; opened, parked at the film's beginning, if this is the first time.
    pub(crate) fn open(
        &mut self,
        shared: &Shared,
        route: Route,
        notify: Box<dyn Fn(Notice) + Send>,
    ) -> &Ticket {
        let Self {
            ticket,
            lane,
            legs,
            seat,
            name,
            pulse,
            key,
            ..
        } = self;
        ticket.get_or_insert_with(|| {
            let opening = Opening {
                index: Arc::clone(seat.index()),
                legs: legs.clone(),
                route,
                name: name.clone(),
                pulse: Arc::clone(pulse),
                silence: None,
                unreachable_grace: shared.config.unreachable_grace,
                unreachable_from: None,
                max_lag: shared.config.max_lag,
                notify,
            };
            lane.open(*key, opening)
        })
    }

    /// Ends the session; when this returns, nothing is sent any more.
    pub(crate) async fn close(mut self, end: End) {
        if let Some(ticket) = self.ticket.take() {
            ticket.close().await;
        }
        let (mount, session) = (self.seat.mount(), self.key);
        match &end {
            End::Failed(reason) => tracing::error!(mount, session, %reason, "a stream failed"),
            end => tracing::info!(mount, session, ?end, "session over"),
        }
        self.seat.leave(end);
    }
}

/// The viewer's own addresses for a track by UDP.
pub(crate) fn ports(peer: SocketAddr, rtp: u16, rtcp: u16) -> Place {
    Place::Ports {
        rtp: SocketAddr::new(peer.ip(), rtp),
        rtcp: SocketAddr::new(peer.ip(), rtcp),
    }
}
