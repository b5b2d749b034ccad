//! Tokens, checked with services that come, go and hang.

use std::sync::atomic::Ordering;

use iceflix_service::{peers::Registry, token::Verdict};
use tokio::time::timeout;

use crate::scene::{GOOD, PATIENCE, TOKEN, checks, communicator, found, process};

#[tokio::test]
async fn one_that_hangs_costs_one_check_a_moment_and_further_ones_nothing() {
    let here = communicator();
    let peers = Registry::new("own id");
    let (hanging, living) = (process(&here), process(&here));
    found(&peers, "hanging", &hanging).await;
    found(&peers, "living", &living).await;
    hanging.issuer.hangs.store(true, Ordering::Relaxed);
    let checks = checks(&peers);
    assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
    let hung = || hanging.issuer.asked.load(Ordering::Relaxed);
    assert_eq!(hung(), 1);
    for number in 0..10 {
        let token = format!("{GOOD}{number}");
        assert_eq!(checks.check(&token).await, Verdict::Valid);
    }
    // On a busy machine the living one may be silent for a moment too.
    assert!(hung() <= 2, "{}", hung());
}

#[tokio::test]
async fn a_check_goes_on_until_none_is_left() {
    let here = communicator();
    let peers = Registry::new("own id");
    let (hanging, living) = (process(&here), process(&here));
    found(&peers, "hanging", &hanging).await;
    found(&peers, "living", &living).await;
    hanging.issuer.hangs.store(true, Ordering::Relaxed);
    living.communicator.destroy().await;
    let checks = checks(&peers);
    assert_eq!(checks.check("not remembered").await, Verdict::Unknown);
    assert!(peers.authenticators().all().is_empty());
}

#[tokio::test]
async fn who_has_just_started_waits_a_moment_for_somebody_to_ask() {
    let here = communicator();
    let peers = Registry::new("own id");
    let issuer = process(&here);
    let checks = checks(&peers);
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
    let issuer = process(&here);
    found(&peers, "issuer", &issuer).await;
    let checks = checks(&peers);
    let all = (0..100).map(|_| checks.check(TOKEN));
    let verdicts = futures_util::future::join_all(all).await;
    assert!(verdicts.iter().all(|verdict| *verdict == Verdict::Valid));
    assert_eq!(issuer.issuer.asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_revocation_that_overtakes_an_answer_is_asked_about_and_not_believed() {
    let here = communicator();
    let peers = Registry::new("own id");
    let issuer = process(&here);
    found(&peers, "issuer", &issuer).await;
    for (ended, verdict) in [(false, Verdict::Valid), (true, Verdict::Invalid)] {
        let checks = checks(&peers);
        issuer.issuer.ended.store(ended, Ordering::Relaxed);
        *issuer.issuer.overtaken_at.lock().unwrap() = Some(checks.clone());
        assert_eq!(checks.check(TOKEN).await, verdict);
    }
    assert_eq!(issuer.issuer.asked.load(Ordering::Relaxed), 4);
}

#[tokio::test]
async fn a_token_is_valid_where_anybody_knows_it_and_is_asked_for_once_a_second_at_most() {
    let here = communicator();
    let peers = Registry::new("own id");
    let checks = checks(&peers);
    assert_eq!(checks.check(TOKEN).await, Verdict::Unknown, "nobody to ask");

    let issuer = process(&here);
    found(&peers, "issuer", &issuer).await;
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
    // In the end it is forgotten.
    let asked_again = async {
        while issuer.issuer.asked.load(Ordering::Relaxed) == before + 1 {
            assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, asked_again).await.unwrap();
}

#[tokio::test]
async fn more_tokens_than_can_be_asked_about_keep_no_known_one_out() {
    let here = communicator();
    let peers = Registry::new("own id");
    let issuer = process(&here);
    found(&peers, "issuer", &issuer).await;
    let checks = checks(&peers);
    assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
    issuer.issuer.hangs.store(true, Ordering::Relaxed);
    let tokens: Vec<_> = (0..10_000)
        .map(|number| format!("{GOOD}{number}"))
        .collect();
    let mut checked: Vec<_> = tokens
        .iter()
        .map(|token| Box::pin(checks.check(token)))
        .collect();
    for check in &mut checked[..5000] {
        // Each is begun, and those beyond the bound have their answer at once.
        let _ = futures_util::poll!(check);
    }
    assert_eq!(checks.check(&tokens[9999]).await, Verdict::Unknown);
    assert_eq!(checks.check(TOKEN).await, Verdict::Valid);
}
