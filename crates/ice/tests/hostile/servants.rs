//! What a servant may do to its own process, and a message by its size.

use crate::echo::{EchoPrx, Server, communicator};
use ice::{ErrorKind, Prx as _};

#[tokio::test]
async fn a_panic_in_a_servant_is_an_unknown_exception_and_the_process_lives() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    for late in [false, true] {
        let error = proxy.panic(late).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.reason()),
            (ErrorKind::Unknown, "the servant panicked"),
            "late: {late}"
        );
    }
    assert_eq!(proxy.echo("alive").await.unwrap(), "alive");
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn a_servant_says_why_it_failed_or_that_its_object_is_gone() {
    let server = Server::start(&[]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let error = proxy.fail("the disk is full").await.unwrap_err();
    assert_eq!(
        (error.kind(), error.reason()),
        (ErrorKind::Unknown, "the disk is full")
    );
    assert!(!error.is_transport());
    let error = proxy.no_such_operation().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::OperationNotExist);
    assert!(!error.is_not_exist());
    assert!(
        error.to_string().contains("noSuchOperation on `echo"),
        "{error}"
    );
    let other: EchoPrx = proxy
        .with_identity(ice::Identity::new("other"))
        .unwrap()
        .unchecked_cast();
    assert_eq!(
        other.echo("").await.unwrap_err().kind(),
        ErrorKind::ObjectNotExist
    );
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn too_large_a_reply_is_told_from_too_large_a_request() {
    let server = Server::start(&["--Ice.MessageSizeMax=100"]);
    let client = communicator(&["--Ice.MessageSizeMax=10"]);
    let proxy = server.proxy_in(&client);
    assert_eq!(
        proxy.bytes(20_000).await.unwrap_err().kind(),
        ErrorKind::MemoryLimit
    );
    let client_without_limit = communicator(&["--Ice.MessageSizeMax=0"]);
    let proxy = server.proxy_in(&client_without_limit);
    let error = proxy.swallow(&vec![0; 200_000]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionLost);
    assert_eq!(proxy.echo("alive").await.unwrap(), "alive");
    client.destroy().await;
    client_without_limit.destroy().await;
    server.communicator.destroy().await;
}
