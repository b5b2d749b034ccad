//! Other people's players, strict ones: no packet is lost, and pictures and sound come together.

mod support;

use std::process::Command;

use futures_util::StreamExt;
use retina::client::{
    InitialSequenceNumberPolicy, InitialTimestampPolicy, PlayOptions, Session, SessionOptions,
    SetupOptions, TcpTransportOptions, Transport, UdpTransportOptions,
};
use retina::codec::CodecItem;
use support::film::film;
use support::player::run;
use support::{server, until};

/// Plays three seconds with retina, which checks RTP-Info, sequence numbers and time stamps.
async fn retina_loses_nothing(transport: Transport) {
    let server = server().await;
    let mount = server.mount(film().open());
    let url = rtsp_types::Url::parse(&mount.url("127.0.0.1")).expect("a URL");
    let mut session = until(Session::describe(url, SessionOptions::default()))
        .await
        .expect("a description");
    for track in 0..2 {
        until(session.setup(track, SetupOptions::default().transport(transport.clone())))
            .await
            .expect("a track");
    }
    let options = PlayOptions::default()
        .initial_timestamp(InitialTimestampPolicy::Require)
        .initial_seq(InitialSequenceNumberPolicy::Respect)
        .enforce_timestamps_with_max_jump_secs(1.try_into().expect("not 0"));
    let mut film = until(session.play(options))
        .await
        .expect("a film")
        .demuxed()
        .expect("known codecs");
    let (mut pictures, mut sounds, mut reports) = (0, 0, 0);
    while pictures < 90 {
        match until(film.next())
            .await
            .expect("more film")
            .expect("in order")
        {
            CodecItem::VideoFrame(picture) => {
                assert_eq!(picture.loss(), 0);
                assert_eq!(picture.timestamp().elapsed(), pictures * 3_000);
                pictures += 1;
            }
            CodecItem::AudioFrame(sound) => {
                assert_eq!(sound.loss(), 0);
                assert_eq!(sound.timestamp().elapsed(), sounds * 1_024);
                let ahead = sound.timestamp().elapsed_secs() - pictures as f64 / 30.0;
                assert!(ahead.abs() < 0.1, "sound and pictures are {ahead} s apart");
                sounds += 1;
            }
            CodecItem::Rtcp(_) => reports += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(sounds > 130, "{sounds}");
    assert!(
        reports >= 2,
        "a sender report for each track at the beginning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn retina_loses_nothing_over_tcp() {
    retina_loses_nothing(Transport::Tcp(TcpTransportOptions::default())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn retina_loses_nothing_over_udp() {
    retina_loses_nothing(Transport::Udp(UdpTransportOptions::default())).await;
}

async fn rtspsrc_plays(protocol: &str) {
    let server = server().await;
    let mount = server.mount(film().open());
    let mut command = Command::new("timeout");
    command.args(["40", "gst-launch-1.0", "-q", "-e", "rtspsrc", "name=s"]);
    command.args([
        format!("location={}", mount.url("127.0.0.1")),
        format!("protocols={protocol}"),
    ]);
    command.args("s. ! application/x-rtp,media=video ! rtph264depay ! h264parse ! fakesink num-buffers=90 sync=false".split(' '));
    command.args(
        "s. ! application/x-rtp,media=audio ! rtpmp4gdepay ! aacparse ! fakesink sync=false"
            .split(' '),
    );
    let output = run(command).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        server.statistics().packets > 300,
        "{:?}",
        server.statistics()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn rtspsrc_plays_over_tcp() {
    rtspsrc_plays("tcp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rtspsrc_plays_over_udp() {
    rtspsrc_plays("udp").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn mpv_plays() {
    let server = server().await;
    let mount = server.mount(film().open());
    let mut command = Command::new("timeout");
    command.args([
        "40",
        "mpv",
        "--no-config",
        "--msg-level=all=error",
        "--vo=null",
        "--ao=null",
        "--length=2",
        &mount.url("127.0.0.1"),
    ]);
    let output = run(command).await;
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
