//! What comes in by Ice.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use ice::Current;
use iceflix_service::log::{Complaints, causes};
use iceflix_slice::authenticator::RefreshAuthorizationError;
use iceflix_slice::{Authenticator, Unauthorized};
use tokio::time::timeout;
use tracing::{error, info};

use crate::counted::Refusals;
use crate::store::{self, Refusal, Store, user};

/// How long a check may take. Whoever asks waits for 1.5 s (`Ice.Default.InvocationTimeout`), and would then take a
/// database that hangs for a service that does.
const CHECKED_WITHIN: Duration = Duration::from_millis(1_300);

/// How long a login may take: turns, slow hash and database together.
const LOGGED_IN_WITHIN: Duration = Duration::from_secs(10);

/// Where people log in.
#[derive(Debug)]
pub(crate) struct Desk {
    store: Arc<Store>,
    refusals: Refusals,
    complaints: Complaints,
}

impl Desk {
    pub(crate) fn new(store: Arc<Store>, refusals: Refusals) -> Self {
        Self {
            store,
            refusals,
            complaints: Complaints::default(),
        }
    }

    fn refused(&self, user: &str, from: IpAddr, refusal: Refusal) {
        self.refusals.count(refusal);
        self.complaints.tell(refusal.word(), |unsaid| {
            // What is no name is not repeated in the log: it may be anything.
            let user = user::Name::parse(user).ok();
            let user = user.as_ref().map_or("(malformed)", user::Name::as_str);
            info!(user, %from, %refusal, unsaid, "login refused");
        });
    }

    fn too_slow(&self, doing: &'static str) -> ice::Error {
        if let Some(error) = self.store.absence() {
            return self.out_of_order(doing, &error);
        }
        self.complaints.tell(doing, |unsaid| {
            error!(
                unsaid,
                "cannot {doing} in time: the database hangs, or there is too much to do"
            );
        });
        unknown(doing)
    }

    /// The caller learns that it is not to blame; the log learns the reason.
    fn out_of_order(&self, doing: &'static str, error: &store::Error) -> ice::Error {
        self.complaints.tell(doing, |unsaid| {
            error!(error = causes(error), unsaid, "cannot {doing}");
        });
        unknown(doing)
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
        let login = self.store.login(&user, &password_hash, from);
        match timeout(LOGGED_IN_WITHIN, login).await {
            Ok(Ok(Ok(token))) => Ok(token.to_string()),
            Ok(Ok(Err(refusal))) => {
                self.refused(&user, from, refusal);
                Err(Unauthorized {}.into())
            }
            Ok(Err(error)) => Err(self.out_of_order("log in", &error).into()),
            Err(_) => Err(self.too_slow("log in").into()),
        }
    }

    async fn is_authorized(&self, authentication: String, _: &Current) -> Result<bool, ice::Error> {
        let check = self.store.tokens().is_valid(&authentication);
        match timeout(CHECKED_WITHIN, check).await {
            Ok(valid) => valid.map_err(|error| self.out_of_order("check a token", &error)),
            Err(_) => Err(self.too_slow("check a token")),
        }
    }
}

fn unknown(doing: &str) -> ice::Error {
    ice::Error::unknown(format!(
        "the authentication service cannot {doing} at the moment: its log says why"
    ))
}
