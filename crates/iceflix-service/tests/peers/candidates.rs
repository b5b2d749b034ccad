//! Services that come, go and lie.

use ice::Prx as _;
use iceflix_service::peers::{Event, Registry};
use iceflix_slice::StreamProviderPrx;
use std::time::Duration;

use crate::scene::{alive_tasks, changed, comes, communicator, process};

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
    comes(&peers, &mut changes, "real", &real).await;
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
    comes(&peers, &mut changes, "id", &first).await;
    first.communicator.destroy().await;
    changed(&mut changes, "id", Event::Lost).await;
    assert!(peers.authenticators().all().is_empty());

    let second = process(&here);
    comes(&peers, &mut changes, "id", &second).await;
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
        comes(&peers, &mut changes, "id", &one).await;
        peers.authenticators().departed("id");
        changed(&mut changes, "id", Event::Departed).await;
    }
    alive_tasks(1).await;
}

#[tokio::test]
async fn silence_alone_strikes_nobody_off() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let quiet = process(&here);
    comes(&peers, &mut changes, "quiet", &quiet).await;
    peers.sweep(Duration::ZERO).await;
    assert_eq!(peers.authenticators().all().len(), 1);
}

#[tokio::test]
async fn an_id_belongs_to_whoever_has_it_as_long_as_that_one_lives() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (owner, thief) = (process(&here), process(&here));
    comes(&peers, &mut changes, "id", &owner).await;
    peers
        .authenticators()
        .announced("id".to_owned(), Some(thief.proxy.clone()));
    comes(&peers, &mut changes, "other", &thief).await;
    assert_eq!(peers.authenticators().get("id"), Some(owner.proxy.clone()));
}

#[tokio::test]
async fn a_goodbye_in_the_name_of_another_gives_its_id_to_nobody() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (real, thief) = (process(&here), process(&here));
    let authenticators = peers.authenticators();
    comes(&peers, &mut changes, "id", &real).await;
    authenticators.departed("id");
    changed(&mut changes, "id", Event::Departed).await;
    assert!(authenticators.next_in_turn().is_none());

    authenticators.announced("id".to_owned(), Some(thief.proxy.clone()));
    alive_tasks(1).await;
    assert_eq!(authenticators.all(), []);
    // It announces itself as ever, or answers long after where it does not.
    for again in [true, false] {
        if again {
            authenticators.announced("id".to_owned(), Some(real.proxy.clone()));
        } else {
            peers.sweep(Duration::ZERO).await;
        }
        changed(&mut changes, "id", Event::Found).await;
        assert_eq!(authenticators.get("id"), Some(real.proxy.clone()));
        authenticators.departed("id");
        changed(&mut changes, "id", Event::Departed).await;
    }
    // Once it is really gone its id is free.
    real.communicator.destroy().await;
    alive_tasks(0).await;
    comes(&peers, &mut changes, "id", &thief).await;
}
