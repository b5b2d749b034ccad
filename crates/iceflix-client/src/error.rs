//! What can keep a viewer from a film, and what to do about it.

use std::path::PathBuf;

use ice::{ErrorKind, Group};
use iceflix_service::settings;

use crate::{password, player};

/// Why a call failed, for somebody who does not know Ice: nothing but the
/// error itself says more where the reason is not that nobody answers.
pub(crate) fn plainly(error: &ice::Error) -> String {
    match (error.kind(), error.kind().group()) {
        (ErrorKind::ConnectionRefused, _) => "nothing listens there".to_owned(),
        (ErrorKind::ConnectionLost | ErrorKind::CloseConnection, _) => {
            "the service ended while it was asked".to_owned()
        }
        (_, Group::Timeout) => {
            "no answer in time, as from a service that hangs or a machine that is away".to_owned()
        }
        _ => error.to_string(),
    }
}

/// Why a command of the client failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A property is wrong.
    #[error(transparent)]
    Settings(#[from] settings::Error),
    /// Ice did not start.
    #[error("Ice does not start: {0}")]
    Start(#[source] ice::Error),
    /// The text is not a proxy.
    #[error(
        "\"{proxy}\" is not a proxy: {source}; expected something like {}",
        crate::DEFAULT_MAIN
    )]
    Proxy {
        /// The text.
        proxy: String,
        /// What is wrong with it.
        source: ice::Error,
    },
    /// Nobody answers there.
    #[error(
        "nobody answers at \"{proxy}\" (tried {tries} times): {}. {}",
        plainly(reason),
        match reason.kind().group() {
            Group::Timeout => "Whoever looks after it may have to start it again: `iceflix status` shows who hangs",
            _ => "Is IceFlix running there? `iceflix up` starts it",
        }
    )]
    NoMain {
        /// The proxy of Main.
        proxy: String,
        /// How often it was tried.
        tries: u32,
        /// What happened the last time. No source, since it would be told again in
        /// words of Ice.
        reason: ice::Error,
    },
    /// Somebody answers, but it is no Main.
    #[error("what answers at \"{proxy}\" is no Main: name the proxy that `iceflix main` printed")]
    NotMain {
        /// The proxy.
        proxy: String,
    },
    /// Main has nobody to offer.
    #[error("no {0} service is alive at the moment: start one, or try again in a few seconds")]
    NoService(&'static str),
    /// No user was named.
    #[error("this needs a login: add --user NAME")]
    NoUser,
    /// The login was refused.
    #[error("user or password is wrong")]
    Unauthorized,
    /// There is no password.
    #[error(transparent)]
    Password(#[from] password::Error),
    /// Nothing has this name or id.
    #[error("there is no title \"{0}\": `iceflix client search` lists all")]
    NoTitle(String),
    /// Several titles match.
    #[error("\"{word}\" may be any of these: {}. Name one in full, or by its id", .names.join(", "))]
    Ambiguous {
        /// What was asked for.
        word: String,
        /// What it may be.
        names: Vec<String>,
    },
    /// No server has the title now.
    #[error(
        "\"{0}\" is known, but no streaming server that has it is alive at the moment: try again later"
    )]
    Unavailable(String),
    /// The server cannot do what was asked for.
    #[error("the streaming server of this title offers no RTSP: use `iceflix client sdp` with it")]
    OnlyPush,
    /// A call failed.
    #[error(
        "cannot {doing}: {}{}",
        plainly(reason),
        if reason.is_transport() { ". Try again in a few seconds; `iceflix status` shows who does not answer" } else { "" }
    )]
    Call {
        /// What was being done.
        doing: &'static str,
        /// Why not. No source, as above.
        reason: ice::Error,
    },
    /// Playing failed.
    #[error(transparent)]
    Player(#[from] player::Error),
    /// A file of ours could not be written.
    #[error("cannot write {}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Something of the operating system.
    #[error("{doing}: {source}")]
    System {
        /// What was being done.
        doing: &'static str,
        /// Why not.
        source: std::io::Error,
    },
}

impl Error {
    /// A call that failed while doing something.
    pub(crate) fn call(doing: &'static str) -> impl FnOnce(ice::Error) -> Self {
        move |reason| Self::Call { doing, reason }
    }
}
