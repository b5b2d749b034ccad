//! A PostgreSQL server that is killed, started again, or hangs, while tokens are issued and checked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use iceflix_auth::store::Config;
use iceflix_auth::store::token::Token;
use iceflix_testkit::Postgres;
use iceflix_testkit::postgres::PASSWORD;

use crate::site::*;

/// Longer than a server that is away may cost a caller, on a busy machine.
const IN_TIME: Duration = Duration::from_secs(12);

/// Long enough that no token ends by itself.
const CONFIG: Config = Config {
    token_lifetime: Duration::from_secs(600),
    ..Config::DEFAULT
};

async fn site(server: &Postgres) -> Site {
    let directory = tempfile::tempdir().expect("a directory");
    Site::at(server.database(), directory, &["ana"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_lost_that_was_given_out_before_or_while_the_server_was_killed() {
    let mut server = Postgres::start();
    let site = site(&server).await;
    let store = Arc::new(site.real_service_with(CONFIG).await);
    login(&store, "ana").await;

    let stop = Arc::new(AtomicBool::new(false));
    let count = Arc::new(AtomicUsize::new(0));
    let viewers: Vec<_> = (0..4)
        .map(|_| {
            let (store, stop) = (Arc::clone(&store), Arc::clone(&stop));
            let count = Arc::clone(&count);
            tokio::spawn(async move {
                let (mut tokens, mut failed) = (Vec::new(), 0);
                while !stop.load(Ordering::Relaxed) {
                    match store.login("ana", &sent("ana"), HERE).await {
                        Ok(token) => {
                            tokens.push(token.expect("right credentials"));
                            count.fetch_add(1, Ordering::Relaxed);
                        }
                        Err(error) => {
                            assert!(!format!("{error:?}").contains(PASSWORD));
                            failed += 1;
                        }
                    }
                    // Those of before are accepted all the while.
                    for token in tokens.iter().rev().take(3) {
                        assert!(valid(&store, *token).await);
                    }
                }
                (tokens, failed)
            })
        })
        .collect();
    let twenty_more = async || {
        let wanted = count.load(Ordering::Relaxed) + 20;
        while count.load(Ordering::Relaxed) < wanted {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    for _ in 0..3 {
        twenty_more().await;
        server = tokio::task::spawn_blocking(move || {
            server.restart();
            server
        })
        .await
        .expect("restarted");
    }
    twenty_more().await;
    stop.store(true, Ordering::Relaxed);

    let mut given_out: Vec<Token> = Vec::new();
    for viewer in viewers {
        let (tokens, failed) = viewer.await.expect("a viewer");
        println!("{} tokens, {failed} logins failed", tokens.len());
        given_out.extend(tokens);
    }
    // Another instance knows them from the database alone.
    let other = site.real_service_with(CONFIG).await;
    for token in given_out {
        assert!(valid(&other, token).await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_away_known_tokens_are_accepted_and_nobody_is_told_that_others_are_wrong()
 {
    let mut server = Postgres::start();
    let site = site(&server).await;
    let (one, other) = (
        site.real_service_with(CONFIG).await,
        site.real_service_with(CONFIG).await,
    );
    let (known, unknown) = (login(&one, "ana").await, login(&other, "ana").await);
    for hang in [true, false] {
        if hang {
            server.suspend();
        } else {
            server.kill();
        }
        let started = Instant::now();
        for _ in 0..100 {
            assert!(valid(&one, known).await);
        }
        assert!(started.elapsed() < Duration::from_secs(1));
        let no_token = one.tokens().is_valid("no token").await;
        assert!(!no_token.expect("the database need not be asked"));

        let (unknown, hash) = (unknown.to_string(), sent("ana"));
        let (checked, logged_in, looked) = tokio::join!(
            one.tokens().is_valid(&unknown),
            one.login("ana", &hash, HERE),
            one.tokens().ended(),
        );
        checked.expect_err("nobody knows");
        logged_in.expect_err("it cannot be kept");
        looked.expect_err("it cannot be seen");
        assert!(started.elapsed() < IN_TIME, "{:?}", started.elapsed());

        if hang {
            server.resume();
        } else {
            server.restart();
        }
        login(&one, "ana").await;
        if !hang {
            assert!(one.tokens().is_valid(&unknown).await.expect("it is back"));
        }
    }
    assert!(!server.log().contains(PASSWORD));
}
