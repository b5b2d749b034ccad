//! The test itself as a peer of a platform: it listens to topics, announces
//! what it likes, and has films that do not exist.

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

use icestorm::{Manager, Publisher, Qos, Subscription};

use crate::{Platform, process::PATIENCE};

/// How often something is looked for that is waited for.
const LOOK: Duration = Duration::from_millis(20);

/// One more process of a platform, as far as the others can see.
#[derive(Debug)]
pub struct Peer {
    /// Its Ice, with the settings that all processes have.
    pub communicator: Communicator,
    /// Where its servants live.
    pub adapter: Adapter,
    /// The broker.
    pub manager: Manager,
    /// The topic on which services announce themselves.
    pub availability: Publisher<ServiceAvailabilityPrx>,
    subscriptions: Vec<Subscription>,
}

impl Peer {
    /// Joins a platform.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime, or where Ice does not start.
    pub fn join(platform: &Platform) -> Self {
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
    ///
    /// # Panics
    ///
    /// Where there is no adapter any more.
    pub async fn listen(&mut self, topic: &str, servant: impl Servant) {
        let subscriber = self.adapter.add_with_uuid(servant).unwrap();
        let subscription = Subscription::start(&self.manager, topic, subscriber, Qos::default());
        let mut state = subscription.state();
        state.wait_for(|state| state.subscribed).await.unwrap();
        self.subscriptions.push(subscription);
    }

    /// A streaming server that has these media, or says so; it announces itself once.
    ///
    /// # Panics
    ///
    /// Where the broker is away.
    pub async fn provide(&self, id: &str, media: &[String]) {
        let provider = self.provider(id, media);
        self.announce(id, &provider).await.unwrap();
    }

    /// The same, without announcing itself.
    ///
    /// # Panics
    ///
    /// Where there is no adapter any more.
    pub fn provider(&self, id: &str, media: &[String]) -> StreamProviderPrx {
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

    /// Announces a streaming server once.
    ///
    /// # Errors
    ///
    /// Where the broker is away.
    pub async fn announce(
        &self,
        id: &str,
        provider: &StreamProviderPrx,
    ) -> Result<(), icestorm::Error> {
        self.availability
            .publish(async |topic| topic.media_service(Some(provider), id).await)
            .await
    }

    /// A proxy that a service printed.
    ///
    /// # Panics
    ///
    /// Where it is none.
    pub fn proxy<P: ice::Prx>(&self, text: &str) -> P {
        let proxy = self.communicator.string_to_proxy(text).unwrap();
        proxy.unchecked_cast()
    }

    /// An Authentication service, once Main knows of one.
    ///
    /// # Panics
    ///
    /// Where it does not within [`PATIENCE`].
    pub async fn authenticator(&self, main: &MainPrx) -> AuthenticatorPrx {
        until("an authenticator", async || {
            main.get_authenticator().await.ok().flatten()
        })
        .await
    }

    /// A catalogue, once Main knows of one.
    ///
    /// # Panics
    ///
    /// Where it does not within [`PATIENCE`].
    pub async fn catalog(&self, main: &MainPrx) -> MediaCatalogPrx {
        until("a catalogue", async || {
            main.get_catalog_service().await.ok().flatten()
        })
        .await
    }
}

/// What is looked for, once it is there.
///
/// # Panics
///
/// Where it is not within [`PATIENCE`].
pub async fn until<T>(what: &str, look: impl AsyncFn() -> Option<T>) -> T {
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
