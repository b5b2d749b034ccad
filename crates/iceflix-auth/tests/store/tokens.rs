//! Tokens: how long they live, who accepts them, and that each end is published once.

use std::time::Duration;

use iceflix_auth::store::Clock as _;
use iceflix_auth::store::token::Token;
use iceflix_database::Engine;

use crate::site::*;

on_both!(
    a_login_gives_a_token_that_lives_for_its_time_and_is_published_once,
    several_tokens_of_one_user_live_side_by_side,
    a_revoked_token_ends_at_once_and_alone,
    no_text_but_a_token_is_valid,
    instances_accept_each_others_tokens_also_of_a_dead_one,
    of_two_instances_one_publishes_the_end_of_a_token,
    ends_of_more_tokens_than_any_queue_holds_are_each_published_once,
    a_token_that_one_instance_revokes_is_forgotten_by_the_others,
    users_and_tokens_are_counted,
);

async fn a_login_gives_a_token_that_lives_for_its_time_and_is_published_once(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let token = login(&store, "ana").await;
    assert!(valid(&store, token).await);
    let owner = store
        .tokens()
        .owner(&token.to_string())
        .await
        .expect("the database");
    assert_eq!(owner.as_deref(), Some("ana"));

    clock.turn(Duration::from_millis(29_999));
    assert!(valid(&store, token).await);
    assert!(collected(&store).await.is_empty());

    clock.turn(Duration::from_millis(1));
    assert!(!valid(&store, token).await);
    assert_eq!(published(&store).await, [token]);
    assert!(collected(&store).await.is_empty());
}

async fn several_tokens_of_one_user_live_side_by_side(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let first = login(&store, "ana").await;
    clock.turn(Duration::from_secs(20));
    let second = login(&store, "ana").await;
    assert_ne!(first, second);
    assert!(valid(&store, first).await && valid(&store, second).await);

    clock.turn(Duration::from_secs(10));
    assert_eq!(published(&store).await, [first]);
    assert!(valid(&store, second).await);
}

async fn a_revoked_token_ends_at_once_and_alone(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    let (one, other) = (login(&store, "ana").await, login(&store, "ana").await);

    store
        .tokens()
        .revoke(&one.to_string())
        .await
        .expect("revoked");
    store.tokens().revoke("no token").await.expect("ignored");
    assert!(!valid(&store, one).await);
    assert!(valid(&store, other).await);
    assert_eq!(published(&store).await, [one]);
}

async fn no_text_but_a_token_is_valid(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    let token = login(&store, "ana").await.to_string();
    for text in [
        "",
        "'; DROP TABLE tokens; --",
        &token[1..],
        &token
            .to_uppercase()
            .replace(|c: char| c.is_ascii_digit(), "A"),
        &"0".repeat(32),
        &"0".repeat(1 << 20),
    ] {
        assert!(!store.tokens().is_valid(text).await.expect("the database"));
    }
}

async fn instances_accept_each_others_tokens_also_of_a_dead_one(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let clock = Hand::new();
    let (one, other) = (
        site.service(clock.clone()).await,
        site.service(clock.clone()).await,
    );
    let token = login(&one, "ana").await;
    assert!(valid(&other, token).await);
    one.close().await;
    drop(one);
    assert!(valid(&other, token).await);

    clock.turn(Duration::from_secs(30));
    other.tokens().wake();
    assert_eq!(published(&other).await, [token], "in place of the dead one");
}

async fn of_two_instances_one_publishes_the_end_of_a_token(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let clock = Hand::new();
    let (one, other) = (
        site.service(clock.clone()).await,
        site.service(clock.clone()).await,
    );
    let mut issued = Vec::new();
    for _ in 0..20 {
        issued.push(login(&one, "ana").await.to_string());
    }
    clock.turn(Duration::from_secs(30));
    let (mine, yours) = tokio::join!(one.tokens().collect(), other.tokens().collect());
    let mut ended = mine.expect("the database");
    ended.extend(yours.expect("the database"));
    let mut ended: Vec<_> = ended.iter().map(Token::to_string).collect();
    ended.sort();
    issued.sort();
    assert_eq!(ended, issued);
}

async fn ends_of_more_tokens_than_any_queue_holds_are_each_published_once(engine: Engine) {
    const MANY: usize = 12_000;
    let site = Site::with_users(engine, &["ana"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let ends = (clock.now() + Duration::from_secs(30)).as_millis();
    let issued: Vec<String> = (0..MANY).map(|n| format!("{n:032x}")).collect();
    let rows: Vec<String> = issued
        .iter()
        .map(|token| format!("('{token}', 'ana', 0, {ends})"))
        .collect();
    // As many as an argument of psql can hold.
    for rows in rows.chunks(1_000) {
        let columns = "tokens (token, user_name, issued_at, expires_at)";
        site.outside(&format!("INSERT INTO {columns} VALUES {}", rows.join(", ")))
            .await;
    }
    let last = Token::parse(&issued[MANY - 1]).expect("a token");
    assert!(valid(&store, last).await);
    clock.turn(Duration::from_secs(30));
    let mut ended: Vec<String> = published(&store)
        .await
        .iter()
        .map(Token::to_string)
        .collect();
    ended.sort();
    assert_eq!(ended, issued);
    assert!(!valid(&store, last).await);
    assert!(collected(&store).await.is_empty());
}

async fn a_token_that_one_instance_revokes_is_forgotten_by_the_others(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let (one, other) = (site.real_service().await, site.real_service().await);
    let token = login(&one, "ana").await;
    assert!(valid(&other, token).await, "known now");
    one.tokens()
        .revoke(&token.to_string())
        .await
        .expect("revoked");
    assert_eq!(published(&one).await, [token]);
    until_ended(&other, token).await;
    assert!(collected(&other).await.is_empty());
}

async fn users_and_tokens_are_counted(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let clock = Hand::new();
    let store = site.service(clock.clone()).await;
    let counts = async || {
        let counts = store.counts().await.expect("the database");
        (counts.users, counts.tokens)
    };
    assert_eq!(counts().await, (2, 0));
    login(&store, "ana").await;
    login(&store, "ana").await;
    assert_eq!(counts().await, (2, 2));
    clock.turn(Duration::from_secs(30));
    assert_eq!(counts().await, (2, 0));
    store.ping().await.expect("the database");
}
