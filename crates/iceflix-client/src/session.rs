//! A login, kept valid.

use std::{fmt, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::sleep};
use tracing::warn;
use zeroize::Zeroizing;

use crate::{Error, Viewer};

/// How often a new token is got: a third of the 30 s that the contract gives
/// it, so that two failures in a row cost nothing.
const RENEWAL: Duration = Duration::from_secs(10);

/// How soon a renewal that failed is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Somebody who is logged in. As long as it lives it gets a new token in time;
/// when it is dropped that ends, and the last token with it, by itself. Its
/// `Debug` shows no token.
pub struct Session {
    user: String,
    token: watch::Receiver<Zeroizing<String>>,
    renewal: JoinHandle<()>,
}

impl Session {
    /// Logs in. `user_hash` is what [`crate::password`] makes of a password.
    ///
    /// # Errors
    ///
    /// [`Error::Unauthorized`] where user or password is wrong; otherwise
    /// where nobody can be asked.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn login(
        viewer: &Viewer,
        user: &str,
        user_hash: Zeroizing<String>,
    ) -> Result<Self, Error> {
        let first = viewer.login(user, &user_hash).await?;
        let (sender, token) = watch::channel(first);
        let renewal = tokio::spawn(renew(viewer.clone(), user.to_owned(), user_hash, sender));
        Ok(Self {
            user: user.to_owned(),
            token,
            renewal,
        })
    }

    /// Who is logged in.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// A token that is valid now.
    pub fn token(&self) -> Zeroizing<String> {
        self.token.borrow().clone()
    }

    /// The tokens to come: changes whenever there is a new one, and closes
    /// when the login is refused.
    pub fn tokens(&self) -> watch::Receiver<Zeroizing<String>> {
        self.token.clone()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(
    viewer: Viewer,
    user: String,
    user_hash: Zeroizing<String>,
    sender: watch::Sender<Zeroizing<String>>,
) {
    let mut pause = RENEWAL;
    loop {
        sleep(pause).await;
        match viewer.login(&user, &user_hash).await {
            Ok(token) => {
                sender.send_replace(token);
                pause = RENEWAL;
            }
            Err(Error::Unauthorized) => {
                warn!(user, "the login is no longer accepted");
                return;
            }
            Err(error) => {
                warn!(user, %error, "the token is not renewed yet: trying again");
                pause = RETRY;
            }
        }
    }
}
