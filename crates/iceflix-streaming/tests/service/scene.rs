//! A Streaming service in this process, with a real broker, an authenticator
//! that believes what the test says, and an ear on every topic.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use ice::{Adapter, Communicator, Current, Properties, Prx as _};
use iceflix_service::{Settings, Shutdown, topic};
use iceflix_slice::{
    Authenticator, AuthenticatorPrx, AuthenticatorServant, MediaCatalogPrx, MediaRemovals,
    MediaRemovalsServant, RtspStreamControllerPrx, ServiceAvailability, ServiceAvailabilityPrx,
    ServiceAvailabilityServant, StreamAnnounces, StreamAnnouncesServant, StreamProviderPrx,
    StreamerSync, StreamerSyncServant, TokenRevocationPrx,
    authenticator::RefreshAuthorizationError,
};
use iceflix_testkit::Broker;
use icestorm::{Manager, Publisher, Qos, Subscription};
use tempfile::TempDir;
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    task::JoinHandle,
    time::timeout,
};

/// Longer than anything here takes, so that a test that fails ends.
pub(crate) const AT_MOST: Duration = Duration::from_secs(20);

/// What was heard on a topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// On `MediaAnnouncements`: id, name, provider.
    Media(String, String, String),
    /// On `MediaRemovals`: id, provider.
    Removed(String, String),
    /// On `ServiceAvailability`: a Streaming service.
    Provider(StreamProviderPrx, String),
    /// On the topic of a controller.
    Asked,
}

#[derive(Clone)]
struct Ear(UnboundedSender<Heard>);

impl StreamAnnounces for Ear {
    async fn new_media(
        &self,
        id: String,
        name: String,
        provider: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        let _ = self.0.send(Heard::Media(id, name, provider));
        Ok(())
    }
}

impl MediaRemovals for Ear {
    async fn removed_media(
        &self,
        id: String,
        provider: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        let _ = self.0.send(Heard::Removed(id, provider));
        Ok(())
    }
}

impl StreamerSync for Ear {
    async fn request_authentication(&self, _: &Current) -> Result<(), ice::Error> {
        let _ = self.0.send(Heard::Asked);
        Ok(())
    }
}

impl ServiceAvailability for Ear {
    async fn catalog_service(
        &self,
        _: Option<MediaCatalogPrx>,
        _: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        Ok(())
    }
    async fn authentication_service(
        &self,
        _: Option<AuthenticatorPrx>,
        _: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        Ok(())
    }
    async fn media_service(
        &self,
        service: Option<StreamProviderPrx>,
        id: String,
        _: &Current,
    ) -> Result<(), ice::Error> {
        let _ = self.0.send(Heard::Provider(service.expect("a proxy"), id));
        Ok(())
    }
}

/// The tokens that are valid.
#[derive(Clone, Default)]
pub(crate) struct Tokens(Arc<Mutex<HashSet<String>>>);

impl Tokens {
    pub(crate) fn allow(&self, token: &str) {
        self.0.lock().expect("whole").insert(token.to_owned());
    }

    pub(crate) fn forbid(&self, token: &str) {
        self.0.lock().expect("whole").remove(token);
    }
}

impl Authenticator for Tokens {
    async fn refresh_authorization(
        &self,
        _: String,
        _: String,
        _: &Current,
    ) -> Result<String, RefreshAuthorizationError> {
        Err(ice::Error::unknown("not here").into())
    }

    async fn is_authorized(&self, authentication: String, _: &Current) -> Result<bool, ice::Error> {
        Ok(self.0.lock().expect("whole").contains(&authentication))
    }
}

/// All of it. The token "good" is valid.
pub(crate) struct Scene {
    pub(crate) broker: Broker,
    pub(crate) tokens: Tokens,
    pub(crate) films: PathBuf,
    pub(crate) provider: StreamProviderPrx,
    pub(crate) provider_id: String,
    pub(crate) revocations: Publisher<TokenRevocationPrx>,
    communicator: Communicator,
    adapter: Adapter,
    manager: Manager,
    ears: Vec<Subscription>,
    heard: UnboundedReceiver<Heard>,
    speak: UnboundedSender<Heard>,
    shutdown: Shutdown,
    service: JoinHandle<Result<(), iceflix_streaming::Error>>,
    announcing: JoinHandle<()>,
    _directory: TempDir,
}

impl Scene {
    /// Serves whatever `furnish` puts into the directory of films.
    pub(crate) async fn with(furnish: impl FnOnce(&Path), properties: &[&str]) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let films = directory.path().join("films");
        std::fs::create_dir(&films).expect("a directory");
        furnish(&films);
        let broker = Broker::start();
        let communicator = Communicator::new(Properties::new().expect("properties")).expect("Ice");
        let manager = Manager::new(
            communicator
                .string_to_proxy(&broker.manager())
                .expect("a proxy"),
        );
        let adapter = communicator
            .create_adapter_with_endpoints("Test", "tcp -h 127.0.0.1")
            .expect("an adapter");
        adapter.activate().expect("active");
        let (speak, mut heard) = unbounded_channel();
        let ear = Ear(speak.clone());
        let subscribe = |topic: &str, servant: ice::ObjectPrx| {
            Subscription::start(&manager, topic, servant, Qos::default())
        };
        let ears = vec![
            subscribe(
                topic::MEDIA,
                adapter
                    .add_with_uuid(StreamAnnouncesServant::new(ear.clone()))
                    .expect("added"),
            ),
            subscribe(
                topic::REMOVALS,
                adapter
                    .add_with_uuid(MediaRemovalsServant::new(ear.clone()))
                    .expect("added"),
            ),
            subscribe(
                topic::AVAILABILITY,
                adapter
                    .add_with_uuid(ServiceAvailabilityServant::new(ear))
                    .expect("added"),
            ),
        ];
        for ear in &ears {
            timeout(AT_MOST, ear.state().wait_for(|state| state.subscribed))
                .await
                .expect("in time")
                .expect("alive");
        }
        let tokens = Tokens::default();
        tokens.allow("good");
        let authenticator = adapter
            .add_with_uuid(AuthenticatorServant::new(tokens.clone()))
            .expect("added");
        let announcing = tokio::spawn(announce(
            Publisher::new(&manager, topic::AVAILABILITY),
            authenticator.unchecked_cast(),
        ));
        let shutdown = Shutdown::new();
        let service = start(&broker, directory.path(), &films, properties, &shutdown);
        let (provider, provider_id) = loop {
            match timeout(AT_MOST, heard.recv())
                .await
                .expect("it never announced itself")
                .expect("open")
            {
                Heard::Provider(provider, id) => break (provider, id),
                other => speak.send(other).expect("open"),
            }
        };
        let revocations = Publisher::new(&manager, topic::AUTHENTICATION);
        let scene = Self {
            broker,
            tokens,
            films,
            provider,
            provider_id,
            revocations,
            communicator,
            adapter,
            manager,
            ears,
            heard,
            speak,
            shutdown,
            service,
            announcing,
            _directory: directory,
        };
        scene.until_tokens_can_be_checked().await;
        scene
    }

    async fn until_tokens_can_be_checked(&self) {
        let begun = Instant::now();
        let unknown = "0".repeat(64);
        while let Err(iceflix_slice::stream_provider::GetStreamError::Unauthorized(_)) =
            self.provider.get_stream(&unknown, "good").await
        {
            assert!(
                begun.elapsed() < AT_MOST,
                "it does not find the authenticator"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits for something to be heard; what else is heard is passed over.
    pub(crate) async fn hear<T>(&mut self, what: impl Fn(Heard) -> Option<T>) -> T {
        let listening = async {
            loop {
                if let Some(found) = what(self.heard.recv().await.expect("open")) {
                    return found;
                }
            }
        };
        timeout(AT_MOST, listening)
            .await
            .expect("it was never heard")
    }

    /// Waits until a film of this name is announced: its id.
    pub(crate) async fn announced(&mut self, wanted: &str) -> String {
        let provider = self.provider_id.clone();
        self.hear(|heard| match heard {
            Heard::Media(id, name, by) if name == wanted => {
                assert_eq!(by, provider);
                Some(id)
            }
            _ => None,
        })
        .await
    }

    /// Forgets what was heard so far.
    pub(crate) fn forget(&mut self) {
        while self.heard.try_recv().is_ok() {}
    }

    /// A controller for a film, by the token "good".
    pub(crate) async fn stream(&self, id: &str) -> RtspStreamControllerPrx {
        let controller = self
            .provider
            .get_stream(id, "good")
            .await
            .expect("a stream")
            .expect("a proxy");
        controller
            .checked_cast()
            .await
            .expect("it answers")
            .expect("it is one of ours")
    }

    /// Listens to a controller's own topic.
    pub(crate) async fn listen(&mut self, controller: &RtspStreamControllerPrx) -> String {
        let topic = controller.get_sync_topic().await.expect("a topic");
        let servant = self
            .adapter
            .add_with_uuid(StreamerSyncServant::new(Ear(self.speak.clone())))
            .expect("added");
        let ear = Subscription::start(&self.manager, &topic, servant, Qos::default());
        timeout(AT_MOST, ear.state().wait_for(|state| state.subscribed))
            .await
            .expect("in time")
            .expect("alive");
        self.ears.push(ear);
        topic
    }

    /// Ends a token, and says so.
    pub(crate) async fn revoke(&self, token: &str) {
        self.tokens.forbid(token);
        self.revocations
            .publish(|topic| async move { topic.revoke(token).await })
            .await
            .expect("published");
    }

    /// Whether the broker has a topic of this name.
    pub(crate) async fn has_topic(&self, name: &str) -> bool {
        let proxy = self
            .communicator
            .string_to_proxy(&self.broker.manager())
            .expect("a proxy");
        let manager: icestorm::slice::ice_storm::TopicManagerPrx = proxy.unchecked_cast();
        manager.retrieve(name).await.is_ok()
    }

    /// Makes a topic of this name.
    pub(crate) async fn make_topic(&self, name: &str) {
        self.manager.topic(name).await.expect("made");
    }

    /// Waits until the broker has no topic of this name.
    pub(crate) async fn until_no_topic(&self, name: &str) {
        let begun = Instant::now();
        while self.has_topic(name).await {
            assert!(begun.elapsed() < AT_MOST, "{name} is still there");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Starts one more service on the same films and the same cache.
    pub(crate) async fn another(&self) -> Another {
        let shutdown = Shutdown::new();
        let directory = self._directory.path();
        let service = start(&self.broker, directory, &self.films, &[], &shutdown);
        Another { shutdown, service }
    }

    /// Waits until a controller is gone.
    pub(crate) async fn gone(&self, controller: &RtspStreamControllerPrx) {
        let begun = Instant::now();
        loop {
            match controller.ice_ping().await {
                Ok(()) => assert!(begun.elapsed() < AT_MOST, "the controller is still there"),
                Err(error) => {
                    assert_eq!(error.kind(), ice::ErrorKind::ObjectNotExist, "{error}");
                    return;
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends the service: how long that took.
    pub(crate) async fn stop(self) -> Duration {
        let begun = Instant::now();
        self.shutdown.begin();
        let ended = timeout(AT_MOST, self.service)
            .await
            .expect("it ends")
            .expect("no panic");
        let took = begun.elapsed();
        ended.expect("it ended well");
        self.announcing.abort();
        drop(self.ears);
        self.communicator.destroy().await;
        took
    }
}

/// A second service.
pub(crate) struct Another {
    shutdown: Shutdown,
    service: JoinHandle<Result<(), iceflix_streaming::Error>>,
}

impl Another {
    pub(crate) async fn stop(self) {
        self.shutdown.begin();
        let ended = timeout(AT_MOST, self.service).await.expect("it ends");
        ended.expect("no panic").expect("it ended well");
    }
}

fn start(
    broker: &Broker,
    directory: &Path,
    films: &Path,
    properties: &[&str],
    shutdown: &Shutdown,
) -> JoinHandle<Result<(), iceflix_streaming::Error>> {
    let own = [
        format!("--IceStorm.TopicManager.Proxy={}", broker.manager()),
        "--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned(),
        "--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned(),
        "--IceFlix.Announce.Interval=500ms".to_owned(),
        format!("--IceFlix.CacheDir={}", directory.join("cache").display()),
    ];
    let arguments = own
        .into_iter()
        .chain(properties.iter().map(|&property| property.to_owned()));
    let (settings, _) = Settings::load(arguments).expect("settings");
    tokio::spawn(iceflix_streaming::run(
        settings,
        vec![films.to_owned()],
        shutdown.clone(),
    ))
}

async fn announce(topic: Publisher<ServiceAvailabilityPrx>, authenticator: AuthenticatorPrx) {
    loop {
        let told = topic.publish(|topic| {
            let authenticator = authenticator.clone();
            async move {
                topic
                    .authentication_service(Some(&authenticator), "test-authenticator")
                    .await
            }
        });
        let _ = told.await;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
