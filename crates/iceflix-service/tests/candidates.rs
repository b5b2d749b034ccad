//! Services that come, go, lie and hang, as real objects of Ice on the loopback interface.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use ice::{Adapter, Communicator, Current, Identity, Properties, Prx as _};
use iceflix_service::{
    peers::{Event, Kind, Registry},
    token::{Checks, Verdict},
};
use iceflix_slice::{
    Authenticator, AuthenticatorPrx, AuthenticatorServant, StreamProviderPrx, Unauthorized,
    authenticator::RefreshAuthorizationError,
};
use tokio::time::timeout;

const PATIENCE: Duration = Duration::from_secs(20);

/// An Authentication service that knows a few tokens.
#[derive(Default)]
struct Issuer {
    asked: AtomicUsize,
    hangs: AtomicBool,
}

const TOKEN: &str = "the one token";

/// How many others begin that are as good.
const GOOD: &str = "as good as the one: ";

impl Authenticator for Issuer {
    async fn refresh_authorization(
        &self,
        _: String,
        _: String,
        _: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        Err(Unauthorized {}.into())
    }

    async fn is_authorized(&self, token: String, _: &Current) -> Result<bool, ice::Error> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        if self.hangs.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        Ok(token == TOKEN || token.starts_with(GOOD))
    }
}

struct Process {
    communicator: Communicator,
    _adapter: Adapter,
    issuer: Arc<Issuer>,
    proxy: AuthenticatorPrx,
}

fn communicator() -> Communicator {
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
fn process(from: &Communicator) -> Process {
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
async fn alive_tasks(count: usize) {
    let metrics = tokio::runtime::Handle::current().metrics();
    timeout(PATIENCE, async {
        while metrics.num_alive_tasks() > count {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the others end");
}

async fn changed(
    changes: &mut tokio::sync::broadcast::Receiver<iceflix_service::peers::Change>,
    id: &str,
    event: Event,
) {
    let change = timeout(PATIENCE, changes.recv()).await.unwrap().unwrap();
    assert_eq!(
        (change.kind, change.id.as_str(), change.event),
        (Kind::Authenticator, id, event)
    );
}

#[tokio::test]
async fn only_who_answers_as_what_it_says_it_is_becomes_a_candidate() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let real = process(&here);
    let nowhere = here.string_to_proxy("x:tcp -h 127.0.0.1 -p 9").unwrap();
    let authenticators = peers.authenticators();
    authenticators.announced("nowhere".to_owned(), Some(nowhere.unchecked_cast()));
    authenticators.announced("no proxy".to_owned(), None);
    authenticators.announced(String::new(), Some(real.proxy.clone()));
    authenticators.announced("own id".to_owned(), Some(real.proxy.clone()));
    let posing: StreamProviderPrx = real.proxy.unchecked_cast();
    peers
        .providers()
        .announced("an authenticator".to_owned(), Some(posing));
    authenticators.announced("real".to_owned(), Some(real.proxy.clone()));
    changed(&mut changes, "real", Event::Found).await;
    // The others have been asked, and nobody watches them.
    alive_tasks(1).await;
    assert_eq!(
        authenticators.all(),
        [("real".to_owned(), real.proxy.clone())]
    );
    assert!(peers.providers().all().is_empty());
}

#[tokio::test]
async fn a_service_that_ends_is_struck_off_at_once_and_comes_back_when_it_announces_itself() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let first = process(&here);
    peers
        .authenticators()
        .announced("id".to_owned(), Some(first.proxy.clone()));
    changed(&mut changes, "id", Event::Found).await;
    first.communicator.destroy().await;
    changed(&mut changes, "id", Event::Lost).await;
    assert!(peers.authenticators().all().is_empty());

    let second = process(&here);
    peers
        .authenticators()
        .announced("id".to_owned(), Some(second.proxy.clone()));
    changed(&mut changes, "id", Event::Found).await;
    peers.authenticators().departed("id");
    changed(&mut changes, "id", Event::Departed).await;
}

#[tokio::test]
async fn one_that_comes_and_goes_again_and_again_is_watched_once() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let one = process(&here);
    for _ in 0..10 {
        peers
            .authenticators()
            .announced("id".to_owned(), Some(one.proxy.clone()));
        changed(&mut changes, "id", Event::Found).await;
        peers.authenticators().departed("id");
        changed(&mut changes, "id", Event::Departed).await;
    }
    alive_tasks(0).await;
}

#[tokio::test]
async fn silence_alone_strikes_nobody_off() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let quiet = process(&here);
    peers
        .authenticators()
        .announced("quiet".to_owned(), Some(quiet.proxy.clone()));
    changed(&mut changes, "quiet", Event::Found).await;
    peers.sweep(Duration::ZERO).await;
    assert_eq!(peers.authenticators().all().len(), 1);
}

#[tokio::test]
async fn an_id_belongs_to_whoever_has_it_as_long_as_that_one_lives() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (owner, thief) = (process(&here), process(&here));
    peers
        .authenticators()
        .announced("id".to_owned(), Some(owner.proxy.clone()));
    changed(&mut changes, "id", Event::Found).await;
    peers
        .authenticators()
        .announced("id".to_owned(), Some(thief.proxy.clone()));
    peers
        .authenticators()
        .announced("other".to_owned(), Some(thief.proxy.clone()));
    changed(&mut changes, "other", Event::Found).await;
    assert_eq!(peers.authenticators().get("id"), Some(owner.proxy.clone()));
}

#[tokio::test]
async fn one_that_hangs_costs_one_check_a_moment_and_further_ones_nothing() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (hanging, living) = (process(&here), process(&here));
    for (id, process) in [("hanging", &hanging), ("living", &living)] {
        peers
            .authenticators()
            .announced(id.to_owned(), Some(process.proxy.clone()));
        changed(&mut changes, id, Event::Found).await;
    }
    hanging.issuer.hangs.store(true, Ordering::Relaxed);
    let checks = Checks::new(peers.authenticators().clone());
    assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
    let hung = || hanging.issuer.asked.load(Ordering::Relaxed);
    assert_eq!(hung(), 1);
    for number in 0..10 {
        let token = format!("{GOOD}{number}");
        assert_eq!(checks.check(&token).await, Verdict::Valid);
    }
    assert_eq!(hung(), 1);
}

#[tokio::test]
async fn a_check_goes_on_until_none_is_left() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (hanging, living) = (process(&here), process(&here));
    for (id, process) in [("hanging", &hanging), ("living", &living)] {
        peers
            .authenticators()
            .announced(id.to_owned(), Some(process.proxy.clone()));
        changed(&mut changes, id, Event::Found).await;
    }
    hanging.issuer.hangs.store(true, Ordering::Relaxed);
    living.communicator.destroy().await;
    let checks = Checks::new(peers.authenticators().clone());
    assert_eq!(checks.check("not remembered").await, Verdict::Unknown);
    assert!(peers.authenticators().all().is_empty());
}

#[tokio::test]
async fn who_has_just_started_waits_a_moment_for_somebody_to_ask() {
    let here = communicator();
    let peers = Registry::new("own id");
    let issuer = process(&here);
    let checks = Checks::new(peers.authenticators().clone());
    let announced = async {
        peers
            .authenticators()
            .announced("issuer".to_owned(), Some(issuer.proxy.clone()));
    };
    // The check comes first, and finds an empty table.
    let (verdict, ()) = tokio::join!(biased; checks.check(TOKEN), announced);
    assert_eq!(verdict, Verdict::Valid);
}

#[tokio::test]
async fn those_who_ask_about_one_token_at_once_share_one_question() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let issuer = process(&here);
    peers
        .authenticators()
        .announced("issuer".to_owned(), Some(issuer.proxy.clone()));
    changed(&mut changes, "issuer", Event::Found).await;
    let checks = Checks::new(peers.authenticators().clone());
    let all = (0..100).map(|_| checks.check(TOKEN));
    let verdicts = futures_util::future::join_all(all).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Valid));
    assert_eq!(issuer.issuer.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_token_is_valid_where_anybody_knows_it_and_is_asked_for_once_a_second_at_most() {
    let here = communicator();
    let peers = Registry::new("own id");
    let checks = Checks::new(peers.authenticators().clone());
    assert_eq!(checks.check(TOKEN).await, Verdict::Unknown, "nobody to ask");

    let mut changes = peers.changes();
    let issuer = process(&here);
    peers
        .authenticators()
        .announced("issuer".to_owned(), Some(issuer.proxy.clone()));
    changed(&mut changes, "issuer", Event::Found).await;
    assert_eq!(checks.check("another token").await, Verdict::Invalid);
    let before = issuer.issuer.asked.load(Ordering::Relaxed);
    for _ in 0..10 {
        assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
    }
    assert_eq!(issuer.issuer.asked.load(Ordering::Relaxed), before + 1);
    for nonsense in ["", &"x".repeat(1 << 20)] {
        assert_eq!(checks.check(nonsense).await, Verdict::Invalid);
    }
    assert_eq!(
        issuer.issuer.asked.load(Ordering::Relaxed),
        before + 1,
        "nobody is asked about nonsense"
    );
    tokio::time::sleep(iceflix_service::token::REMEMBERED).await;
    assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
    assert_eq!(issuer.issuer.asked.load(Ordering::Relaxed), before + 2);
}
