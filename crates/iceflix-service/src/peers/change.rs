//! Kinds of services, and what befalls them.

use std::fmt;

use tokio::sync::broadcast::{Receiver, error::RecvError};

/// The kinds of service that announce themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Issues tokens.
    Authenticator,
    /// Lists titles.
    Catalog,
    /// Has films.
    StreamProvider,
}

impl Kind {
    /// What such a service calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticator => "authentication",
            Self::Catalog => "catalog",
            Self::StreamProvider => "streaming",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A change of who is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which kind the service is.
    pub kind: Kind,
    /// Its service id.
    pub id: String,
    /// What happened to it.
    pub event: Event,
}

/// What can happen to a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// It is there, and has proven to be what it says.
    Found,
    /// It does not answer any more; it may come back.
    Lost,
    /// It said goodbye, or somebody did in its name: then it comes back.
    Departed,
}

/// Returns at the next change that is wanted. One that is missed because there were too many costs nothing but a
/// watch that ends later, with the connection.
pub(super) async fn change(changes: &mut Receiver<Change>, wanted: impl Fn(&Change) -> bool) {
    loop {
        match changes.recv().await {
            Ok(change) if wanted(&change) => return,
            Ok(_) | Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => std::future::pending().await,
        }
    }
}
