//! What a Streaming service tells the broker, and what it answers about films.

use std::time::{Duration, Instant};

use crate::scene::{Heard, Scene};
use iceflix_slice::stream_provider::GetStreamError;
use iceflix_testkit::film::Film;

const FILM: Film = Film::mp4("Metropolis", 3, 440);
const OTHER: Film = Film::mkv("Nosferatu", 2, 660);

#[tokio::test(flavor = "multi_thread")]
async fn films_are_announced_found_and_refused_as_the_contract_says() {
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), &[]).await;
    let id = scene.announced("Metropolis").await;
    assert!(scene.provider.is_available(&id).await.expect("an answer"));

    let unknown = "0".repeat(64);
    for id in [&unknown, "", "../../etc/passwd", &id.to_uppercase()] {
        assert!(!scene.provider.is_available(id).await.expect("an answer"));
        let error = scene
            .provider
            .get_stream(id, "good")
            .await
            .expect_err("there is no such film");
        assert!(
            matches!(&error, GetStreamError::WrongMediaId(wrong) if wrong.id == *id),
            "{error}"
        );
        let error = scene
            .provider
            .get_stream(id, "bad")
            .await
            .expect_err("the token comes first");
        assert!(matches!(error, GetStreamError::Unauthorized(_)), "{error}");
    }
    let error = scene
        .provider
        .get_stream(&id, "")
        .await
        .expect_err("no token");
    assert!(matches!(error, GetStreamError::Unauthorized(_)), "{error}");

    let took = scene.stop().await;
    assert!(took < Duration::from_secs(2), "{took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn films_that_come_and_go_are_told_while_it_runs() {
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), &[]).await;
    let id = scene.announced("Metropolis").await;
    let path = OTHER.copy_to(&scene.films);
    let other = scene.announced("Nosferatu").await;
    std::fs::remove_file(path).expect("removed");
    assert!(
        !scene
            .provider
            .is_available(&other)
            .await
            .expect("an answer")
    );
    let gone = scene
        .hear(|heard| {
            if let Heard::Removed(id, by) = heard {
                Some((id, by))
            } else {
                None
            }
        })
        .await;
    assert_eq!(gone, (other, scene.provider_id.clone()));

    scene.forget();
    scene.provider.reannounce_media().await.expect("done");
    assert_eq!(scene.announced("Metropolis").await, id);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_is_told_again_when_the_broker_comes_back() {
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), &[]).await;
    let id = scene.announced("Metropolis").await;
    scene.broker.kill();
    assert!(
        scene
            .provider
            .is_available(&id)
            .await
            .expect("it goes on serving")
    );
    scene.forget();
    scene.broker.restart();
    assert_eq!(scene.announced("Metropolis").await, id);
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_calls_to_announce_all_are_one_or_two() {
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), &[]).await;
    scene.announced("Metropolis").await;
    let begun = Instant::now();
    for _ in 0..100 {
        scene.provider.reannounce_media().await.expect("done");
    }
    // Not more than once a second, however long the calls take.
    let most = 2 + begun.elapsed().as_secs();
    OTHER.copy_to(&scene.films);
    // Whatever the hundred calls led to has been told before the film that comes seconds later.
    let mut count = 0;
    loop {
        let name = scene
            .hear(|heard| {
                if let Heard::Media(_, name, _) = heard {
                    Some(name)
                } else {
                    None
                }
            })
            .await;
        match name.as_str() {
            "Metropolis" => count += 1,
            _ => break,
        }
    }
    assert!((1..=most).contains(&count), "{count}");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_directory_that_is_not_there_is_named() {
    let (settings, _) = iceflix_service::Settings::load([
        "--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
        "--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned(),
        format!("--IceFlix.CacheDir={}", std::env::temp_dir().display()),
    ])
    .expect("settings");
    let nowhere = std::path::PathBuf::from("/nowhere/to be found");
    let error = iceflix_streaming::run(settings, vec![nowhere], iceflix_service::Shutdown::new())
        .await
        .expect_err("refused");
    assert!(
        error.to_string().contains("/nowhere/to be found"),
        "{error}"
    );
}
