//! Services as real objects of Ice on the loopback interface, each in a
//! communicator of its own, as if in a process of its own.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ice::{Adapter, Communicator, Current, Identity, Properties, Prx as _};
use iceflix_service::{
    metrics::Metrics,
    peers::{Change, Event, Kind, Registry},
    token::Checks,
};
use iceflix_slice::{
    Authenticator, AuthenticatorPrx, AuthenticatorServant, TokenRevocation as _, Unauthorized,
    authenticator::RefreshAuthorizationError,
};
use tokio::{sync::broadcast::Receiver, time::timeout};

pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// An Authentication service that knows a few tokens.
#[derive(Default)]
pub(crate) struct Issuer {
    pub(crate) asked: AtomicUsize,
    pub(crate) hangs: AtomicBool,
    /// Whom the revocation of a token reaches before the answer that it is
    /// valid.
    pub(crate) overtaken_at: Mutex<Option<Checks>>,
    /// Whether no token is valid once that is said.
    pub(crate) ended: AtomicBool,
}

pub(crate) const TOKEN: &str = "the one token";

/// How many others begin that are as good.
pub(crate) const GOOD: &str = "as good as the one: ";

impl Authenticator for Issuer {
    async fn refresh_authorization(
        &self,
        _: String,
        _: String,
        _: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        Err(Unauthorized {}.into())
    }

    async fn is_authorized(&self, token: String, current: &Current) -> Result<bool, ice::Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let overtaken = self.overtaken_at.lock().unwrap().take();
        if let Some(checks) = overtaken {
            checks.revoke(token, current).await?;
            return Ok(true);
        }
        let good = token == TOKEN || token.starts_with(GOOD);
        Ok(good && !self.ended.load(Ordering::Relaxed))
    }
}

pub(crate) struct Process {
    pub(crate) communicator: Communicator,
    _adapter: Adapter,
    pub(crate) issuer: Arc<Issuer>,
    pub(crate) proxy: AuthenticatorPrx,
}

/// What asks those about tokens whom this registry knows.
pub(crate) fn checks(peers: &Registry) -> Checks {
    Checks::new(peers.authenticators().clone(), &Metrics::new("catalog"))
}

pub(crate) fn communicator() -> Communicator {
    let properties = Properties::new().unwrap();
    for (name, value) in [
        ("Ice.Default.InvocationTimeout", "500"),
        ("Ice.Override.ConnectTimeout", "500"),
        ("Ice.RetryIntervals", "-1"),
    ] {
        properties.set(name, value).unwrap();
    }
    Communicator::new(properties).unwrap()
}

/// A service in a communicator of its own, as if in a process of its own; seen by `from`.
pub(crate) fn process(from: &Communicator) -> Process {
    let communicator = communicator();
    let adapter = communicator
        .create_adapter_with_endpoints("Service", "tcp -h 127.0.0.1")
        .unwrap();
    let issuer = Arc::new(Issuer::default());
    let servant = AuthenticatorServant::from_arc(Arc::clone(&issuer));
    let proxy = adapter
        .add(servant, Identity::new("Authenticator"))
        .unwrap();
    adapter.activate().unwrap();
    let proxy = from.string_to_proxy(&proxy.to_string()).unwrap();
    Process {
        communicator,
        _adapter: adapter,
        issuer,
        proxy: proxy.unchecked_cast(),
    }
}

/// Waits until no more than these tasks are left in the background.
pub(crate) async fn alive_tasks(count: usize) {
    let metrics = tokio::runtime::Handle::current().metrics();
    timeout(PATIENCE, async {
        while metrics.num_alive_tasks() > count {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the others end");
}

pub(crate) async fn changed(changes: &mut Receiver<Change>, id: &str, event: Event) {
    let change = timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    assert_eq!(
        (change.kind, change.id.as_str(), change.event),
        (Kind::Authenticator, id, event)
    );
}

/// Has an Authentication service announce itself, and waits until it is found.
pub(crate) async fn found(peers: &Registry, id: &str, process: &Process) {
    comes(peers, &mut peers.changes(), id, process).await;
}

/// The same for whoever listens to all changes.
pub(crate) async fn comes(
    peers: &Registry,
    changes: &mut Receiver<Change>,
    id: &str,
    process: &Process,
) {
    announced(peers, changes, id, &process.proxy).await;
}

/// Announces what answers at `proxy`, and waits until it is found. As a service does, it announces
/// itself again where nobody has noticed: on a busy machine the proof that it is there may take
/// too long.
pub(crate) async fn announced(
    peers: &Registry,
    changes: &mut Receiver<Change>,
    id: &str,
    proxy: &AuthenticatorPrx,
) {
    let found = async {
        loop {
            let proxy = Some(proxy.clone());
            peers.authenticators().announced(id.to_owned(), proxy);
            if let Ok(change) = timeout(Duration::from_secs(2), changes.recv()).await {
                return change.unwrap();
            }
        }
    };
    let change = timeout(PATIENCE, found).await.unwrap();
    assert_eq!((change.id.as_str(), change.event), (id, Event::Found));
}
