//! What every answer has.

use std::time::SystemTime;

use rtsp_types::{HeaderName, Response, ResponseBuilder, StatusCode, Version, headers};

/// The name in the `Server` header.
const SERVER: &str = concat!("IceFlix/", env!("CARGO_PKG_VERSION"));

/// An answer, and what is to be done when it has been sent.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) response: Response<Vec<u8>>,
    pub(crate) then: Then,
    /// The `WWW-Authenticate` headers: players read the first scheme of each, so that one line for all
    /// would not do.
    pub(crate) challenges: Vec<String>,
}

/// What is to be done after an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// Read on.
    GoOn,
    /// Let the packets of this session flow: none may be sent before the player knows their
    /// numbers.
    Roll(String),
}

/// Begins an answer. `cseq` is the request's number, if it had one.
pub(crate) fn begin(status: StatusCode, cseq: Option<u32>) -> ResponseBuilder {
    let answer = Response::builder(Version::V1_0, status);
    let answer = match cseq {
        Some(cseq) => answer.header(headers::CSEQ, cseq.to_string()),
        None => answer,
    };
    answer
        .header(headers::SERVER, SERVER)
        .header(headers::DATE, httpdate::fmt_http_date(SystemTime::now()))
}

/// An answer that says no more than its status.
pub(crate) fn plain(status: StatusCode, cseq: Option<u32>) -> Answer {
    finish(begin(status, cseq))
}

/// An answer without a body.
pub(crate) fn finish(answer: ResponseBuilder) -> Answer {
    Answer {
        response: answer.build(Vec::new()),
        then: Then::GoOn,
        challenges: Vec::new(),
    }
}

/// An answer that tells which parts of `Require` are not known here (RFC 2326, section 12.32).
pub(crate) fn unsupported(name: &HeaderName, value: &str, cseq: Option<u32>) -> Answer {
    tracing::debug!(
        header = name.as_str(),
        value,
        "a player requires what this server has not"
    );
    finish(begin(StatusCode::OptionNotSupported, cseq).header(headers::UNSUPPORTED, value))
}

/// An answer as bytes.
pub(crate) fn bytes(answer: &Answer) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(512);
    answer
        .response
        .write(&mut bytes)
        .expect("writing to memory does not fail");
    if !answer.challenges.is_empty() {
        // Before the empty line: such an answer has no body.
        bytes.truncate(bytes.len() - 2);
        for challenge in &answer.challenges {
            bytes.extend_from_slice(format!("WWW-Authenticate: {challenge}\r\n").as_bytes());
        }
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
