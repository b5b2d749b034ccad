//! Logins: who gets in, who does not, and what each costs.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use iceflix_auth::store::{Config, Refusal, Rules};
use iceflix_database::Engine;

use crate::site::*;

on_both!(
    wrong_and_malformed_credentials_are_refused,
    a_renewal_does_not_pay_the_slow_hash,
    whoever_is_refused_has_paid_one_slow_hash_whatever_the_reason,
    right_logins_that_come_together_share_one_slow_hash_and_crowd_nobody_out,
    a_flood_of_wrong_logins_takes_bounded_memory_and_stops_neither_checks_nor_renewals,
    a_right_login_goes_on_beside_a_hundred_wrong_ones_from_its_own_address,
    guessing_is_slowed_down,
);

async fn wrong_and_malformed_credentials_are_refused(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    assert_eq!(refused(&store, "ana", &sent("wrong")).await, Refusal::Wrong);
    assert_eq!(refused(&store, "eva", &sent("eva")).await, Refusal::Wrong);
    assert_eq!(refused(&store, "Ana", &sent("ana")).await, Refusal::Wrong);
    for (user, hash) in [
        ("ana", "ana".to_owned()),
        ("ana", sent("ana").to_uppercase()),
        ("", sent("ana")),
        ("ana\0", sent("ana")),
        (&"a".repeat(1 << 20), "a".repeat(1 << 20)),
    ] {
        assert_eq!(refused(&store, user, &hash).await, Refusal::Malformed);
    }
}

async fn a_renewal_does_not_pay_the_slow_hash(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    login(&store, "ana").await;
    let paid = store.slow_hashes();
    for _ in 0..20 {
        login(&store, "ana").await;
    }
    assert_eq!(store.slow_hashes(), paid);
}

async fn whoever_is_refused_has_paid_one_slow_hash_whatever_the_reason(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let store = site.service(Hand::new()).await;
    // Known to the service, and locked since.
    login(&store, "eva").await;
    site.users.lock(&name("eva")).await.expect("locked");
    for (user, password, reason) in [
        ("ana", "wrong", Refusal::Wrong),
        ("nobody", "nobody", Refusal::Wrong),
        ("eva", "wrong", Refusal::Wrong),
        ("eva", "eva", Refusal::Locked),
    ] {
        for _ in 0..3 {
            let paid = store.slow_hashes();
            assert_eq!(refused(&store, user, &sent(password)).await, reason);
            assert_eq!(store.slow_hashes() - paid, 1, "{user}");
        }
    }
}

async fn right_logins_that_come_together_share_one_slow_hash_and_crowd_nobody_out(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.real_service().await;
    let paid = store.slow_hashes();
    let together = (0..200).map(|_| login(&store, "ana"));
    let tokens = futures_util::future::join_all(together).await;
    assert_eq!(tokens.len(), 200);
    assert!(store.slow_hashes() - paid <= 2, "{}", store.slow_hashes());
}

async fn a_flood_of_wrong_logins_takes_bounded_memory_and_stops_neither_checks_nor_renewals(
    engine: Engine,
) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = Arc::new(site.real_service().await);
    let token = login(&store, "ana").await;
    let flood: Vec<_> = (0..1_000_u32)
        .map(|n| {
            let store = Arc::clone(&store);
            // Users and addresses without number.
            let from = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + n));
            tokio::spawn(async move {
                let user = format!("user{n}");
                store.login(&user, &sent("wrong"), from).await
            })
        })
        .collect();

    let before = resident();
    for _ in 0..100 {
        assert!(valid(&store, token).await);
        login(&store, "ana").await;
    }
    // A slow hash takes 46 MiB: a thousand at once would take as many GiB. Other tests of this process take theirs, each as
    // many as there are processors.
    let processors = std::thread::available_parallelism().map_or(1, |n| n.get());
    let grown = resident().saturating_sub(before);
    assert!(grown < processors * 10 * 50, "{grown} MiB more");
    for one in flood {
        // To be kept waiting for too long by so many others is an answer as well.
        if let Ok(login) = one.await.expect("an answer") {
            let refusal = login.expect_err("a wrong password");
            assert!(
                matches!(refusal, Refusal::Wrong | Refusal::Crowded),
                "{refusal}"
            );
        }
    }
}

/// The memory of this process, in MiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("a status");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.expect("a size").parse::<usize>().expect("a number") / 1024
}

async fn a_right_login_goes_on_beside_a_hundred_wrong_ones_from_its_own_address(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let store = Arc::new(site.real_service().await);
    login(&store, "ana").await;
    let wrong = (0..100).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { refused(&store, "ana", &sent(&n.to_string())).await })
    });
    let wrong: Vec<_> = wrong.collect();

    // A turn for each would take longer than that.
    let started = Instant::now();
    for _ in 0..10 {
        login(&store, "ana").await;
    }
    let renewals = started.elapsed();
    assert!(renewals < Duration::from_secs(2), "{renewals:?}");
    login(&store, "eva").await;

    for one in wrong {
        let refusal = one.await.expect("an answer");
        assert!(
            matches!(refusal, Refusal::Wrong | Refusal::Crowded),
            "{refusal}"
        );
    }
}

async fn guessing_is_slowed_down(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let config = Config {
        user_pace: Rules {
            burst: 1,
            interval: Duration::from_millis(400),
        },
        ..Config::default()
    };
    let store = site.real_service_with(config).await;
    let started = Instant::now();
    for guess in ["1", "2", "3"] {
        refused(&store, "ana", &sent(guess)).await;
    }
    assert!(
        started.elapsed() >= Duration::from_millis(800),
        "{:?}",
        started.elapsed()
    );
    login(&store, "ana").await;
}
