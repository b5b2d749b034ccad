//! IceGrid by properties alone: servers that a node starts, and one that comes by itself.

#![allow(clippy::unwrap_used)]

mod echo;
mod grid;

use std::time::Duration;

use echo::{EchoPrx, EchoServant, communicator};
use grid::{ARGUMENTS, Grid};
use ice::{Acm, AcmClose, AcmHeartbeat, Communicator, ErrorKind, Identity, Properties, Prx as _};

fn proxy(client: &Communicator, text: &str) -> EchoPrx {
    client.string_to_proxy(text).unwrap().unchecked_cast()
}

#[tokio::test]
async fn clients_find_servers_by_adapter_group_and_identity_and_servers_start_on_demand() {
    let test = async {
        let grid = Grid::start().await;
        let client = communicator(&[&grid.property()]);
        let state = grid.administer("server state one").await;
        assert!(state.starts_with("inactive"), "{state}");

        // By the id of an adapter, which starts its server.
        for server in ["one", "two"] {
            let replica = proxy(&client, &format!("echo @ {server}.Echo"));
            assert_eq!(replica.echo(server).await.unwrap(), server);
        }
        // By the replica group.
        let group = proxy(&client, "echo @ Echoes");
        assert_eq!(group.echo("group").await.unwrap(), "group");
        // By the identity alone.
        let known = proxy(&client, "echo");
        assert_eq!(known.echo("known").await.unwrap(), "known");

        // A replica that is stopped is started again, or the other one answers.
        grid.administer("server stop one").await;
        assert_eq!(known.echo("again").await.unwrap(), "again");
        assert_eq!(
            proxy(&client, "echo @ one.Echo").echo("one").await.unwrap(),
            "one"
        );

        // A server that nobody has deployed registers itself.
        let server = communicator(&[
            &grid.property(),
            "--Echo.Endpoints=tcp -h 127.0.0.1 -p 0",
            "--Echo.AdapterId=dynamic",
        ]);
        let adapter = server.create_adapter("Echo").unwrap();
        let (servant, _seen) = EchoServant::new();
        adapter.add(servant, Identity::new("echo")).unwrap();
        adapter.activate_async().await.unwrap();
        let dynamic = proxy(&client, "echo @ dynamic");
        assert_eq!(dynamic.echo("dynamic").await.unwrap(), "dynamic");
        server.destroy().await;

        let error = proxy(&client, "echo @ nowhere").echo("").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotRegistered);
        client.destroy().await;
        grid.stop().await;
    };
    tokio::time::timeout(Duration::from_secs(120), test)
        .await
        .expect("it ends in time");
}

/// Not a test: the node starts this program, and names it.
#[tokio::test]
#[ignore = "the node starts it"]
async fn the_server_that_a_node_starts() {
    let Ok(arguments) = std::env::var(ARGUMENTS) else {
        return;
    };
    let (properties, _) = Properties::from_args(arguments.split_whitespace()).unwrap();
    let communicator = Communicator::new(properties).unwrap();
    let adapter = communicator.create_adapter("Echo").unwrap();
    let (servant, _seen) = EchoServant::new();
    adapter.add(servant, Identity::new("echo")).unwrap();
    adapter.activate_async().await.unwrap();
    // A registry that is gone, however it ended, takes the server along.
    let locator = communicator.default_locator().unwrap();
    let registry = locator.connection().await.unwrap().unwrap();
    let watched = Acm::new(Duration::from_secs(60), AcmClose::Off, AcmHeartbeat::Always);
    registry.set_acm(watched).unwrap();
    tokio::select! {
        shut_down = communicator.wait_for_shutdown() => shut_down.unwrap(),
        _ = registry.closed() => {}
    }
    communicator.destroy().await;
}
