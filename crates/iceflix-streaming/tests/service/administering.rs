//! What an administrator of the machine sees and does, and what one user may
//! have.

use std::{os::unix::net::UnixListener, path::PathBuf};

use ice::ErrorKind;
use iceflix_slice::stream_provider::GetStreamError;
use iceflix_streaming::{
    State, WayOut,
    control::{self, Answer, Question},
};
use iceflix_testkit::film::Film;

use crate::scene::Scene;

const FILM: Film = Film::mp4("Brazil", 20, 495);

async fn scene(properties: &[&str]) -> (Scene, String) {
    let mut scene = Scene::with(|films| drop(FILM.copy_to(films)), properties).await;
    let id = scene.announced(FILM.name).await;
    (scene, id)
}

fn cache(scene: &Scene) -> PathBuf {
    scene.films.with_file_name("cache")
}

/// Asks the one service of the scene, as `iceflix stream` does.
async fn ask(scene: &Scene, question: Question) -> Answer {
    let cache = cache(scene);
    let asked = tokio::task::spawn_blocking(move || {
        let mut services = control::services(&cache).expect("a cache");
        assert_eq!(services.len(), 1);
        let service = services.pop().expect("a service");
        control::ask(service, &question).expect("an answer")
    });
    asked.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn streams_are_listed_without_their_secrets_and_ended() {
    let (scene, id) = scene(&[]).await;
    let (one, other) = (scene.stream(&id).await, scene.stream(&id).await);
    let url = one.get_url("good").await.expect("a URL");
    let Answer::Streams(streams) = ask(&scene, Question::Streams).await else {
        panic!("another answer");
    };
    assert_eq!(streams.len(), 2, "{streams:?}");
    assert_eq!(streams[0].media, id);
    assert_eq!(streams[0].name.as_deref(), Some(FILM.name));
    assert_eq!(streams[0].way, WayOut::Rtsp { sessions: 0 });
    assert_eq!(streams[1].way, WayOut::Offered);
    assert!(
        streams[0]
            .address
            .is_some_and(|address| address.is_loopback())
    );
    let secret = url.rsplit('/').next().expect("a path");
    let text = serde_json::to_string(&streams).expect("JSON");
    assert!(!text.contains(secret) && !text.contains("good"), "{text}");

    let number = streams[0].number;
    assert_eq!(
        ask(&scene, Question::Kick(number)).await,
        Answer::Kicked(true)
    );
    scene.gone(&one).await;
    assert_eq!(
        ask(&scene, Question::Kick(number)).await,
        Answer::Kicked(false)
    );
    other.get_url("good").await.expect("it goes on");
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn films_are_listed_and_looked_for_again() {
    let (scene, id) = scene(&[]).await;
    let Answer::Reloading(directories) = ask(&scene, Question::Reload).await else {
        panic!("another answer");
    };
    assert_eq!(directories, [scene.films.display().to_string()]);
    let Answer::Films { files, silent } = ask(&scene, Question::Films).await else {
        panic!("another answer");
    };
    assert!(silent.is_empty());
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].id.as_ref(), Some(&id));
    assert!(
        matches!(files[0].state, State::Ready | State::Reading(_)),
        "{files:?}"
    );
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_more_streams_than_are_allowed() {
    let limits = [
        "--IceFlix.Streaming.MaxStreams=3",
        "--IceFlix.Streaming.MaxStreamsPerUser=2",
    ];
    let (scene, id) = scene(&limits).await;
    // The authenticator of this scene cannot say whose a token is: the address counts.
    let first = scene.stream(&id).await;
    let _second = scene.stream(&id).await;
    let error = scene.provider.get_stream(&id, "good").await;
    let Err(GetStreamError::Ice(error)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.reason().contains("MaxStreamsPerUser"), "{error}");
    first.stop().await.expect("stopped");
    scene.stream(&id).await;
    scene.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn topics_that_a_killed_service_has_left_are_destroyed_by_the_next() {
    const KILLED: &str = "00000000-0000-4000-8000-00000000dead";
    let (scene, id) = scene(&[]).await;
    let name = format!("StreamerSync-{KILLED}-1");
    scene.make_topic(&name).await;
    let controller = scene.stream(&id).await;
    let living = controller.get_sync_topic().await.expect("a topic");
    let control = cache(&scene).join("control");
    let ours = std::fs::read_dir(&control)
        .expect("read")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("UTF-8")
        })
        .next()
        .expect("a socket");
    // As a kill leaves it: a socket on which nobody listens.
    let left = control.join(ours.replace(&scene.provider_id, KILLED));
    drop(UnixListener::bind(&left).expect("bound"));
    let next = scene.another().await;
    scene.until_no_topic(&name).await;
    assert!(scene.has_topic(&living).await, "that of a living one stays");
    next.stop().await;
    assert!(!left.exists());
    scene.stop().await;
}
