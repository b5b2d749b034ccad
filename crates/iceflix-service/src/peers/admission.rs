//! How an announcement makes a service a candidate, and why it may not.

use std::{fmt, time::Instant};

use ice::{ErrorKind, Prx};
use tokio::time::timeout;
use tracing::{info, warn};

use super::{
    candidates::{ANSWERS_WITHIN, Candidates, alive},
    change::Event,
    proof::{Proof, Refusal},
    proxy::{Way, ways},
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
        let ways = match ways(&proxy) {
            Ok(ways) => ways,
            Err(reason) => return self.refuse(reason, &id, &""),
        };
        let mut ways = ways.into_iter();
        // Before there is a task for it: what is refused costs next to nothing.
        let Some((proof, way)) = ways.find_map(|way| Some((self.begin(&id, &way)?, way))) else {
            return;
        };
        let candidates = self.clone();
        tokio::spawn(async move {
            let mut tried = Some((proof, way));
            while let Some((proof, way)) = tried {
                match candidates.prove(proof, &id, &proxy, &way).await {
                    Some(true) => return candidates.watch(id, proxy).await,
                    Some(false) => return,
                    None => {
                        tried = ways.find_map(|way| Some((candidates.begin(&id, &way)?, way)));
                    }
                }
            }
        });
    }

    /// Takes a slot for a proof.
    fn begin(&self, id: &str, way: &Way<P>) -> Option<Proof> {
        let reason = match self.0.proofs.begin(id, way, Instant::now()) {
            Ok(proof) => return Some(proof),
            Err(Refusal::UnderWay) => return None,
            Err(Refusal::Silent) => "nobody answered there a moment ago",
            Err(Refusal::PlaceFull) => "too many services are being asked there",
            Err(Refusal::Full) => "too many services are being asked",
        };
        self.refuse(reason, id, &way.proxy);
        None
    }

    /// Says why an announcement was not taken, where it was not said too often.
    fn refuse(&self, reason: &'static str, id: &str, proxy: &dyn fmt::Display) {
        self.0.complaints.tell(reason, |unsaid| {
            let (kind, id, proxy) = (self.0.kind, shown(id), shown(proxy));
            warn!(%kind, id, proxy, unsaid, "announcement refused: {reason}");
        });
    }

    /// Enters the service where it answers as one of this kind; `None` where
    /// nobody answers at this way to it.
    async fn prove(&self, proof: Proof, id: &str, proxy: &P, way: &Way<P>) -> Option<bool> {
        let answer = timeout(ANSWERS_WITHIN, async {
            let is_one = way.proxy.ice_is_a(P::TYPE_ID).await?;
            Ok((is_one, way.proxy.connection().await?))
        });
        let answer: Result<_, ice::Error> = match answer.await {
            Ok(answer) => answer,
            Err(_) => Err(ice::Error::new(ErrorKind::InvocationTimeout, "")),
        };
        let connection = match answer {
            Ok((true, Some(connection))) => connection,
            Ok((true, None)) => {
                self.refuse("its proxy points to this very process", id, proxy);
                return Some(false);
            }
            Ok((false, _)) => {
                self.refuse("its proxy does not point to such a service", id, proxy);
                return Some(false);
            }
            Err(error) if error.is_not_exist() => {
                self.refuse("there is no such object where its proxy points", id, proxy);
                return Some(false);
            }
            Err(error) => {
                if error.kind().group() == ice::Group::Timeout {
                    proof.was_silent(Instant::now());
                }
                self.refuse("the service does not answer", id, &way.proxy);
                return None;
            }
        };
        // An id belongs to whoever has it as long as that one lives.
        let holder = self.table().holder(id).filter(|holder| holder != proxy);
        if let Some(holder) = &holder
            && alive(holder).await.is_ok()
        {
            self.refuse("another live service has its id", id, proxy);
            return Some(false);
        }
        let (address, now) = (connection.remote_address(), Instant::now());
        let entered = self.table().enter(id, proxy, holder.as_ref(), address, now);
        match entered {
            Entered::New => {}
            Entered::Instead(gone) => {
                info!(kind = %self.0.kind, id = %shown(&gone), "service forgotten: its host has too many");
                self.tell(&gone, Event::Lost);
            }
            Entered::Known => return Some(false),
            Entered::Taken => {
                self.refuse("another live service has its id", id, proxy);
                return Some(false);
            }
            Entered::Full => {
                self.refuse("too many services of this kind are known", id, proxy);
                return Some(false);
            }
            Entered::AddressFull => {
                self.refuse(
                    "too many services of this kind are known at its address",
                    id,
                    proxy,
                );
                return Some(false);
            }
        }
        info!(kind = %self.0.kind, id = %shown(id), proxy = %shown(proxy), "service found");
        self.tell(id, Event::Found);
        Some(true)
    }
}
