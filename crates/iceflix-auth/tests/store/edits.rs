//! Edits of users beside running services.

use std::time::{Duration, Instant};

use iceflix_auth::store::clock::System;
use iceflix_auth::store::user::Hash;
use iceflix_auth::store::{Clock, Error, Refusal};
use iceflix_database::Engine;
use iceflix_testkit::Postgres;

use crate::site::*;

on_both!(
    removing_a_user_from_outside_ends_the_tokens_within_a_second_or_so,
    changing_a_password_ends_the_tokens_and_the_old_password,
    another_instance_forgets_what_it_knew_of_a_removed_user_too,
    a_user_added_again_does_not_get_the_old_password_back,
    users_are_listed_by_name_with_their_times,
    a_locked_user_is_out_at_once_and_in_again_with_the_old_password,
    edits_with_other_programs_mean_the_same,
    nothing_stored_gives_the_password_or_the_user_hash_away,
    what_another_program_writes_wrong_is_an_error_and_no_end,
    users_that_exist_or_do_not_are_named_in_the_error,
);

async fn removing_a_user_from_outside_ends_the_tokens_within_a_second_or_so(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let store = site.real_service().await;
    let (ana, eva) = (login(&store, "ana").await, login(&store, "eva").await);
    // It has looked, and waits.
    let waiting = store.tokens().ended();
    tokio::pin!(waiting);
    assert!(
        tokio::time::timeout(Duration::from_millis(100), &mut waiting)
            .await
            .is_err()
    );

    site.users.remove(&name("ana")).await.expect("removed");
    let removed = Instant::now();
    waiting.await.expect("the database");
    assert_eq!(collected(&store).await, [ana]);
    assert!(
        removed.elapsed() < Duration::from_secs(2),
        "{:?}",
        removed.elapsed()
    );
    assert!(!valid(&store, ana).await);
    assert!(valid(&store, eva).await);
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
}

async fn changing_a_password_ends_the_tokens_and_the_old_password(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    let token = login(&store, "ana").await;
    site.users
        .change_password(&name("ana"), &Hash::of_password("new"))
        .await
        .expect("changed");
    store.tokens().wake();
    assert_eq!(published(&store).await, [token]);
    assert!(!valid(&store, token).await);
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
    store
        .login("ana", &sent("new"), HERE)
        .await
        .expect("the database")
        .expect("the new one");
}

async fn another_instance_forgets_what_it_knew_of_a_removed_user_too(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let (one, other) = (
        site.service(Hand::new()).await,
        site.service(Hand::new()).await,
    );
    let token = login(&one, "ana").await;
    assert!(valid(&other, token).await, "known now");
    site.users.remove(&name("ana")).await.expect("removed");
    assert_eq!(published(&one).await, [token]);

    // There is nothing left to collect, and yet it looks and learns that users were edited.
    let forgotten = async {
        while valid(&other, token).await {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::select! {
        ended = other.tokens().ended() => panic!("nothing ended: {ended:?}"),
        () = forgotten => {}
    }
}

async fn a_user_added_again_does_not_get_the_old_password_back(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let store = site.service(Hand::new()).await;
    login(&store, "ana").await;
    site.users.remove(&name("ana")).await.expect("removed");
    site.users
        .add(&name("ana"), &Hash::of_password("new"))
        .await
        .expect("added");
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
}

async fn users_are_listed_by_name_with_their_times(engine: Engine) {
    let site = Site::with_users(engine, &["eva", "ana", "Ümit"]).await;
    let clock = Hand::new();
    login(&site.service(clock.clone()).await, "eva").await;
    site.users.lock(&name("ana")).await.expect("locked");
    let users = site.users.list().await.expect("a list");
    let shown: Vec<_> = users
        .iter()
        .map(|user| (&*user.name, user.last_login, user.locked.is_some()))
        .collect();
    assert_eq!(
        shown,
        [
            ("ana", None, true),
            ("eva", Some(clock.wall()), false),
            ("Ümit", None, false)
        ]
    );
    let lately = System.wall() - Duration::from_secs(60);
    assert!(users.iter().all(|user| user.created > lately));
}

async fn a_locked_user_is_out_at_once_and_in_again_with_the_old_password(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let store = site.service(Hand::new()).await;
    let (ana, eva) = (login(&store, "ana").await, login(&store, "eva").await);
    site.users.lock(&name("ana")).await.expect("locked");
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Locked);
    assert_eq!(published(&store).await, [ana]);
    assert!(!valid(&store, ana).await);
    assert!(valid(&store, eva).await);

    let since = site.users.list().await.expect("a list")[0].locked;
    site.users.lock(&name("ana")).await.expect("locked already");
    assert_eq!(site.users.list().await.expect("a list")[0].locked, since);
    site.users
        .change_password(&name("ana"), &Hash::of_password("new"))
        .await
        .expect("changed");
    assert_eq!(refused(&store, "ana", &sent("new")).await, Refusal::Locked);

    for user in ["ana", "eva"] {
        site.users.unlock(&name(user)).await.expect("unlocked");
    }
    let login = store.login("ana", &sent("new"), HERE).await;
    login.expect("the database").expect("let in");
    assert!(valid(&store, eva).await, "she never was locked");
}

async fn edits_with_other_programs_mean_the_same(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva", "eve", "ida"]).await;
    let store = site.real_service().await;
    let mut tokens = Vec::new();
    for user in ["ana", "eva", "eve"] {
        tokens.push(login(&store, user).await);
    }
    let bystander = login(&store, "ida").await;
    let edits = [
        "UPDATE users SET password = (SELECT password FROM users WHERE name = 'eva') \
         WHERE name = 'ana'",
        "UPDATE users SET locked_at = 1 WHERE name = 'eva'",
        "DELETE FROM users WHERE name = 'eve'",
    ];
    for (edit, token) in edits.into_iter().zip(tokens) {
        let waiting = store.tokens().ended();
        let (waited, edited) = tokio::join!(waiting, async {
            site.outside(edit).await;
            Instant::now()
        });
        waited.expect("the database");
        assert_eq!(collected(&store).await, [token], "{edit}");
        let took = edited.elapsed();
        assert!(took < Duration::from_secs(2), "{took:?}");
        assert!(!valid(&store, token).await, "{edit}");
    }
    assert_eq!(refused(&store, "ana", &sent("ana")).await, Refusal::Wrong);
    assert!(valid(&store, bystander).await);
}

async fn nothing_stored_gives_the_password_or_the_user_hash_away(engine: Engine) {
    let site = Site::with_users(engine, &["a very own password"]).await;
    login(&site.service(Hand::new()).await, "a very own password").await;
    let stored = match engine {
        Engine::Postgres => Postgres::shared().sql(&site.url, "SELECT * FROM users"),
        _ => {
            site.users.close().await;
            let files = std::fs::read_dir(site.directory.path()).expect("a listing");
            let texts = files.map(|file| {
                let bytes = std::fs::read(file.expect("an entry").path()).expect("a file");
                String::from_utf8_lossy(&bytes).into_owned()
            });
            texts.collect()
        }
    };
    assert!(stored.contains("$argon2id$"));
    assert!(!stored.contains(&sent("a very own password")));
}

async fn users_that_exist_or_do_not_are_named_in_the_error(engine: Engine) {
    let site = Site::with_users(engine, &["ana"]).await;
    let hash = Hash::of_password("any");
    let again = site
        .users
        .add(&name("ana"), &hash)
        .await
        .expect_err("twice");
    assert!(
        matches!(&again, Error::Exists { name } if name == "ana"),
        "{again}"
    );
    let edits = [
        site.users.remove(&name("eva")).await,
        site.users.change_password(&name("eva"), &hash).await,
        site.users.lock(&name("eva")).await,
        site.users.unlock(&name("eva")).await,
    ];
    for edit in edits {
        let error = edit.expect_err("nobody");
        assert!(
            matches!(&error, Error::Unknown { name } if name == "eva"),
            "{error}"
        );
    }
    assert_eq!(
        login(&site.service(Hand::new()).await, "ana")
            .await
            .to_string()
            .len(),
        32
    );
}

async fn what_another_program_writes_wrong_is_an_error_and_no_end(engine: Engine) {
    let site = Site::with_users(engine, &["ana", "eva"]).await;
    let store = site.service(Hand::new()).await;
    let token = login(&store, "eva").await;
    let wrong = match engine {
        Engine::Sqlite => "UPDATE users SET password = x'ff' WHERE name = 'ana'",
        _ => "UPDATE users SET password = 'secret' WHERE name = 'ana'",
    };
    site.outside(wrong).await;
    let tokens = "INSERT INTO tokens (token, user_name, expires_at) VALUES ('no token', 'ana', 0)";
    site.outside(tokens).await;
    if engine == Engine::Sqlite {
        let blob = "INSERT INTO tokens (token, user_name, expires_at) VALUES (x'ff00', 'ana', 0)";
        site.outside(blob).await;
    }

    let error = store.login("ana", &sent("ana"), HERE).await;
    let error = error.expect_err("it cannot be read");
    assert!(
        matches!(&error, Error::Damaged { name } if name == "ana"),
        "{error}"
    );
    assert!(published(&store).await.is_empty());
    assert!(valid(&store, token).await);
    site.users
        .change_password(&name("ana"), &Hash::of_password("ana"))
        .await
        .expect("mended");
    login(&store, "ana").await;
}
