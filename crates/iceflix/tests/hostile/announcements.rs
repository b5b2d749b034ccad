//! Services that do not exist, or are not what they say.

use std::{
    net::TcpListener,
    time::{Duration, Instant},
};

use ice::{Current, ObjectPrx, Prx as _};
use iceflix_slice::{
    Authenticator, AuthenticatorPrx, AuthenticatorServant, MediaCatalogPrx, ServiceDeparturesPrx,
    StreamProviderPrx, authenticator::RefreshAuthorizationError, media_catalog::AddTagsError,
};
use iceflix_testkit::peer::until;

use crate::scene::Scene;

/// How often the newcomer announces itself.
const INTERVAL: Duration = Duration::from_millis(500);

/// Announces a proxy as a service of every kind.
async fn announce(scene: &Scene, proxy: &ObjectPrx, id: &str) {
    let availability = &scene.stranger.availability;
    let catalog: MediaCatalogPrx = proxy.unchecked_cast();
    let authenticator: AuthenticatorPrx = proxy.unchecked_cast();
    let provider: StreamProviderPrx = proxy.unchecked_cast();
    let announced = availability
        .publish(async |topic| {
            topic.catalog_service(Some(&catalog), id).await?;
            topic
                .authentication_service(Some(&authenticator), id)
                .await?;
            topic.media_service(Some(&provider), id).await
        })
        .await;
    announced.unwrap();
}

/// A newcomer in earnest, which announces itself again and again as our services do, is found.
async fn a_newcomer_is_found(scene: &Scene) {
    let begun = Instant::now();
    let media = "ab".repeat(32);
    let newcomer = scene
        .stranger
        .provider("newcomer", std::slice::from_ref(&media));
    let catalog = scene.stranger.catalog(&scene.main).await;
    until("the newcomer", async || {
        scene
            .stranger
            .announce("newcomer", &newcomer)
            .await
            .unwrap();
        let found = catalog.get_tile(&media).await.ok();
        if found.is_none() {
            tokio::time::sleep(INTERVAL).await;
        }
        found
    })
    .await;
    println!("the newcomer was found after {:.1?}", begun.elapsed());
}

#[test]
fn proxies_that_lead_nowhere_are_given_to_nobody() {
    Scene::open().withstands(async |scene| {
        let hole = TcpListener::bind("127.0.0.1:0").unwrap();
        let hole = hole.local_addr().unwrap().port();
        let refusing = iceflix_testkit::port::free();
        let many = ["tcp -h 127.0.0.1 -p 1"; 10_000].join(":");
        let many_holes = vec![format!("tcp -h 127.0.0.1 -p {hole}"); 10_000].join(":");
        let main = &scene.services.main.proxy;
        let proxies = [
            format!("nothing:tcp -h 127.0.0.1 -p {refusing}"),
            format!("hole:tcp -h 127.0.0.1 -p {hole}"),
            format!("hole -o:tcp -h 127.0.0.1 -p {hole}"),
            "nowhere:tcp -h 192.0.2.1 -p 4061".to_owned(),
            "unknown:tcp -h no-such-host.invalid -p 4061".to_owned(),
            format!("datagram -d:udp -h 127.0.0.1 -p {refusing}"),
            "indirect@NoSuchAdapter".to_owned(),
            "wellknown".to_owned(),
            "opaque:opaque -t 99 -e 1.1 -v abcd".to_owned(),
            // Real, and something else.
            main.clone(),
            main.replacen("Main", "Main -f facet", 1),
            main.replacen("Main", "Nobody", 1),
            scene.platform.broker.manager(),
            format!("many:{many}"),
            format!("holes:{many_holes}"),
        ];
        for (number, proxy) in proxies.iter().enumerate() {
            let proxy = scene.stranger.communicator.string_to_proxy(proxy).unwrap();
            announce(scene, &proxy, &format!("stranger {number}")).await;
        }
        a_newcomer_is_found(scene).await;
    });
}

#[test]
fn in_a_flood_of_services_that_do_not_exist_a_real_one_is_found() {
    const FLOOD: usize = 10_000;
    Scene::open().withstands(async |scene| {
        let hole = TcpListener::bind("127.0.0.1:0").unwrap();
        let hole = hole.local_addr().unwrap().port();
        let refusing = iceflix_testkit::port::free();
        for number in 0..FLOOD / 3 {
            let port = if number % 2 == 0 { hole } else { refusing };
            let proxy = format!("service{number}:tcp -h 127.0.0.1 -p {port}");
            let proxy = scene.stranger.communicator.string_to_proxy(&proxy).unwrap();
            announce(scene, &proxy, &format!("flood {number}")).await;
        }
        a_newcomer_is_found(scene).await;
    });
}

/// It calls every token valid.
struct Impostor;

impl Authenticator for Impostor {
    async fn refresh_authorization(
        &self,
        _: String,
        _: String,
        _: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        Ok("forged".to_owned())
    }

    async fn is_authorized(&self, _: String, _: &Current) -> Result<bool, ice::Error> {
        Ok(true)
    }
}

#[test]
fn an_id_belongs_to_whoever_has_it() {
    Scene::open().withstands(async |scene| {
        let impostor = AuthenticatorServant::new(Impostor);
        let impostor = scene.stranger.adapter.add_with_uuid(impostor).unwrap();
        let impostor: AuthenticatorPrx = impostor.unchecked_cast();
        let id = scene.services.auth.id();
        let topic = scene.stranger.manager.topic("ServiceDepartures").await;
        let departures = topic
            .unwrap()
            .publisher::<ServiceDeparturesPrx>()
            .await
            .unwrap();
        for _ in 0..20 {
            // Nor is it free for a goodbye that anybody may say.
            departures.service_stopped(&id).await.unwrap();
            let claimed = scene
                .stranger
                .availability
                .publish(async |topic| topic.authentication_service(Some(&impostor), &id).await);
            claimed.await.unwrap();
        }
        a_newcomer_is_found(scene).await;
        for _ in 0..6 {
            let service = scene.stranger.authenticator(&scene.main).await;
            assert_ne!(service.identity(), impostor.identity());
        }
        let catalog = scene.stranger.catalog(&scene.main).await;
        let found = catalog.get_tiles_by_name("", false).await.unwrap();
        let tags = ["mine".to_owned()];
        let refused = catalog.add_tags(&found[0], &tags, "forged").await;
        assert!(
            matches!(refused, Err(AddTagsError::Unauthorized(_))),
            "{refused:?}"
        );
    });
}
