//! Main, in as many instances as its proxy names, and the services that it
//! names in turn.

use std::{
    collections::VecDeque,
    hash::{BuildHasher as _, Hasher as _, RandomState},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use ice::{ObjectPrx, Prx};
use iceflix_service::peers::{
    Failure,
    round::{Patience, Source, go_round, usual_worth},
};
use iceflix_slice::{
    AuthenticatorPrx, MainPrx, MediaCatalogPrx,
    main::{GetAuthenticatorError, GetCatalogServiceError},
};

use super::known::Known;
use crate::Error;

/// How often Main is asked for another service in one round: it names them in
/// turn, to others meanwhile too, and some of them may be dead.
const ASKED: usize = 4;

/// All the instances of Main.
#[derive(Clone, Debug)]
pub(super) struct Door {
    mains: Known<MainPrx>,
}

/// What Main names.
pub(super) trait Named: Prx + PartialEq {
    /// What such a service is called in a message.
    const NAME: &'static str;

    type Error: Failure + Send;

    fn ask(main: MainPrx) -> impl Future<Output = Result<Option<Self>, Self::Error>> + Send;
}

impl Named for AuthenticatorPrx {
    const NAME: &'static str = "authentication";
    type Error = GetAuthenticatorError;

    async fn ask(main: MainPrx) -> Result<Option<Self>, Self::Error> {
        main.get_authenticator().await
    }
}

impl Named for MediaCatalogPrx {
    const NAME: &'static str = "catalogue";
    type Error = GetCatalogServiceError;

    async fn ask(main: MainPrx) -> Result<Option<Self>, Self::Error> {
        main.get_catalog_service().await
    }
}

impl Door {
    /// Every endpoint of the proxy is taken for an instance of its own: Ice
    /// itself would stay with the one that it is connected to, though it hangs.
    pub(super) fn new(proxy: &ObjectPrx) -> Self {
        let mut mains: Vec<MainPrx> = proxy
            .endpoints()
            .iter()
            .filter_map(|endpoint| proxy.with_endpoints(&endpoint.to_string()).ok())
            .map(|instance| instance.unchecked_cast())
            .collect();
        if mains.is_empty() {
            mains.push(proxy.unchecked_cast());
        }
        // Not everybody goes to the first one first.
        let chance = RandomState::new().build_hasher().finish();
        let first = usize::try_from(chance % mains.len() as u64).unwrap_or(0);
        mains.rotate_left(first);
        Self {
            mains: Known::new(mains),
        }
    }

    /// Asks one instance after the other whether it is a Main.
    ///
    /// # Errors
    ///
    /// Where none can be reached.
    pub(super) async fn knock(&self) -> Option<Result<bool, ice::Error>> {
        let ask = |main: MainPrx| async move { main.ice_is_a(MainPrx::TYPE_ID).await };
        go_round(self.round(), Patience::READ, usual_worth, ask).await
    }

    async fn name<P: Named>(&self) -> Option<Result<Option<P>, P::Error>> {
        go_round(self.round(), Patience::READ, usual_worth, P::ask).await
    }

    fn round(&self) -> Mains {
        Mains {
            known: self.mains.clone(),
            left: Mutex::new(self.mains.all().into()),
        }
    }
}

struct Mains {
    known: Known<MainPrx>,
    left: Mutex<VecDeque<MainPrx>>,
}

impl Source for Mains {
    type Candidate = MainPrx;

    async fn next(&self, _: bool) -> Option<MainPrx> {
        lock(&self.left).pop_front()
    }

    fn silent(&self, main: &MainPrx) {
        self.known.doubt(main);
    }

    fn answered(&self, main: &MainPrx) {
        self.known.trust(main);
    }

    fn lost(&self, main: &MainPrx, _: &ice::Error) {
        self.known.doubt(main);
    }
}

/// A round of the services that Main names, and, where none of them answers, of
/// those that it named before: it may be gone, or so new that it knows of nobody
/// yet.
pub(super) struct Services<P> {
    door: Door,
    known: Known<P>,
    named: Mutex<Vec<P>>,
    asked: AtomicUsize,
    trouble: Trouble,
}

/// Why Main named nobody, for whoever started the round.
#[derive(Clone, Debug, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<ice::Error>>>);

impl Trouble {
    /// What to tell where a round came to nothing.
    pub(super) fn into_error<P: Named>(self) -> Error {
        let trouble = lock(&self.0).take();
        match trouble {
            Some(source) => Error::Call {
                doing: "ask Main",
                reason: source,
            },
            None => Error::NoService(P::NAME),
        }
    }
}

impl<P: Named> Services<P> {
    pub(super) fn new(door: Door, known: Known<P>, trouble: Trouble) -> Self {
        Self {
            door,
            known,
            named: Mutex::default(),
            asked: AtomicUsize::new(0),
            trouble,
        }
    }

    /// One that Main names, is trusted, and was not named in this round.
    async fn next_of_main(&self) -> Option<P> {
        while self.asked.fetch_add(1, Ordering::Relaxed) < ASKED {
            match self.door.name::<P>().await {
                Some(Ok(Some(proxy))) => {
                    if self.known.name(&proxy) && !lock(&self.named).contains(&proxy) {
                        return Some(proxy);
                    }
                }
                Some(Err(error)) => {
                    // That there is nobody at the moment is no trouble of Main's.
                    *lock(&self.trouble.0) = error.ice().cloned();
                    self.asked.store(ASKED, Ordering::Relaxed);
                }
                Some(Ok(None)) | None => self.asked.store(ASKED, Ordering::Relaxed),
            }
        }
        None
    }

    /// One that was named before, and not in this round.
    fn next_known(&self) -> Option<P> {
        let named = lock(&self.named);
        let mut known = self.known.all().into_iter();
        known.find(|proxy| !named.contains(proxy))
    }
}

impl<P: Named> Source for Services<P> {
    type Candidate = P;

    async fn next(&self, has_answer: bool) -> Option<P> {
        let next = match self.next_of_main().await {
            Some(proxy) => proxy,
            None if has_answer => return None,
            None => self.next_known()?,
        };
        lock(&self.named).push(next.clone());
        Some(next)
    }

    fn silent(&self, service: &P) {
        self.known.doubt(service);
    }

    fn answered(&self, service: &P) {
        self.known.trust(service);
    }

    fn lost(&self, service: &P, _: &ice::Error) {
        self.known.doubt(service);
    }
}

/// What a panicking holder leaves behind is whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
