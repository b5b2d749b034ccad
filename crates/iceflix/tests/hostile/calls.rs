//! Calls whose parameters are too many, too long, or no text at all.

use ice::{ErrorKind, ObjectPrx};
use iceflix_slice::media_catalog::{AddTagsError, RenameTileError};
use iceflix_testkit::platform::{PASSWORD, USER};

use crate::{
    raw::{self, bad_texts, size, text},
    scene::{LINES, Scene},
};

#[test]
fn parameters_of_any_bytes_are_refused() {
    Scene::open().withstands(async |scene| {
        let stranger = &scene.stranger;
        let catalog = stranger.catalog(&scene.main).await;
        let found = catalog.get_tiles_by_name("", false).await.unwrap();
        let (id, some) = (text(found[0].as_bytes()), text(b"some"));
        let to = |service: &iceflix_testkit::platform::Service| -> ObjectPrx {
            stranger.proxy(&service.proxy)
        };
        let (auth, catalog) = (to(&scene.services.auth), to(&scene.services.catalog));
        let (main, streaming) = (to(&scene.services.main), to(&scene.services.streaming));
        for bad in bad_texts() {
            let bad = text(&bad);
            raw::call(&main, "getAuthenticator", &[&bad]).await;
            raw::call(&auth, "refreshAuthorization", &[&bad, &bad]).await;
            raw::call(
                &auth,
                "refreshAuthorization",
                &[&text(USER.as_bytes()), &bad],
            )
            .await;
            raw::call(&auth, "isAuthorized", &[&bad]).await;
            raw::call(&catalog, "getTile", &[&bad]).await;
            raw::call(&catalog, "getTilesByName", &[&bad, &[0]]).await;
            raw::call(&catalog, "getTilesByName", &[&bad, &[1]]).await;
            raw::call(&catalog, "getTilesByTags", &[&size(1), &bad, &[1]]).await;
            raw::call(&catalog, "renameTile", &[&id, &some, &bad]).await;
            raw::call(&catalog, "renameTile", &[&bad, &bad, &bad]).await;
            raw::call(&catalog, "addTags", &[&id, &size(1), &bad, &bad]).await;
            raw::call(&streaming, "getStream", &[&bad, &bad]).await;
            raw::call(&streaming, "isAvailable", &[&bad]).await;
            for service in [&main, &auth, &catalog, &streaming] {
                raw::call(service, "noSuchOperation", &[&bad]).await;
            }
        }
        // As many as fill a disk, if each were a line of the log.
        for _ in 0..LINES * 5 {
            raw::call(&auth, "refreshAuthorization", &[&text(b"ana"), &some]).await;
        }
        // A sequence that says it is longer than any message.
        let endless = size(i32::MAX as usize);
        raw::call(&catalog, "getTilesByTags", &[&endless, &some, &[1]]).await;
        raw::call(&catalog, "addTags", &[&id, &endless]).await;
    });
}

#[test]
fn a_hundred_thousand_tags_are_answered_or_refused() {
    Scene::open().withstands(async |scene| {
        let stranger = &scene.stranger;
        let catalog = stranger.catalog(&scene.main).await;
        let authenticator = stranger.authenticator(&scene.main).await;
        let hash = iceflix_client::password::hash(PASSWORD);
        let token = authenticator
            .refresh_authorization(USER, &hash)
            .await
            .unwrap();
        let found = catalog.get_tiles_by_name("", false).await.unwrap();
        let tags: Vec<String> = (0..100_000).map(|number| format!("t{number}")).collect();
        for all in [true, false] {
            let found = catalog.get_tiles_by_tags(&tags, all).await;
            println!("searched for, all {all}: {found:?}");
        }
        let refused = catalog.add_tags(&found[0], &tags, &token).await;
        let AddTagsError::Ice(refused) = refused.unwrap_err() else {
            panic!("the token is valid, and the title is known");
        };
        assert_eq!(refused.kind(), ErrorKind::Unknown, "{refused}");
        catalog.remove_tags(&found[0], &tags, &token).await.ok();
        let long = "n".repeat(1_000_000);
        let refused = catalog.rename_tile(&found[0], &long, &token).await;
        let RenameTileError::Ice(refused) = refused.unwrap_err() else {
            panic!("the token is valid, and the title is known");
        };
        assert_eq!(refused.kind(), ErrorKind::Unknown, "{refused}");
        let media = catalog.get_tile(&found[0]).await.unwrap();
        assert!(
            media.info.tags.len() < 100,
            "{} tags",
            media.info.tags.len()
        );
        assert!(media.info.name.len() < 100);
    });
}

#[test]
fn a_megabyte_is_no_token() {
    Scene::open().withstands(async |scene| {
        let catalog = scene.stranger.catalog(&scene.main).await;
        let authenticator = scene.stranger.authenticator(&scene.main).await;
        let found = catalog.get_tiles_by_name("", false).await.unwrap();
        let token = "x".repeat(1_000_000);
        for _ in 0..50 {
            assert!(!authenticator.is_authorized(&token).await.unwrap());
            let refused = catalog.rename_tile(&found[0], "x", &token).await;
            assert!(
                matches!(refused, Err(RenameTileError::Unauthorized(_))),
                "{refused:?}"
            );
        }
    });
}
