//! What ffmpeg receives is the film, bit for bit.

mod support;

use support::film::{Film, film};
use support::player::{arg, picture_sums, sound_sums};
use support::server;

async fn compare(transport: &str, film: &Film) {
    let server = server().await;
    let mount = server.mount(film.open());
    let url = mount.url("127.0.0.1");
    let input = ["-rtsp_transport", transport, "-i", &url];
    let received = picture_sums(&input, Some(120)).await;
    assert_eq!(received.len(), 120);
    assert_eq!(
        received,
        picture_sums(&["-i", arg(&film.video)], Some(120)).await
    );
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_tcp() {
    compare("tcp", film()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_over_udp() {
    compare("udp", film()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_over_tcp() {
    let server = server().await;
    let mount = server.mount(film().open());
    let url = mount.url("127.0.0.1");
    let received = sound_sums(&["-rtsp_transport", "tcp", "-i", &url], Some(100)).await;
    assert_eq!(
        received,
        sound_sums(&["-i", arg(&film().audio)], Some(100)).await
    );
}
