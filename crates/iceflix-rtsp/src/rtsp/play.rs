//! PLAY, PAUSE and TEARDOWN: what a viewer does with a session (RFC 2326, sections 10.5 to 10.7).

use rtsp_types::{HeaderName, Request, StatusCode, headers};

use super::answer::{self, Answer, Then};
use super::connection::Connection;
use super::dispatch::{header, session_id};
use super::path::Target;
use super::range::{self, Asked, Npt};
use super::scale;
use super::session::Word;
use crate::Error;
use crate::event::End;
use crate::sender::{Cued, From, NORMAL, Notice, Route};

impl Connection {
    pub(super) async fn play(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let (target, position) = self.addressed(request)?;
        let session = &mut self.sessions[position];
        session.machine.may_control(target.track)?;
        let duration = session.seat.index().duration();
        let wished = header(request, &headers::SCALE);
        let scale = match wished.map(scale::parse) {
            None => NORMAL,
            Some(scale) => scale.ok_or(StatusCode::BadRequest)?,
        };
        let range = header(request, &headers::RANGE);
        let (from, to) = match range.map(|range| range::parse(range, scale < 0.0)) {
            None => (From::Here, None),
            Some(Asked::Span(Npt {
                from: Some(from), ..
            })) if duration.is_some_and(|duration| from > duration) => {
                return Err(StatusCode::InvalidRange);
            }
            Some(Asked::Span(Npt { from, to })) => (from.map_or(From::Here, From::At), to),
            Some(Asked::Foreign) => return Err(StatusCode::InvalidRange),
            Some(Asked::Malformed) => return Err(StatusCode::BadRequest),
        };
        let interleaved = session.channels().next().is_some();
        let route = match interleaved {
            true => Route::Interleaved(self.outbox.clone()),
            false => Route::Datagram(
                self.shared
                    .local
                    .ip()
                    .is_unspecified()
                    .then_some(self.local.ip()),
            ),
        };
        let (words, key) = (self.words.clone(), session.key);
        let notify = move |notice: Notice| {
            let _connection_is_gone = words.send(Word::Notice(key, notice));
        };
        let cued = session
            .open(&self.shared, route, Box::new(notify))
            .cue(from, to, scale)
            .await;
        let cued = match cued {
            Ok(cued) => cued,
            Err(Error::NotIndexed { .. } | Error::Disk) => {
                return Err(StatusCode::ServiceUnavailable);
            }
            Err(Error::Stopped) => return Err(StatusCode::SessionNotFound),
            Err(error) => {
                self.dismiss(position, End::Failed(error.in_full())).await;
                return Err(StatusCode::InternalServerError);
            }
        };
        let id = session.id.clone();
        session.machine.played();
        let answer = answer::begin(StatusCode::Ok, cseq)
            .header(headers::SESSION, id.as_str())
            .header(headers::RANGE, range::format(cued.from, cued.to))
            .header(
                HeaderName::from_static_str("RTP-Info").expect("a header's name"),
                rtp_info(&target, &cued),
            );
        let answer = match wished {
            Some(_) => answer.header(headers::SCALE, scale::format(cued.scale)),
            None => answer,
        };
        Ok(Answer {
            then: Then::Roll(id),
            ..answer::finish(answer)
        })
    }

    pub(super) async fn pause(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let (target, position) = self.addressed(request)?;
        let session = &mut self.sessions[position];
        session.machine.may_control(target.track)?;
        if let Some(ticket) = session.ticket() {
            ticket.halt().await;
        }
        let answer =
            answer::begin(StatusCode::Ok, cseq).header(headers::SESSION, session.id.as_str());
        Ok(answer::finish(answer))
    }

    pub(super) async fn tear_down(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let (target, position) = self.addressed(request)?;
        // Of several tracks one cannot leave alone: their reports and numbers belong together.
        self.sessions[position].machine.may_control(target.track)?;
        let session = self.sessions.swap_remove(position);
        let answer =
            answer::begin(StatusCode::Ok, cseq).header(headers::SESSION, session.id.as_str());
        session.close(End::TornDown).await;
        Ok(answer::finish(answer))
    }

    /// The session that a request names, as a position among this connection's. Those of other
    /// connections are nobody's business here: they are as unknown as ones that never were.
    fn addressed(&self, request: &Request<Vec<u8>>) -> Result<(Target, usize), StatusCode> {
        let (target, entry) = self.aim(request)?;
        let id = session_id(request).ok_or(StatusCode::SessionNotFound)?;
        let position = self
            .sessions
            .iter()
            .position(|session| session.id == id && session.seat.is_at(&entry));
        Ok((target, position.ok_or(StatusCode::SessionNotFound)?))
    }
}

/// For each track the number of the next packet, and the RTP time of where the range begins (RFC
/// 2326, section 12.33).
fn rtp_info(target: &Target, cued: &Cued) -> String {
    let tracks = cued.tracks.iter().map(|&(track, sequence, time)| {
        format!(
            "url={};seq={sequence};rtptime={time}",
            target.track_url(track)
        )
    });
    tracks.collect::<Vec<_>>().join(",")
}
