//! From a request to its answer.

use std::sync::Arc;

use rtsp_types::{HeaderName, Method, Request, StatusCode, headers};

use super::answer::{self, Answer};
use super::connection::Connection;
use super::path::{Door, Target};
use crate::mount::Entry;
use crate::sdp;

/// The methods that this server has, as OPTIONS and 405 tell them.
const METHODS: &str =
    "OPTIONS, DESCRIBE, SETUP, PLAY, PAUSE, TEARDOWN, GET_PARAMETER, SET_PARAMETER";

impl Connection {
    /// Answers a request. Whatever it is, there is an answer.
    pub(super) async fn answer(&mut self, request: &Request<Vec<u8>>) -> Answer {
        let cseq = header(request, &headers::CSEQ).and_then(|cseq| cseq.trim().parse::<u32>().ok());
        if cseq.is_none() {
            return answer::plain(StatusCode::BadRequest, None);
        }
        for name in [&headers::REQUIRE, &headers::PROXY_REQUIRE] {
            if let Some(value) = header(request, name) {
                return answer::unsupported(name, value, cseq);
            }
        }
        if let Err(answer) = self.log_in(request, cseq).await {
            return answer;
        }
        let answer = match request.method() {
            Method::Options => Ok(answer::finish(
                answer::begin(StatusCode::Ok, cseq).header(headers::PUBLIC, METHODS),
            )),
            Method::Describe => self.describe(request, cseq),
            Method::Setup => self.set_up(request, cseq),
            Method::Play => self.play(request, cseq).await,
            Method::Pause => self.pause(request, cseq).await,
            Method::Teardown => self.tear_down(request, cseq).await,
            Method::GetParameter | Method::SetParameter => self.keep_alive(request, cseq),
            Method::Announce | Method::Record | Method::Redirect | Method::PlayNotify => {
                Ok(answer::finish(
                    answer::begin(StatusCode::MethodNotAllowed, cseq)
                        .header(headers::ALLOW, METHODS),
                ))
            }
            Method::Extension(_) => Err(StatusCode::NotImplemented),
        };
        answer.unwrap_or_else(|status| answer::plain(status, cseq))
    }

    fn describe(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let (target, entry) = self.aim(request)?;
        if let Some(accepted) = header(request, &headers::ACCEPT)
            && !accepted.split(',').any(|kind| {
                matches!(
                    kind.split(';').next().unwrap_or_default().trim(),
                    "application/sdp" | "application/*" | "*/*"
                )
            })
        {
            return Err(StatusCode::NotAcceptable);
        }
        self.stranger = None;
        let sdp = sdp::for_rtsp(
            entry.index().title(),
            entry.number(),
            self.local.ip().to_canonical(),
        );
        let answer = answer::begin(StatusCode::Ok, cseq)
            .header(headers::CONTENT_TYPE, "application/sdp")
            .header(headers::CONTENT_BASE, target.base);
        Ok(Answer {
            response: answer.build(sdp.into_bytes()),
            ..answer::plain(StatusCode::Ok, None)
        })
    }

    /// What a request is aimed at.
    ///
    /// # Errors
    ///
    /// 404 where the path is not one of a mount's; nothing tells a wrong secret from one that is no
    /// longer right.
    pub(super) fn aim(
        &self,
        request: &Request<Vec<u8>>,
    ) -> Result<(Target, Arc<Entry>), StatusCode> {
        let url = request.request_uri().ok_or(StatusCode::BadRequest)?;
        let target = Target::read(url).ok_or(StatusCode::NotFound)?;
        let secret = match &target.door {
            Door::Secret(secret) => Some(secret.as_str()),
            Door::Media(media) => self.logins.secret(media),
        };
        let entry = secret.and_then(|secret| self.shared.mounts.find(secret));
        Ok((target, entry.ok_or(StatusCode::NotFound)?))
    }

    /// GET_PARAMETER and SET_PARAMETER: a sign of life if they are empty, as players use them.
    /// There are no parameters.
    fn keep_alive(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<Answer, StatusCode> {
        let id = session_id(request);
        if id.is_some_and(|id| self.sessions.iter().all(|session| session.id != id)) {
            return Err(StatusCode::SessionNotFound);
        }
        if !request.body().trim_ascii().is_empty() {
            return Err(StatusCode::ParameterNotUnderstood);
        }
        let answer = answer::begin(StatusCode::Ok, cseq);
        Ok(answer::finish(match id {
            Some(id) => answer.header(headers::SESSION, id),
            None => answer,
        }))
    }
}

/// The session that a request names, without the parameters that some players send back.
pub(super) fn session_id(request: &Request<Vec<u8>>) -> Option<&str> {
    let value = header(request, &headers::SESSION)?;
    value.split(';').next().map(str::trim)
}

/// The value of a header.
pub(super) fn header<'a>(request: &'a Request<Vec<u8>>, name: &HeaderName) -> Option<&'a str> {
    request.header(name).map(|value| value.as_str())
}
