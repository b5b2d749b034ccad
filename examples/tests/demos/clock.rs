//! The demo of IceStorm, with a broker of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::program::{Program, properties, soon};

const PUBLISHER: Program = Program::Rust(env!("CARGO_BIN_EXE_clock-publisher"));
const SUBSCRIBER: Program = Program::Rust(env!("CARGO_BIN_EXE_clock-subscriber"));
const PYTHON_PUBLISHER: Program = Program::Python("clock/publisher.py");
const PYTHON_SUBSCRIBER: Program = Program::Python("clock/subscriber.py");

/// The broker of the demo, at ports that are free: it and the proxy of its topic manager.
async fn broker(directory: &Path) -> (Child, String) {
    let (manager, publish) = (free_port(), free_port());
    let ports = format!(
        "IceStorm.TopicManager.Endpoints=tcp -h 127.0.0.1 -p {manager}\n\
         IceStorm.Publish.Endpoints=tcp -h 127.0.0.1 -p {publish}\n\
         IceStorm.Flush.Timeout=50\n"
    );
    let configuration = concat!(env!("CARGO_MANIFEST_DIR"), "/clock/icebox.conf");
    let ports = properties(directory, "ports.conf", &ports);
    // So that no broker outlives a test that is killed.
    let mut icebox = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", "icebox"])
        .arg(format!("--Ice.Config={configuration},{ports}"))
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("zeroc-icebox is installed");
    let output = icebox.stdout.take().expect("it is a pipe");
    let ready = soon(BufReader::new(output).lines().next_line()).await;
    assert_eq!(
        ready.expect("a whole pipe").as_deref(),
        Some("IceStorm ready")
    );
    (
        icebox,
        format!("Demo/TopicManager:tcp -h 127.0.0.1 -p {manager}"),
    )
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    listener.local_addr().expect("it is bound").port()
}

#[tokio::test]
async fn clock_tells_the_time_by_way_of_the_broker() {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let here = directory.path();
    let (_broker, manager) = broker(here).await;
    let at_broker = properties(
        here,
        "clock.conf",
        &format!("TopicManager.Proxy={manager}\n"),
    );
    for (publisher, subscriber, mode) in [
        (PUBLISHER, SUBSCRIBER, "twoway"),
        (PUBLISHER, SUBSCRIBER, "ordered"),
        (PUBLISHER, SUBSCRIBER, "oneway"),
        (PUBLISHER, SUBSCRIBER, "batch"),
        (PUBLISHER, SUBSCRIBER, "datagram"),
        (PYTHON_PUBLISHER, SUBSCRIBER, "twoway"),
        (PUBLISHER, PYTHON_SUBSCRIBER, ""),
    ] {
        let mut publisher = publisher.start(here, &at_broker, &["--every", "10"]);
        publisher.line().await;
        let mut arguments = vec!["--count", "3"];
        if !mode.is_empty() {
            arguments.extend(["--mode", mode]);
        }
        let heard = subscriber.print(here, &at_broker, &arguments).await;
        assert_eq!(heard.lines().count(), 3, "{heard}");
        publisher.interrupt().await;
    }
}
