//! The measuring process as a peer of the platform: it listens to topics, and has films that do not exist.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use ice::{Adapter, Communicator, Current, Prx as _, Servant};
use iceflix_service::Settings;
use iceflix_slice::{
    AuthenticatorPrx, MainPrx, MediaCatalogPrx, ServiceAvailabilityPrx, StreamAnnouncesPrx,
    StreamControllerPrx, StreamProvider, StreamProviderPrx, StreamProviderServant, WrongMediaId,
    stream_provider::GetStreamError,
};
use iceflix_testkit::{Platform, process::PATIENCE};
use icestorm::{Manager, Publisher, Qos, Subscription};

/// How often something is looked for that is waited for.
const LOOK: Duration = Duration::from_millis(20);

pub(crate) struct Peer {
    pub(crate) communicator: Communicator,
    adapter: Adapter,
    manager: Manager,
    availability: Publisher<ServiceAvailabilityPrx>,
    subscriptions: Vec<Subscription>,
}

impl Peer {
    /// Joins a platform, with the settings that all its processes have.
    pub(crate) fn join(platform: &Platform) -> Self {
        let (settings, _) = Settings::load([]).unwrap();
        let communicator = Communicator::new(settings.properties().clone()).unwrap();
        let adapter = communicator
            .create_adapter_with_endpoints("Peer", "tcp -h 127.0.0.1")
            .unwrap();
        adapter.activate().unwrap();
        let broker = communicator
            .string_to_proxy(&platform.broker.manager())
            .unwrap();
        let manager = Manager::new(broker);
        Self {
            communicator,
            adapter,
            availability: Publisher::new(&manager, "ServiceAvailability").with_resend(),
            manager,
            subscriptions: Vec::new(),
        }
    }

    /// Subscribes a servant, and returns when that is done.
    pub(crate) async fn listen(&mut self, topic: &str, servant: impl Servant) {
        let subscriber = self.adapter.add_with_uuid(servant).unwrap();
        let subscription = Subscription::start(&self.manager, topic, subscriber, Qos::default());
        let mut state = subscription.state();
        state.wait_for(|state| state.subscribed).await.unwrap();
        self.subscriptions.push(subscription);
    }

    /// A streaming server that has these media, or says so; it announces itself once.
    pub(crate) async fn provide(&self, id: &str, media: &[String]) {
        let provider = self.provider(id, media);
        self.announce(id, &provider).await.unwrap();
    }

    /// The same, without announcing itself.
    pub(crate) fn provider(&self, id: &str, media: &[String]) -> StreamProviderPrx {
        let announces = Publisher::new(&self.manager, "MediaAnnouncements").with_resend();
        let shelf = Shelf {
            id: id.to_owned(),
            media: media.into(),
            announces,
        };
        self.adapter
            .add_with_uuid(StreamProviderServant::new(shelf))
            .unwrap()
            .unchecked_cast()
    }

    pub(crate) async fn announce(
        &self,
        id: &str,
        provider: &StreamProviderPrx,
    ) -> Result<(), icestorm::Error> {
        self.availability
            .publish(async |topic| topic.media_service(Some(provider), id).await)
            .await
    }

    pub(crate) fn main(&self, proxy: &str) -> MainPrx {
        let proxy = self.communicator.string_to_proxy(proxy).unwrap();
        proxy.unchecked_cast()
    }

    pub(crate) async fn authenticator(&self, main: &MainPrx) -> AuthenticatorPrx {
        until("an authenticator", async || {
            main.get_authenticator().await.ok().flatten()
        })
        .await
    }

    pub(crate) async fn catalog(&self, main: &MainPrx) -> MediaCatalogPrx {
        until("a catalogue", async || {
            main.get_catalog_service().await.ok().flatten()
        })
        .await
    }
}

/// What is looked for, once it is there.
pub(crate) async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(Instant::now() < deadline, "in vain: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Films that nobody can watch.
struct Shelf {
    id: String,
    media: Arc<[String]>,
    announces: Publisher<StreamAnnouncesPrx>,
}

impl StreamProvider for Shelf {
    async fn get_stream(
        &self,
        id: String,
        _: String,
        _: &Current,
    ) -> Result<Option<StreamControllerPrx>, GetStreamError> {
        Err(WrongMediaId { id }.into())
    }

    async fn is_available(&self, id: String, _: &Current) -> Result<bool, ice::Error> {
        Ok(self.media.contains(&id))
    }

    async fn reannounce_media(&self, _: &Current) -> Result<(), ice::Error> {
        let (id, media, announces) = (
            self.id.clone(),
            Arc::clone(&self.media),
            self.announces.clone(),
        );
        tokio::spawn(async move {
            for (number, media) in media.iter().enumerate() {
                let (id, name) = (&id, &format!("Bench {number}"));
                let announced = announces
                    .publish(|topic| async move { topic.new_media(media, name, id).await })
                    .await;
                announced.unwrap();
            }
        });
        Ok(())
    }
}
