//! The demo of TLS, with certificates that are made for the occasion.

use std::path::Path;
use std::process::Command;

use crate::program::{Program, properties};
use crate::{demo, pairs};

fn certificates(directory: &Path) {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tls/make-certificates");
    let made = Command::new(script).current_dir(directory).status();
    assert!(made.expect("bash is installed").success());
}

fn configuration(file: &str) -> String {
    format!("{}/tls/{file}", env!("CARGO_MANIFEST_DIR"))
}

#[tokio::test]
async fn tls_opens_for_those_with_a_certificate_and_for_nobody_else() {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let here = directory.path();
    certificates(here);
    for (server, client) in pairs(demo!("tls")) {
        let endpoint = "Door.Endpoints=ssl -h 127.0.0.1 -p 0\n";
        let endpoint = properties(here, "endpoint.conf", endpoint);
        let at_server = format!("{},{endpoint}", configuration("server.conf"));
        // That in Python does not read certificates.
        let names = matches!(server, Program::Rust(_));
        let mut server = server.start(here, &at_server, &[]);
        let proxy = format!("Door.Proxy={}\n", server.line().await);
        let proxy = properties(here, "proxy.conf", &proxy);
        let at_client = format!("{},{proxy}", configuration("client.conf"));
        assert_eq!(client.print(here, &at_client, &[]).await, "Welcome.\n");
        if names {
            let entered = server.line().await;
            assert!(entered.contains("CN=client"), "{entered}");
        }

        let nobody = ["--IceSSL.CertFile=", "--IceSSL.KeyFile="];
        let refused = client.run(here, &at_client, &nobody).await;
        assert!(!refused.status.success());
        assert!(refused.stdout.is_empty());
        server.interrupt().await;
    }
}
