//! What a process is told, and what it says to nonsense.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

use std::{os::unix::fs::PermissionsExt as _, time::Duration};

use iceflix_service::{
    Settings,
    settings::{Error, property},
};

fn load(arguments: &[&str]) -> Result<(Settings, Vec<String>), Error> {
    Settings::load(arguments.iter().map(|&argument| argument.to_owned()))
}

#[test]
fn the_last_value_wins_and_the_rest_is_given_back() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("some.conf");
    std::fs::write(
        &file,
        "IceFlix.Announce.Interval=7\nIceFlix.Streaming.Grace=3s\n",
    )
    .unwrap();
    let config = format!("--Ice.Config={}", file.display());
    let (settings, rest) = load(&[
        &config,
        "films",
        "--IceFlix.Announce.Interval=500ms",
        "--SomeAdapter.Endpoints=tcp",
    ])
    .unwrap();
    let interval = settings.get(&property::ANNOUNCE_INTERVAL).unwrap();
    assert_eq!(interval, Duration::from_millis(500));
    let grace = settings.get(&property::STREAM_GRACE).unwrap();
    assert_eq!(grace, Duration::from_secs(3));
    let lifetime = settings.get(&property::TOKEN_LIFETIME).unwrap();
    assert_eq!(lifetime, Duration::from_secs(30));
    assert_eq!(settings.ice("SomeAdapter.Endpoints", ""), "tcp");
    assert_eq!(rest, ["films"]);
}

#[test]
fn every_setting_that_is_wrong_is_named() {
    let said = |arguments: &[&str]| load(arguments).unwrap_err().to_string();
    assert!(
        said(&["--IceFlix.Anounce.Interval=2"]).contains("did you mean IceFlix.Announce.Interval?")
    );
    assert!(said(&["--IceFlix.TokenLifetime=2"]).contains("IceFlix.Authentication.TokenLifetime?"));
    let far = said(&["--IceFlix.Colour=red"]);
    assert!(far.contains("`iceflix properties` lists those"), "{far}");
    assert!(said(&["--IceFlix.Streaming.Grace=0"]).contains("IceFlix.Streaming.Grace=0: expected"));
    assert!(said(&["--IceFlix.Log.Level=loud"]).contains("expected error, warn, info"));
    assert!(said(&["--Ice.Config=/no/such/file"]).contains("/no/such/file: No such file"));
    assert!(said(&["--Ice.Config=/"]).contains("is a directory"));
    let (settings, _) = load(&[]).unwrap();
    let missing = settings.get(&property::FILM_DIRECTORY).unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("set IceFlix.Streaming.Directory")
    );
}

#[test]
fn directories_are_made_for_their_owner_alone() {
    let home = tempfile::tempdir().unwrap();
    let data = format!("--IceFlix.DataDir={}/a/b", home.path().display());
    let (settings, _) = load(&[&data]).unwrap();
    let made = settings.data_dir().unwrap();
    let mode = made.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);

    std::fs::write(home.path().join("file"), "").unwrap();
    let data = format!("--IceFlix.DataDir={}/file", home.path().display());
    let (settings, _) = load(&[&data]).unwrap();
    let error = settings.data_dir().unwrap_err().to_string();
    assert!(error.contains("IceFlix.DataDir"), "{error}");
}

#[test]
fn the_files_that_come_with_the_program_are_sound_and_name_every_default() {
    let config = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    let mut texts = String::new();
    for file in ["auth", "catalog", "client", "icestorm", "main", "streaming"] {
        let path = config.join(file).with_extension("conf");
        load(&[&format!("--Ice.Config={}", path.display())]).unwrap();
        texts += &std::fs::read_to_string(path).unwrap();
    }
    for known in property::ALL {
        let named = texts.lines().find_map(|line| {
            line.trim_start_matches('#')
                .strip_prefix(known.name)?
                .strip_prefix('=')
        });
        let value = named.unwrap_or_else(|| panic!("{} stands in no file", known.name));
        if !known.default.is_empty() {
            assert_eq!(value, known.default, "{}", known.name);
        }
    }
}
