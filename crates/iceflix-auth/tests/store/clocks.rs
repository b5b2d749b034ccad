//! Clocks that are turned, machines that are started again, and instances that agree all the same.

use std::time::Duration;

use iceflix_database::Engine;
use iceflix_testkit::Postgres;

use crate::site::*;

on_both!(
    instances_that_started_at_different_times_agree_when_a_token_ends,
    tokens_that_lie_ahead_live_no_longer_than_a_life,
);

async fn instances_that_started_at_different_times_agree_when_a_token_ends(engine: Engine) {
    let lifetime = Duration::from_secs(5);
    let site = Site::with_users(engine, &["ana"]).await;
    let config = iceflix_auth::store::Config {
        token_lifetime: lifetime,
        ..Default::default()
    };
    let one = site.real_service_with(config).await;
    let asked = std::time::Instant::now();
    let token = login(&one, "ana").await;
    let other = site.real_service_with(config).await;
    // The other has just started, and publishes it in its time.
    assert_eq!(published(&other).await, [token]);
    assert!(asked.elapsed() > lifetime - Duration::from_millis(100));
    assert!(!valid(&one, token).await);
}

/// What lies ahead was issued before a clock was turned back.
async fn tokens_that_lie_ahead_live_no_longer_than_a_life(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let token = login(&site.real_service().await, "ana").await;
    site.outside(
        "UPDATE tokens SET issued_at = issued_at + 3600000, expires_at = expires_at + 3600000; \
         UPDATE revision SET number = number + 1",
    )
    .await;
    if engine == Engine::Sqlite {
        // The clock of a machine is put back when it is started again, and only then.
        site.outside("UPDATE revision SET boot = 'another'").await;
        let store = site.real_service().await;
        assert!(!valid(&store, token).await);
        assert_eq!(published(&store).await, [token]);
        return;
    }
    let store = site.real_service().await;
    assert!(valid(&store, token).await);
    let left = "SELECT max(expires_at) - users_clock() FROM tokens";
    let left = Postgres::shared().sql(&site.url, left);
    assert!(left.parse::<i64>().expect("a number") <= 30_000, "{left}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_turns_the_clock_of_the_server_ends_no_token_and_prolongs_none() {
    let site = Site::with_users(Engine::Postgres, &["ana"]).await;
    for hours in [1, -2] {
        let (one, other) = (site.real_service().await, site.real_service().await);
        let token = login(&one, "ana").await;
        assert!(valid(&other, token).await);
        let turned = format!(
            "CREATE OR REPLACE FUNCTION users_clock() RETURNS BIGINT LANGUAGE sql VOLATILE AS \
             'SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT) + 3600000 * {hours}'"
        );
        site.outside(&turned).await;
        // Both look, until one has noticed and the other has seen what it did about it.
        let shift = "SELECT shift FROM revision";
        let before = Postgres::shared().sql(&site.url, shift);
        let looking = async { tokio::join!(one.tokens().ended(), other.tokens().ended()) };
        let set_right = async {
            while Postgres::shared().sql(&site.url, shift) == before {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            tokio::time::sleep(Duration::from_secs(2)).await;
        };
        tokio::select! {
            ended = looking => panic!("a token ended: {ended:?}"),
            () = set_right => {}
            () = tokio::time::sleep(Duration::from_secs(20)) => panic!("nobody noticed"),
        }
        let third = site.real_service().await;
        for store in [&one, &other, &third] {
            assert!(valid(store, token).await, "{hours}");
        }
        let left =
            "SELECT max(expires_at) - users_clock() - shift FROM tokens, revision GROUP BY shift";
        let left = Postgres::shared().sql(&site.url, left);
        let left = left.parse::<i64>().expect("a number");
        assert!((5_000..=30_000).contains(&left), "{left}");
        let renewed = login(&other, "ana").await;
        assert!(valid(&one, renewed).await);
    }
}
