//! Announcements by somebody who means harm.

use std::net::TcpListener;

use ice::{Communicator, Identity, Prx as _};
use iceflix_service::peers::{Event, Registry};
use iceflix_slice::{AuthenticatorPrx, AuthenticatorServant};

use tokio::time::timeout;

use crate::scene::{Issuer, PATIENCE, alive_tasks, changed, communicator, found, process};

/// What takes connections on every address of the loopback network, and never
/// says a word.
struct BlackHole {
    _listener: TcpListener,
    port: u16,
}

impl BlackHole {
    fn open() -> Self {
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        Self {
            _listener: listener,
            port,
        }
    }

    /// A proxy that leads there, by an address of its own for each number.
    fn proxy(&self, from: &Communicator, number: usize) -> AuthenticatorPrx {
        let (high, low) = (number / 250 + 1, number % 250 + 1);
        let text = format!("Authenticator:tcp -h 127.0.{high}.{low} -p {}", self.port);
        from.string_to_proxy(&text).unwrap().unchecked_cast()
    }
}

#[tokio::test]
async fn a_flood_of_names_at_a_black_hole_delays_nobody() {
    let here = communicator();
    let peers = Registry::new("own id");
    let (hole, real) = (BlackHole::open(), process(&here));
    let everywhere_the_same = hole.proxy(&here, 0);
    for number in 0..10_000 {
        let id = format!("flood {number}");
        let proxy = Some(everywhere_the_same.clone());
        peers.authenticators().announced(id, proxy);
    }
    found(&peers, "real", &real).await;
}

#[tokio::test]
async fn one_that_names_the_place_of_another_among_its_own_keeps_it_out_of_nothing() {
    let here = communicator();
    let peers = Registry::new("own id");
    let (hole, real) = (BlackHole::open(), process(&here));
    let endpoint = real.proxy.endpoints()[0].to_string();
    let mixed = |number: usize| {
        let holes: Vec<_> = (0..15)
            .map(|hole_number| {
                let endpoint = &hole.proxy(&here, 15 * number + hole_number).endpoints()[0];
                endpoint.to_string()
            })
            .collect();
        let mixed = format!("Stranger:{endpoint}:{}", holes.join(":"));
        let proxy = here.string_to_proxy(&mixed).unwrap().unchecked_cast();
        peers
            .authenticators()
            .announced(format!("flood {number}"), Some(proxy));
    };
    let mut changes = peers.changes();
    // It goes on for as long as the real one is not found.
    let found = async {
        for number in (1..3000).cycle() {
            mixed(number);
            let proxy = Some(real.proxy.clone());
            peers.authenticators().announced("real".to_owned(), proxy);
            if changes.try_recv().is_ok() {
                return;
            }
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, found).await.expect("it is found");
}

#[tokio::test]
async fn a_flood_from_everywhere_keeps_a_newcomer_out_once_at_the_most() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let (hole, real) = (BlackHole::open(), process(&here));
    let mut number = 0;
    let mut flood = || {
        for _ in 0..1000 {
            number += 1;
            let proxy = Some(hole.proxy(&here, number));
            peers
                .authenticators()
                .announced(format!("flood {number}"), proxy);
        }
    };
    for _ in 0..2 {
        flood();
        let proxy = Some(real.proxy.clone());
        peers.authenticators().announced("real".to_owned(), proxy);
    }
    flood();
    changed(&mut changes, "real", Event::Found).await;
}

#[tokio::test]
async fn one_that_says_it_is_many_keeps_nobody_out() {
    let here = communicator();
    let peers = Registry::new("own id");
    let (many, real) = (process(&here), process(&here));
    for number in 0..8 {
        found(&peers, &format!("one of many {number}"), &many).await;
    }
    for number in 8..300 {
        let proxy = Some(many.proxy.clone());
        peers
            .authenticators()
            .announced(format!("one of many {number}"), proxy);
        // It has been asked, and is not watched as the others are.
        alive_tasks(8).await;
    }
    assert_eq!(peers.authenticators().all().len(), 8);
    found(&peers, "real", &real).await;
}

#[tokio::test]
async fn what_is_no_proxy_of_a_service_is_never_a_candidate() {
    let here = communicator();
    let peers = Registry::new("own id");
    let real = process(&here);
    let port = real.proxy.endpoints()[0].to_string();
    let own_adapter = here
        .create_adapter_with_endpoints("Own", "tcp -h 127.0.0.1")
        .unwrap();
    own_adapter.activate().unwrap();
    let ourselves = own_adapter
        .add(
            AuthenticatorServant::new(Issuer::default()),
            Identity::new("Authenticator"),
        )
        .unwrap();
    let many = vec!["tcp -h 127.0.0.1 -p 9"; 10_000].join(":");
    let refused = [
        format!("Authenticator:{many}"),
        format!("{}:{port}", "x".repeat(1 << 20)),
        format!("Authenticator -f {}:{port}", "x".repeat(1 << 20)),
        format!("Authenticator:tcp -h {} -p 1", "x".repeat(1 << 20)),
        "Authenticator @ an adapter".to_owned(),
        "Authenticator @ adapter".to_owned(),
        "Authenticator".to_owned(),
        "Authenticator:udp -h 127.0.0.1 -p 1".to_owned(),
        format!("Authenticator -d:{}", port.replace("tcp", "udp")),
        format!("Authenticator:{}", port.replace("tcp", "ws")),
        "Authenticator:opaque -t 2 -e 1.1 -v CTEyNy4wLjAuMREnAAD/////AA==".to_owned(),
        format!("Authenticator -f facet:{port}"),
        format!("Stranger:{port}"),
        format!("Somebody:{port}"),
        "Authenticator:tcp -h 127.0.0.1 -p 9".to_owned(),
        "Authenticator:tcp -h no.such.host.invalid -p 9".to_owned(),
        ourselves.to_string(),
    ];
    for (number, text) in refused.iter().enumerate() {
        // What Ice itself does not read cannot arrive either.
        if let Ok(proxy) = here.string_to_proxy(text) {
            let id = format!("number {number}");
            let proxy = Some(proxy.unchecked_cast());
            peers.authenticators().announced(id, proxy);
        }
    }
    peers.authenticators().announced("null".to_owned(), None);
    let huge = "x".repeat(1 << 20);
    let proxy = Some(real.proxy.clone());
    peers.authenticators().announced(huge, proxy);
    alive_tasks(0).await;
    assert_eq!(peers.authenticators().all(), []);
}

#[tokio::test]
async fn a_proxy_that_wants_no_answers_is_asked_all_the_same() {
    let here = communicator();
    let peers = Registry::new("own id");
    let mut changes = peers.changes();
    let real = process(&here);
    for (id, proxy) in [
        ("oneway", real.proxy.with_oneway()),
        ("batch", real.proxy.with_batch_oneway()),
        ("datagram", real.proxy.with_datagram()),
    ] {
        peers.authenticators().announced(id.to_owned(), Some(proxy));
        changed(&mut changes, id, Event::Found).await;
        assert_eq!(peers.authenticators().get(id), Some(real.proxy.clone()));
    }
}
