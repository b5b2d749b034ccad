//! Generated code at work: Rust calls Rust, Rust calls ZeroC's Python, and Python calls Rust.

mod boundaries;
mod echo;
mod errors;
mod optionals;
mod peer;
mod servants;
mod types;

#[allow(unused)]
mod generated {
    /// What a server knows that its callers do not.
    pub(crate) mod server {
        include!("../golden/Beyond.rs");
    }
    include!("../golden/Boundaries.rs");
    include!("../golden/Errors.rs");
    include!("../golden/Optionals.rs");
    include!("../golden/Types.rs");
}

use ice::{Communicator, Prx as _};

/// Everything that the other side, whoever it is, must get right.
async fn exercise(communicator: &Communicator, endpoint: &str) {
    let proxy = |name: &str| {
        communicator
            .string_to_proxy(&format!("{name}:{endpoint}"))
            .expect("the endpoint is well formed")
    };
    types::exercise(proxy("mirror").unchecked_cast()).await;
    errors::exercise(proxy("thrower").unchecked_cast()).await;
    optionals::exercise(proxy("sieve").unchecked_cast()).await;
    boundaries::exercise(communicator, &proxy("echo").unchecked_cast()).await;
    boundaries::exceptions(&proxy("unknown").unchecked_cast()).await;
}

#[tokio::test]
async fn rust_calls_rust() {
    let server = servants::start();
    let client = peer::communicator();
    exercise(&client, &servants::endpoint(&server)).await;
    client.destroy().await;
    server.communicator.destroy().await;
}

#[tokio::test]
async fn rust_calls_python() {
    let mut server = peer::Server::start().await;
    let client = peer::communicator();
    exercise(&client, &server.endpoint).await;
    client.destroy().await;
    server.stop().await;
}

#[tokio::test]
async fn python_calls_rust() {
    let server = servants::start();
    peer::run_client(&servants::endpoint(&server)).await;
    server.communicator.destroy().await;
}
