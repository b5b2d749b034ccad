//! Whose a token is.

use std::{sync::Arc, time::Duration};

use ice::Prx as _;
use iceflix_slice::{AuthenticatorPrx, TokenOwnerPrx};

use super::{Checks, MAX_LEN};
use crate::peers::{
    Candidate, is_unreachable,
    round::{Patience, Worth, go_round},
};

/// The facet of `TokenOwner`, beside an `Authenticator` of ours.
pub const FACET: &str = "owner";

/// The longest name that is taken for one, in bytes; ours have 255 at the most.
const LONGEST_NAME: usize = 1_024;

/// How long to ask: whoever asks has a caller of his own, who waits 1.5 s.
const PATIENCE: Patience = Patience {
    silence: Duration::from_millis(300),
    meanwhile: Some(Duration::from_millis(100)),
    better: Duration::from_millis(300),
    total: Duration::from_millis(500),
};

impl Checks {
    /// The name of the user whose live token this is; `None` where nobody can
    /// say, above all of a token from an Authentication service of another make.
    /// Takes half a second at the most. May be cancelled.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub async fn owner(&self, token: &str) -> Option<Arc<str>> {
        if token.is_empty() || token.len() > MAX_LEN {
            return None;
        }
        let worth = |answer: &Result<String, ice::Error>| match answer {
            Ok(name) if is_name(name) => Worth::Everything,
            Ok(_) => Worth::Something,
            Err(error) if is_unreachable(error) => Worth::Unreachable,
            Err(_) => Worth::Nothing,
        };
        let ask = |Candidate { proxy, .. }: Candidate<AuthenticatorPrx>| {
            let facet = TokenOwnerPrx::from_object(proxy.as_object().with_facet(FACET));
            async move { facet.owner_of(token).await }
        };
        let services = self.0.authenticators.in_turn();
        let answer = go_round(services, PATIENCE, worth, ask).await;
        let name = answer?.ok()?;
        is_name(&name).then(|| name.into())
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.len() <= LONGEST_NAME
}
