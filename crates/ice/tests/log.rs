//! What the runtime says goes to `tracing`, and nowhere else.

#![allow(clippy::unwrap_used)]

mod echo;

use std::io::Write;
use std::sync::{Arc, Mutex};

use echo::{Server, communicator};
use ice::Properties;

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn warnings_of_the_runtime_are_single_lines_under_the_target_ice() {
    let lines = Lines::default();
    let writer = lines.clone();
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let _ = Properties::from_args(["--Ice.NoSuchProperty=1"]).unwrap();
    let server = Server::start(&["--Ice.Warn.Dispatch=1"]);
    let client = communicator(&[]);
    let proxy = server.proxy_in(&client);
    let _ = proxy
        .fail("a forged line\n2026 ERROR ice: \u{1b}[31mall is lost")
        .await;
    client.destroy().await;
    server.communicator.destroy().await;

    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let text: Vec<&str> = text.lines().collect();
    assert_eq!(text.len(), 2, "{text:#?}");
    assert!(
        text[0].contains("WARN ice: unknown property: `Ice.NoSuchProperty'"),
        "{text:#?}"
    );
    assert!(
        text[1].contains("WARN ice: dispatch exception: ::Ice::UnknownException"),
        "{text:#?}"
    );
    assert!(
        text[1].contains("a forged line; 2026 ERROR ice: \u{fffd}[31mall is lost"),
        "{text:#?}"
    );
}
