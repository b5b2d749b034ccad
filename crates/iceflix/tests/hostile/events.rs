//! Events from nobody.

use iceflix_testkit::{
    peer::until,
    platform::{PASSWORD, Services, USER},
};

use crate::{
    raw::{self, NULL_PROXY, bad_texts, text},
    scene::Scene,
};

const ID: &[u8] = &[b'c'; 64];

#[test]
fn events_of_any_bytes_change_nothing() {
    Scene::open().withstands(async |scene| {
        let publisher = async |topic| {
            let topic = scene.stranger.manager.topic(topic).await.unwrap();
            topic.publisher::<ice::ObjectPrx>().await.unwrap()
        };
        let availability = publisher("ServiceAvailability").await;
        let departures = publisher("ServiceDepartures").await;
        let media = publisher("MediaAnnouncements").await;
        let removals = publisher("MediaRemovals").await;
        let revocations = publisher("AuthenticationStatus").await;
        for bad in bad_texts() {
            let bad = text(&bad);
            let (id, provider) = (text(ID), text(b"nobody"));
            for operation in ["catalogService", "authenticationService", "mediaService"] {
                raw::call(&availability, operation, &[NULL_PROXY, &bad]).await;
            }
            raw::call(&departures, "serviceStopped", &[&bad]).await;
            raw::call(&media, "newMedia", &[&bad, &bad, &bad]).await;
            raw::call(&media, "newMedia", &[&id, &text(b"x"), &bad]).await;
            raw::call(&media, "newMedia", &[&bad, &text(b"x"), &provider]).await;
            raw::call(&removals, "removedMedia", &[&bad, &bad]).await;
            raw::call(&revocations, "revoke", &[&bad]).await;
            // Too much, too little, and another operation altogether.
            raw::call(&media, "newMedia", &[&bad]).await;
            raw::call(&media, "newMedia", &[&bad, &bad, &bad, &bad]).await;
            raw::call(&media, "noSuchOperation", &[&bad]).await;
        }
        // Whoever still hears has been dropped by the broker for none of it.
        let film = "cd".repeat(32);
        scene
            .stranger
            .provide("later", std::slice::from_ref(&film))
            .await;
        let catalog = scene.stranger.catalog(&scene.main).await;
        until("a film that comes later", async || {
            catalog.get_tile(&film).await.ok()
        })
        .await;
    });
}

#[test]
fn forged_titles_have_a_bound() {
    const FLOOD: usize = 20_000;
    Scene::open().withstands(async |scene| {
        let topic = scene
            .stranger
            .manager
            .topic("MediaAnnouncements")
            .await
            .unwrap();
        let media = topic.publisher::<ice::ObjectPrx>().await.unwrap();
        for number in 0..FLOOD {
            let (id, provider) = (format!("{number:064x}"), format!("provider {}", number % 7));
            let name = format!("Forged {number}");
            let parameters = [id, name, provider].map(|word| text(word.as_bytes()));
            raw::call(
                &media,
                "newMedia",
                &parameters.each_ref().map(Vec::as_slice),
            )
            .await;
        }
        // What comes behind them is heard.
        let film = "ce".repeat(32);
        scene
            .stranger
            .provide("later", std::slice::from_ref(&film))
            .await;
        let catalog = scene.stranger.catalog(&scene.main).await;
        until("a film that comes later", async || {
            catalog.get_tile(&film).await.ok()
        })
        .await;
        let forged = catalog.get_tiles_by_name("forged", false).await.unwrap();
        println!("{} of {FLOOD} forged titles were entered", forged.len());
        assert!(forged.len() < FLOOD * 3 / 4, "{}", forged.len());
    });
}

#[test]
fn forged_revocations_end_no_token() {
    const FLOOD: usize = 20_000;
    Scene::open().withstands(async |scene| {
        let authenticator = scene.stranger.authenticator(&scene.main).await;
        let hash = iceflix_client::password::hash(PASSWORD);
        let token = authenticator
            .refresh_authorization(USER, &hash)
            .await
            .unwrap();
        let topic = scene
            .stranger
            .manager
            .topic("AuthenticationStatus")
            .await
            .unwrap();
        let revocations = topic.publisher::<ice::ObjectPrx>().await.unwrap();
        for number in 0..FLOOD {
            let forged = if number % 100 == 0 {
                token.clone()
            } else {
                format!("{number:032x}")
            };
            raw::call(&revocations, "revoke", &[&text(forged.as_bytes())]).await;
        }
        let catalog = scene.stranger.catalog(&scene.main).await;
        let found = catalog.get_tiles_by_name("", false).await.unwrap();
        catalog
            .add_tags(&found[0], &["still".to_owned()], &token)
            .await
            .unwrap();
    });
}

#[test]
fn goodbyes_in_the_name_of_others_send_nobody_away() {
    Scene::open().withstands(async |scene| {
        let film = "cf".repeat(32);
        // It announces itself this once.
        scene
            .stranger
            .provide("announced once", std::slice::from_ref(&film))
            .await;
        let titles = scene.stranger.catalog(&scene.main).await;
        let found = async || titles.get_tile(&film).await.ok();
        until("the film", found).await;

        let topic = scene.stranger.manager.topic("ServiceDepartures").await;
        let departures = topic.unwrap().publisher::<ice::ObjectPrx>().await.unwrap();
        // A film whose only server is said to have gone is away until that announces itself again, an interval at the
        // most: no viewer is promised that one.
        let Services { auth, catalog, .. } = &scene.services;
        let ids = ["announced once".to_owned(), auth.id(), catalog.id()];
        for _ in 0..3 {
            for id in &ids {
                raw::call(&departures, "serviceStopped", &[&text(id.as_bytes())]).await;
            }
        }
        until("the film again", found).await;
    });
}
