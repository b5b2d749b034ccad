//! Services of another make, which announce themselves once and send no
//! heartbeats.

use std::{path::Path, process::Command, time::Duration};

use ice::{Close, Communicator, Prx as _};
use iceflix_service::{
    Settings,
    peers::{Change, Event, Registry},
    token::Verdict,
};
use iceflix_slice::AuthenticatorPrx;
use iceflix_testkit::Process;
use nix::sys::signal::Signal;
use tempfile::TempDir;
use tokio::sync::broadcast::Receiver;

use crate::scene::{announced, changed, checks};

/// A service in Python, and one of ours that sees it.
struct Scene {
    communicator: Communicator,
    foreign: Process,
    proxy: AuthenticatorPrx,
    peers: Registry,
    changes: Receiver<Change>,
    _directory: TempDir,
}

impl Scene {
    /// Starts it, and finds it by its one announcement.
    async fn open() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/foreign.py"))
            .env("PYTHONDONTWRITEBYTECODE", "1");
        let foreign = Process::start_command("foreign", command, directory.path());
        let (settings, _) = Settings::load([]).unwrap();
        let communicator = Communicator::new(settings.properties().clone()).unwrap();
        let proxy = communicator.string_to_proxy(&foreign.line()).unwrap();
        let peers = Registry::new("own id");
        let changes = peers.changes();
        let mut scene = Self {
            communicator,
            foreign,
            proxy: proxy.unchecked_cast(),
            peers,
            changes,
            _directory: directory,
        };
        scene.announce().await;
        scene
    }

    async fn announce(&mut self) {
        announced(&self.peers, &mut self.changes, "foreign", &self.proxy).await;
    }
}

#[tokio::test]
async fn one_that_announces_itself_once_stays_as_long_as_it_answers() {
    let mut scene = Scene::open().await;
    let checks = checks(&scene.peers);
    assert_eq!(checks.check("a foreign token").await, Verdict::Valid);
    // As Ice closes connections that are idle.
    let connection = scene.proxy.connection().await.unwrap().unwrap();
    connection.close(Close::Gracefully);
    connection.closed().await;
    scene.peers.sweep(Duration::ZERO).await;
    assert_eq!(scene.peers.authenticators().all().len(), 1);
    assert_eq!(checks.check("another token").await, Verdict::Invalid);

    scene.foreign.kill();
    changed(&mut scene.changes, "foreign", Event::Lost).await;
    assert_eq!(checks.check("another token").await, Verdict::Unknown);
    scene.communicator.destroy().await;
}

#[tokio::test]
async fn one_that_hangs_is_missed_though_nobody_calls_it_and_comes_back_when_it_says_so() {
    let mut scene = Scene::open().await;
    scene.foreign.signal(Signal::SIGSTOP);
    changed(&mut scene.changes, "foreign", Event::Lost).await;
    scene.foreign.signal(Signal::SIGCONT);
    scene.announce().await;
    scene.communicator.destroy().await;
}

#[tokio::test]
async fn one_that_hangs_from_the_beginning_is_never_a_candidate_until_it_goes_on() {
    let scene = Scene::open().await;
    let connection = scene.proxy.connection().await.unwrap().unwrap();
    scene.foreign.signal(Signal::SIGSTOP);
    connection.close(Close::Forcefully);
    connection.closed().await;
    // Somebody who has not known it before.
    let peers = Registry::new("another");
    let mut changes = peers.changes();
    let checks = checks(&peers);
    let proxy = Some(scene.proxy.clone());
    peers
        .authenticators()
        .announced("foreign".to_owned(), proxy);
    assert_eq!(checks.check("a foreign token").await, Verdict::Unknown);
    assert_eq!(peers.authenticators().all(), []);
    scene.foreign.signal(Signal::SIGCONT);
    announced(&peers, &mut changes, "foreign", &scene.proxy).await;
    scene.communicator.destroy().await;
}
