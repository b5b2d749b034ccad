//! How many calls a second a service answers, beside what an empty call to it costs.

use std::{
    future::Future,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use ice::Prx as _;
use iceflix_client::password;
use iceflix_testkit::{
    Platform, Process,
    peer::{Peer, until},
    platform::{PASSWORD, USER},
    usage,
};

use crate::{
    ICEFLIX,
    figures::{progress, row},
};

/// How many calls are under way at a time.
const IN_FLIGHT: usize = 64;
/// How long each kind of call is made, after a second of getting warm.
const LENGTH: Duration = Duration::from_secs(4);
/// How many tokens, or titles, are asked for in turn.
const DIFFERENT: usize = 1000;

pub(crate) fn measure() {
    let platform = Platform::start(ICEFLIX);
    let main = platform.service(&["main"]);
    let auth = platform.service(&["auth", "--IceFlix.Authentication.TokenLifetime=10min"]);
    let catalog = platform.service(&["catalog"]);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let peer = Peer::join(&platform);
        let main = peer.proxy(&main.proxy);

        let authenticator = peer.authenticator(&main).await;
        let empty = rate(&auth.process, |_| {
            let service = authenticator.clone();
            async move { service.ice_ping().await.unwrap() }
        })
        .await;
        empty.show("an empty call to Authentication", "", None);
        progress(format!("{DIFFERENT} logins"));
        let hash = password::hash(PASSWORD);
        let mut tokens = Vec::new();
        for _ in 0..DIFFERENT {
            tokens.push(
                authenticator
                    .refresh_authorization(USER, &hash)
                    .await
                    .unwrap(),
            );
        }
        let checked = rate(&auth.process, |turn| {
            let (service, token) = (authenticator.clone(), tokens[turn % DIFFERENT].clone());
            async move { assert!(service.is_authorized(&token).await.unwrap()) }
        })
        .await;
        checked.show("isAuthorized", "30000/s", Some(&empty));

        let titles: Vec<String> = (0..DIFFERENT)
            .map(|number| format!("{number:064x}"))
            .collect();
        peer.provide("measured", &titles).await;
        let service = peer.catalog(&main).await;
        progress(format!("{DIFFERENT} titles"));
        for title in &titles {
            until("the title", async || service.get_tile(title).await.ok()).await;
        }
        let empty = rate(&catalog.process, |_| {
            let service = service.clone();
            async move { service.ice_ping().await.unwrap() }
        })
        .await;
        empty.show("an empty call to the catalogue", "", None);
        let looked_up = rate(&catalog.process, |turn| {
            let (service, title) = (service.clone(), titles[turn % DIFFERENT].clone());
            async move { drop(service.get_tile(&title).await.unwrap()) }
        })
        .await;
        looked_up.show("getTile", "20000/s", Some(&empty));
        peer.communicator.destroy().await;
    });
}

/// How many calls there were, and what they cost.
pub(crate) struct Rate {
    calls: usize,
    took: Duration,
    server: Duration,
    client: Duration,
}

impl Rate {
    fn per_second(&self) -> f64 {
        self.calls as f64 / self.took.as_secs_f64()
    }

    /// Shows it, and how it stands to an empty call.
    pub(crate) fn show(&self, what: &str, wanted: &str, empty: Option<&Self>) {
        let each = |taken: Duration| taken.as_secs_f64() * 1e6 / self.calls as f64;
        let mut figure = format!("{what}, {IN_FLIGHT} in flight");
        if let Some(empty) = empty {
            let ratio = self.per_second() / empty.per_second();
            figure.push_str(&format!(" ({ratio:.2} of empty calls)"));
        }
        row(&figure, format!("{:.0}/s", self.per_second()), wanted);
        let processor = format!("{:.1} + {:.1} µs", each(self.server), each(self.client));
        row("    processor for each: service + caller", processor, "");
    }
}

/// Makes calls, always [`IN_FLIGHT`] at a time, and counts them; `call` is given their number.
pub(crate) async fn rate<F: Future<Output = ()>>(
    server: &Process,
    call: impl Fn(usize) -> F,
) -> Rate {
    run(&call, Duration::from_secs(1)).await;
    let own = std::process::id();
    let (server_before, client_before) = (server.processor_time(), usage::processor_time(own));
    let (calls, took) = run(&call, LENGTH).await;
    Rate {
        calls,
        took,
        server: server.processor_time() - server_before,
        client: usage::processor_time(own) - client_before,
    }
}

async fn run<F: Future<Output = ()>>(
    call: &impl Fn(usize) -> F,
    length: Duration,
) -> (usize, Duration) {
    let begun = Instant::now();
    let mut under_way: FuturesUnordered<F> = (0..IN_FLIGHT).map(call).collect();
    let mut made = IN_FLIGHT;
    while under_way.next().await.is_some() {
        if begun.elapsed() < length {
            under_way.push(call(made));
            made += 1;
        }
    }
    (made, begun.elapsed())
}
