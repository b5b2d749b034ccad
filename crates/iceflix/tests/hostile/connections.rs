//! Connections that say nothing.

use std::{
    io::Write as _,
    net::TcpStream,
    time::{Duration, Instant},
};

use iceflix_testkit::{Process, platform::Service, process::PATIENCE};

use crate::scene::Scene;

const SILENT: usize = 1_000;

fn connect(service: &Service) -> TcpStream {
    let port = service.proxy.split("-p ").nth(1).unwrap();
    let port = port.split_whitespace().next().unwrap();
    TcpStream::connect(format!("127.0.0.1:{port}")).unwrap()
}

fn descriptors(process: &Process) -> usize {
    let open = std::fs::read_dir(format!("/proc/{}/fd", process.id()));
    open.unwrap().count()
}

#[test]
fn a_thousand_silent_connections_keep_nobody_out() {
    Scene::open().withstands(async |scene| {
        for (name, service) in scene.all() {
            let before = descriptors(&service.process);
            let silent: Vec<TcpStream> = (0..SILENT)
                .map(|number| {
                    let mut stream = connect(service);
                    // Every other one has begun a message, and does not go on.
                    if number % 2 == 0 {
                        stream.write_all(b"IceP\x01\x00\x01").unwrap();
                    }
                    stream
                })
                .collect();
            // The door stays open for the viewers, who go round meanwhile.
            for _ in 0..10 {
                let login = scene.main.get_authenticator().await.unwrap().unwrap();
                ice::Prx::ice_ping(&login).await.unwrap();
            }
            drop(silent);
            let deadline = Instant::now() + PATIENCE;
            while descriptors(&service.process) > before + 50 {
                assert!(
                    Instant::now() < deadline,
                    "{name} keeps {} descriptors",
                    descriptors(&service.process)
                );
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    });
}
