//! Sequences of requests that nobody thought of, against a model of what a session may do.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use super::support::client::Client;
use super::support::eventually;
use super::{TCP, cinema};

/// A request; tracks count from 1, and the film has two.
#[derive(Clone, Debug)]
enum Ask {
    Describe,
    SetUp(u8),
    Play {
        track: Option<u8>,
        from: Option<u8>,
        scale: Option<&'static str>,
    },
    Pause(Option<u8>),
    TearDown(Option<u8>),
    KeepAlive(&'static str),
    Nonsense,
}

/// What a server should remember of a session, with its name.
#[derive(Debug)]
struct Model {
    name: String,
    set_up: [bool; 2],
    has_played: bool,
}

fn ask() -> impl Strategy<Value = Ask> {
    let track = || prop::option::weighted(0.3, 1..4u8);
    let scale = prop::option::weighted(0.3, prop::sample::select(vec!["1", "4", "-2", "0"]));
    prop_oneof![
        Just(Ask::Describe),
        (1..4u8).prop_map(Ask::SetUp),
        (1..3u8).prop_map(Ask::SetUp),
        (track(), prop::option::of(0..20u8), scale).prop_map(|(track, from, scale)| Ask::Play {
            track,
            from,
            scale
        }),
        track().prop_map(Ask::Pause),
        prop::option::weighted(0.5, 1..4u8).prop_map(Ask::TearDown),
        prop::sample::select(vec!["GET_PARAMETER", "SET_PARAMETER", "OPTIONS"])
            .prop_map(Ask::KeepAlive),
        Just(Ask::Nonsense),
    ]
}

/// The status that a request must have. The film is eight seconds long.
fn wanted(ask: &Ask, session: Option<&Model>) -> u16 {
    match (ask, session) {
        (Ask::Describe | Ask::KeepAlive(_), _) => 200,
        (Ask::Nonsense, _) => 501,
        (Ask::SetUp(3), _) => 404,
        (Ask::SetUp(_), Some(model)) if model.has_played => 455,
        (Ask::SetUp(_), _) => 200,
        (_, None) => 454,
        (Ask::Play { track, .. } | Ask::Pause(track) | Ask::TearDown(track), Some(model)) => {
            let set_up = |track: u8| model.set_up.get(usize::from(track) - 1) == Some(&true);
            match (track, ask) {
                (Some(track), _) if !set_up(*track) => 404,
                (Some(_), _) if model.set_up == [true; 2] => 460,
                (
                    _,
                    Ask::Play {
                        scale: Some("0"), ..
                    },
                ) => 400,
                (
                    _,
                    Ask::Play {
                        from: Some(from), ..
                    },
                ) if *from > 8 => 457,
                _ => 200,
            }
        }
    }
}

/// Asks, and returns the status with the name of the session that the answer tells.
fn put(client: &mut Client, url: &str, ask: &Ask, session: Option<&Model>) -> (u16, String) {
    let session = session.map_or(String::new(), |model| {
        format!("Session: {}\r\n", model.name)
    });
    let aim =
        |track: Option<u8>| track.map_or(url.to_owned(), |track| format!("{url}/track{track}"));
    let answer = match ask {
        Ask::Describe => client.ask("DESCRIBE", url, ""),
        Ask::SetUp(track) => client.ask("SETUP", &aim(Some(*track)), &format!("{TCP}{session}")),
        Ask::Play { track, from, scale } => {
            let range = from.map(|from| format!("Range: npt={from}-\r\n"));
            let scale = scale.map(|scale| format!("Scale: {scale}\r\n"));
            let more = [range, scale].into_iter().flatten().collect::<String>();
            client.ask("PLAY", &aim(*track), &format!("{session}{more}"))
        }
        Ask::Pause(track) => client.ask("PAUSE", &aim(*track), &session),
        Ask::TearDown(track) => client.ask("TEARDOWN", &aim(*track), &session),
        Ask::KeepAlive(method) => client.ask(method, url, &session),
        Ask::Nonsense => client.ask("DANCE", url, "X: \"\r\n"),
    };
    let name = match ask {
        Ask::SetUp(_) if answer.status == 200 => answer.session(),
        _ => String::new(),
    };
    (answer.status, name)
}

#[tokio::test(flavor = "multi_thread")]
async fn any_sequence_of_requests_is_answered_as_the_model_says() {
    let (server, _mount, url) = cinema(|config| config.max_sessions = 100).await;
    let address = server.local_addr();
    let play = tokio::task::spawn_blocking(move || {
        let mut runner = TestRunner::new(ProptestConfig {
            cases: 96,
            failure_persistence: None,
            ..ProptestConfig::default()
        });
        runner.run(&prop::collection::vec(ask(), 1..24), |asks| {
            let mut client = Client::connect(address);
            let mut session: Option<Model> = None;
            for ask in &asks {
                let wanted = wanted(ask, session.as_ref());
                let (status, name) = put(&mut client, &url, ask, session.as_ref());
                prop_assert_eq!(status, wanted, "{:?} with {:?}", ask, session);
                match ask {
                    _ if status != 200 => {}
                    Ask::SetUp(track) => {
                        let model = session.get_or_insert(Model {
                            name: name.clone(),
                            set_up: [false; 2],
                            has_played: false,
                        });
                        prop_assert_eq!(&model.name, &name);
                        model.set_up[usize::from(*track) - 1] = true;
                    }
                    Ask::Play { .. } => {
                        if let Some(model) = &mut session {
                            model.has_played = true;
                        }
                    }
                    Ask::TearDown(_) => session = None,
                    _ => {}
                }
            }
            Ok(())
        })
    });
    play.await
        .expect("no panic")
        .expect("every answer is in order");
    eventually(|| server.statistics().connections == 0 && server.statistics().streams == 0).await;
}
