//! Logging in: films by their public names, for viewers with a token.
//!
//! A [mount](crate::Server::mount) is open to whoever knows its secret path. A player with a login
//! box takes the other way: it asks for `/media/NAME`, is asked who it is, and answers with a
//! token. What a token is worth, only the server's owner knows.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use tokio::sync::{mpsc, oneshot};
use zeroize::Zeroizing;

/// The longest token that a player can show, in bytes.
pub const MAX_TOKEN: usize = 1_024;

/// Who decides what a token opens.
pub trait Admission: fmt::Debug + Send + Sync {
    /// Lets a viewer in, or not. Asked once for each connection, name and token; an answer that takes
    /// longer than five seconds counts as [`Refusal::Unavailable`], and the future is dropped then.
    fn admit(&self, claim: Claim) -> Pin<Box<dyn Future<Output = Result<Pass, Refusal>> + Send>>;
}

/// What a viewer wants, and shows for it.
#[derive(Debug)]
pub struct Claim {
    /// What stands behind `/media/` in the URL, as it stands there; at most 128 bytes.
    pub media: String,
    /// What was typed into the login box.
    pub token: Token,
    /// The viewer's end of the RTSP connection.
    pub viewer: SocketAddr,
}

/// A bearer secret of at most [`MAX_TOKEN`] bytes. Wiped from memory when dropped, and not in what
/// is written for debugging.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(Zeroizing<String>);

/// What an admitted viewer gets.
pub struct Pass {
    /// The [path of a mount](crate::Mount::path). It is not told to the viewer, who is admitted for
    /// as long as the mount is there.
    pub path: String,
    /// Takes newer tokens of the same viewer for the same film. Closed when the viewer's connection
    /// is gone.
    pub renewals: mpsc::Sender<Renewal>,
}

/// Another token, shown on a connection that was admitted before.
#[derive(Debug)]
pub struct Renewal {
    /// The token.
    pub token: Token,
    /// Takes whether it is good. Dropped, it is not.
    pub answer: oneshot::Sender<Result<(), Refusal>>,
}

/// Why a viewer is not let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The token opens nothing: the player is asked again (401).
    Token,
    /// There is no such film (404).
    Media,
    /// There is no room (453).
    Full,
    /// Nobody can tell at the moment (503).
    Unavailable,
}

impl Token {
    /// Takes it out of a header; `None` where it is empty or too long.
    pub(crate) fn new(text: &str) -> Option<Self> {
        let fitting = !text.is_empty() && text.len() <= MAX_TOKEN;
        fitting.then(|| Self(Zeroizing::new(text.to_owned())))
    }

    /// The secret itself, which belongs into no log.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the path: what is written for debugging ends up in logs.
        f.debug_struct("Pass").finish_non_exhaustive()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}
