//! SETUP: a track gets a way to the viewer (RFC 2326, section 10.4).

use rtsp_types::{Request, StatusCode, headers};

use super::answer::{self, Answer};
use super::connection::Connection;
use super::dispatch::{header, session_id};
use super::session::{self, Session};
use super::transport::{self, Offer};
use crate::sender::Place;

impl Connection {
    pub(super) fn set_up(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let (target, entry) = self.aim(request)?;
        self.stranger = None;
        let track = match (target.track, entry.index().title().tracks.len()) {
            (Some(track), _) => track,
            (None, 1) => 0,
            (None, _) => return Err(StatusCode::AggregateOperationNotAllowed),
        };
        let wanted = header(request, &headers::TRANSPORT).ok_or(StatusCode::BadRequest)?;
        let offer = transport::choose(wanted, self.peer.ip(), self.is_secure)
            .ok_or(StatusCode::UnsupportedTransport)?;
        let mut session = match session_id(request) {
            Some(id) => {
                let session = self
                    .sessions
                    .iter()
                    .position(|session| session.id == id && session.seat.is_at(&entry));
                self.sessions
                    .swap_remove(session.ok_or(StatusCode::SessionNotFound)?)
            }
            None => {
                if self.sessions.len() >= self.shared.config.max_sessions {
                    return Err(StatusCode::NotEnoughBandwidth);
                }
                let key = self.shared.pool.next_key();
                let seat = entry.seat(key, self.words.clone(), self.shared.config.max_sessions);
                Session::new(
                    key,
                    seat.ok_or(StatusCode::NotEnoughBandwidth)?,
                    self.shared.pool.lightest().clone(),
                )
            }
        };
        let answer = self.add_track(&mut session, track, offer, cseq);
        // A session that was made for this request and has nothing set up is dropped again without
        // a word.
        if session.places().next().is_some() {
            self.sessions.push(session);
        }
        answer
    }

    fn add_track(
        &self,
        session: &mut Session,
        track: usize,
        offer: Offer,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        session.machine.may_set_up(track)?;
        let place = match offer {
            Offer::Udp { rtp, rtcp } => session::ports(self.peer, rtp, rtcp),
            Offer::Interleaved(wanted) => {
                let (rtp, rtcp) = self
                    .free_channels(session, wanted)
                    .ok_or(StatusCode::UnsupportedTransport)?;
                Place::Channels { rtp, rtcp }
            }
        };
        let mixed = session
            .places()
            .any(|other| std::mem::discriminant(&other) != std::mem::discriminant(&place));
        if mixed {
            return Err(StatusCode::UnsupportedTransport);
        }
        session.machine.set_up(track)?;
        let ssrc = session.set_up(track, place);
        let way = match place {
            Place::Ports { rtp, rtcp } => {
                let (server_rtp, server_rtcp) = session.lane.ports();
                let (rtp, rtcp) = (rtp.port(), rtcp.port());
                format!(
                    "RTP/AVP;unicast;client_port={rtp}-{rtcp};server_port={server_rtp}-{server_rtcp}"
                )
            }
            Place::Channels { rtp, rtcp } => {
                format!("RTP/AVP/TCP;unicast;interleaved={rtp}-{rtcp}")
            }
        };
        let timeout = self.shared.config.session_timeout.as_secs();
        let answer = answer::begin(StatusCode::Ok, cseq)
            .header(
                headers::SESSION,
                format!("{};timeout={timeout}", session.id),
            )
            .header(
                headers::TRANSPORT,
                format!("{way};ssrc={ssrc:08X};mode=\"PLAY\""),
            );
        Ok(answer::finish(answer))
    }

    /// The channels that the player wants, if nobody has them on this connection, or else the
    /// lowest pair that is free.
    fn free_channels(&self, own: &Session, wanted: Option<(u8, u8)>) -> Option<(u8, u8)> {
        let sessions = self.sessions.iter().chain([own]);
        let mut taken = [false; 256];
        for place in sessions.flat_map(|session| session.channels()) {
            taken[usize::from(place)] = true;
        }
        let is_free =
            |&(rtp, rtcp): &(u8, u8)| !taken[usize::from(rtp)] && !taken[usize::from(rtcp)];
        wanted
            .filter(is_free)
            .or_else(|| (0..=254).step_by(2).map(|rtp| (rtp, rtp + 1)).find(is_free))
    }
}
