//! What comes in by Ice.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use ice::Current;
use iceflix_slice::authenticator::RefreshAuthorizationError;
use iceflix_slice::{Authenticator, Unauthorized};
use tracing::{error, info};

use crate::store::{self, Store, user};

/// Where people log in.
#[derive(Debug)]
pub(crate) struct Desk {
    store: Arc<Store>,
}

impl Desk {
    pub(crate) fn new(store: Arc<Store>) -> Self {
        Self { store }
    }
}

impl Authenticator for Desk {
    async fn refresh_authorization(
        &self,
        user: String,
        password_hash: String,
        current: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        // A caller without an address is in this very process.
        let from = current
            .remote_address()
            .map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
        match self.store.login(&user, &password_hash, from).await {
            Ok(Ok(token)) => Ok(token.to_string()),
            Ok(Err(refusal)) => {
                // What is no name is not repeated in the log: it may be anything.
                let user = user::Name::parse(&user).ok();
                let user = user.as_ref().map_or("(malformed)", user::Name::as_str);
                info!(user, %from, %refusal, "login refused");
                Err(Unauthorized {}.into())
            }
            Err(error) => Err(out_of_order("log in", &error).into()),
        }
    }

    async fn is_authorized(&self, authentication: String, _: &Current) -> Result<bool, ice::Error> {
        let valid = self.store.tokens().is_valid(&authentication).await;
        valid.map_err(|error| out_of_order("check a token", &error))
    }
}

/// The caller learns that it is not to blame; the log learns the reason.
fn out_of_order(doing: &str, error: &store::Error) -> ice::Error {
    error!(%error, "cannot {doing}");
    ice::Error::unknown(format!(
        "the authentication service cannot {doing} at the moment: its log says why"
    ))
}
