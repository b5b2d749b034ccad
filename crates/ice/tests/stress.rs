//! Connects and destroys without end, with calls of every kind that race them.
//!
//! `ICE_STRESS_ROUNDS` is how many rounds there are; a few hundred where it is not set.

#![allow(clippy::unwrap_used)]

mod echo;

use std::time::Duration;

use echo::{EchoPrx, Server, communicator};
use ice::{Communicator, Error, Group, Prx as _};
use tokio::task::JoinSet;

const ROUNDS: usize = 200;

/// Far beyond what a round takes.
const PATIENCE: Duration = Duration::from_secs(30);

fn rounds() -> usize {
    match std::env::var("ICE_STRESS_ROUNDS") {
        Ok(rounds) => rounds.parse().expect("ICE_STRESS_ROUNDS is a number"),
        Err(_) => ROUNDS,
    }
}

/// What a call may fail with whose client or server ends meanwhile.
fn is_of_an_end(error: &Error) -> bool {
    matches!(
        error.kind().group(),
        Group::Ended | Group::Connection | Group::Unknown | Group::NotExist
    )
}

fn check<T>(result: Result<T, Error>) {
    if let Err(error) = result {
        assert!(is_of_an_end(&error), "{error:?}");
    }
}

/// Calls until the end, in every way: answered at once and later, never, without an answer, with an exception, with
/// proxies and payloads, and dropped under way.
async fn call_until_the_end(proxy: EchoPrx) {
    check(proxy.echo("text").await);
    let bytes = vec![7; 20_000];
    let (never, later, swallow, itself, oneway, refused) = tokio::join!(
        tokio::time::timeout(Duration::from_millis(2), proxy.wait()),
        proxy.later("text"),
        proxy.swallow(&bytes),
        proxy.itself(Some(&proxy)),
        proxy.with_oneway_note(),
        proxy.refuse_unknown("why"),
    );
    if let Ok(ended) = never {
        check(ended);
    }
    check(later);
    check(swallow);
    check(itself);
    check(oneway);
    if let Err(error) = refused {
        assert!(is_of_an_end(&error), "{error:?}");
    }
    check(proxy.bytes(20_000).await);
}

trait Oneway {
    async fn with_oneway_note(&self) -> Result<(), Error>;
}

impl Oneway for EchoPrx {
    async fn with_oneway_note(&self) -> Result<(), Error> {
        self.with_oneway().note(1).await
    }
}

fn callers(clients: &[Communicator], server: &Server) -> JoinSet<()> {
    let mut callers = JoinSet::new();
    for client in clients {
        callers.spawn(call_until_the_end(server.proxy_in(client)));
    }
    callers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_may_race_the_end_of_their_client_and_of_their_server_any_number_of_times() {
    let mut server = Server::start(&[]);
    for round in 0..rounds() {
        let clients = [communicator(&[]), communicator(&[])];
        let mut callers = callers(&clients, &server);
        let end = async {
            // Sometimes before the first call, sometimes after the last.
            tokio::time::sleep(Duration::from_micros(
                u64::try_from(round % 50).unwrap() * 100,
            ))
            .await;
            if round % 10 == 0 {
                server.communicator.destroy_within(Duration::ZERO).await;
            }
            // One is ended, and one is merely dropped.
            clients[0].destroy().await;
        };
        let all = async {
            end.await;
            while let Some(caller) = callers.join_next().await {
                caller.unwrap();
            }
        };
        tokio::time::timeout(PATIENCE, all)
            .await
            .unwrap_or_else(|_| panic!("round {round} hangs"));
        if round % 10 == 0 {
            server = Server::start(&[]);
        }
        while server.seen.try_recv().is_ok() {}
    }
    server.communicator.destroy().await;
}
