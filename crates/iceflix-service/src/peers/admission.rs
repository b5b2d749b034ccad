//! How an announcement makes a service a candidate, and why it may not.

use std::{fmt, time::Instant};

use ice::{ErrorKind, Prx};
use tokio::time::timeout;
use tracing::{info, warn};

use super::{
    candidates::{ANSWERS_WITHIN, Candidates, alive},
    change::Event,
    proof::{Proof, Refusal},
    proxy::place,
    table::{Entered, MAX_ID_LEN},
};
use crate::log::shown;

impl<P: Prx + PartialEq> Candidates<P> {
    /// Takes an announcement in. A service that was not known has to prove
    /// itself first, by answering as what it says it is: that happens in the
    /// background, and nobody waits for it.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
    pub fn announced(&self, id: String, proxy: Option<P>) {
        if id == self.0.own_id {
            return;
        }
        if id.is_empty() || id.len() > MAX_ID_LEN {
            return self.refuse("a service id has 1 to 128 bytes", &id, &"");
        }
        let Some(proxy) = proxy else {
            return self.refuse("it carries no proxy", &id, &"");
        };
        // Whoever announces itself by a proxy without answers would never be heard.
        let proxy = proxy.with_twoway();
        if self.seen(&id, &proxy) {
            return;
        }
        let place = match place(&proxy) {
            Ok(place) => place,
            Err(reason) => return self.refuse(reason, &id, &""),
        };
        match self.0.proofs.begin(&id, &place, Instant::now()) {
            Ok(proof) => {
                let candidates = self.clone();
                tokio::spawn(async move {
                    if candidates.prove(proof, &id, &proxy).await {
                        candidates.watch(id, proxy).await;
                    }
                });
            }
            Err(Refusal::UnderWay) => {}
            Err(Refusal::Silent) => self.refuse("nobody answered there a moment ago", &id, &proxy),
            Err(Refusal::PlaceFull) => {
                self.refuse("too many services are being asked there", &id, &proxy);
            }
            Err(Refusal::Full) => self.refuse("too many services are being asked", &id, &proxy),
        }
    }

    /// Says why an announcement was not taken, where it was not said too often.
    fn refuse(&self, reason: &'static str, id: &str, proxy: &dyn fmt::Display) {
        if let Some(unsaid) = self.0.complaints.line(reason, Instant::now()) {
            let (kind, id, proxy) = (self.0.kind, shown(id), shown(proxy));
            warn!(%kind, id, proxy, unsaid, "announcement refused: {reason}");
        }
    }

    /// Enters the service where it answers as one of this kind.
    async fn prove(&self, proof: Proof, id: &str, proxy: &P) -> bool {
        let answer = timeout(ANSWERS_WITHIN, async {
            let is_one = proxy.ice_is_a(P::TYPE_ID).await?;
            Ok((is_one, proxy.connection().await?))
        });
        let answer: Result<_, ice::Error> = match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(ice::Error::new(ErrorKind::InvocationTimeout, "")),
        };
        let connection = match answer {
            Ok((true, Some(connection))) => connection,
            Ok((true, None)) => {
                self.refuse("its proxy points to this very process", id, proxy);
                return false;
            }
            Ok((false, _)) => {
                self.refuse("its proxy does not point to such a service", id, proxy);
                return false;
            }
            Err(error) => {
                if error.kind().group() == ice::Group::Timeout {
                    proof.was_silent(Instant::now());
                }
                self.refuse("the service does not answer", id, proxy);
                return false;
            }
        };
        // An id belongs to whoever has it as long as that one lives.
        if let Some(holder) = self.get(id)
            && alive(&holder).await.is_ok()
        {
            self.refuse("another live service has its id", id, proxy);
            return false;
        }
        let address = connection.remote_address();
        let entered = self.table().enter(id, proxy, address, Instant::now());
        match entered {
            Entered::New => {}
            Entered::Known => return false,
            Entered::Full => {
                self.refuse("too many services of this kind are known", id, proxy);
                return false;
            }
            Entered::AddressFull => {
                self.refuse(
                    "too many services of this kind are known at its address",
                    id,
                    proxy,
                );
                return false;
            }
        }
        info!(kind = %self.0.kind, id = %shown(id), proxy = %shown(proxy), "service found");
        self.tell(id, Event::Found);
        true
    }
}
