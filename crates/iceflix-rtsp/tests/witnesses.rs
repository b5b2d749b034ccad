//! Other people's players, strict ones: no packet is lost, and pictures and sound come together.

mod support;

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::StreamExt;
use gstreamer as gst;
use gstreamer::prelude::*;
use retina::client::{
    InitialSequenceNumberPolicy, InitialTimestampPolicy, PlayOptions, Session, SessionOptions,
    SetupOptions, TcpTransportOptions, Transport, UdpTransportOptions,
};
use retina::codec::CodecItem;
use support::film::film;
use support::player::run;
use support::{PATIENCE, server, until};
use tokio::task::spawn_blocking;

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

/// Plays three seconds with GStreamer's RTSP source.
///
/// The elements are put together here and not by `gst-launch-1.0`: its links to pads that are yet to
/// come race with each other, and it takes what it breaks off itself at the end for an error.
async fn rtspsrc_plays(protocol: &str) {
    let server = server().await;
    let mount = server.mount(film().open());
    let (url, protocol) = (mount.url("127.0.0.1"), protocol.to_owned());
    let played = spawn_blocking(move || play_with_rtspsrc(&url, &protocol));
    until(played).await.expect("no panic");
}

/// Over TCP, seeks and waits for the goodbye as well; over UDP, this source passes no end on after a
/// seek.
fn play_with_rtspsrc(url: &str, protocol: &str) {
    gst::init().expect("GStreamer is installed");
    let pipeline = gst::Pipeline::new();
    let source = gst::ElementFactory::make("rtspsrc")
        .property("location", url)
        .property_from_str("protocols", protocol)
        .build()
        .expect("the source is installed");
    pipeline.add(&source).expect("a new element");
    let counts: [Arc<AtomicU64>; 2] = Default::default();
    let (counting, into) = (counts.clone(), pipeline.clone());
    source.connect_pad_added(move |_, pad| {
        let caps = pad.current_caps().expect("caps");
        let media: String = caps.structure(0).expect("one").get("media").expect("named");
        let (count, elements) = match media.as_str() {
            "video" => (&counting[0], "rtph264depay ! h264parse"),
            _ => (&counting[1], "rtpmp4gdepay ! aacparse"),
        };
        let elements = format!("{elements} ! fakesink name=end sync=false async=false");
        let bin = gst::parse::bin_from_description(&elements, true).expect("elements");
        let end = bin.by_name("end").and_then(|end| end.static_pad("sink"));
        let count = Arc::clone(count);
        end.expect("an end")
            .add_probe(gst::PadProbeType::BUFFER, move |_, _| {
                count.fetch_add(1, Ordering::Relaxed);
                gst::PadProbeReturn::Ok
            });
        into.add(&bin).expect("a new element");
        bin.sync_state_with_parent().expect("a running pipeline");
        let sink = bin.static_pad("sink").expect("a ghost");
        pad.link(&sink).expect("fitting");
    });
    pipeline.set_state(gst::State::Playing).expect("a server");
    let bus = pipeline.bus().expect("a bus");
    let ended = |time| {
        let kinds = [gst::MessageType::Eos, gst::MessageType::Error];
        let told = bus.timed_pop_filtered(time, &kinds);
        match told.as_ref().map(|message| message.view()) {
            Some(gst::MessageView::Error(error)) => panic!("{error:?}"),
            told => told.is_some(),
        }
    };
    let reached = |pictures, sounds| {
        let [seen, heard] = counts.each_ref().map(|count| count.load(Ordering::Relaxed));
        seen >= pictures && heard >= sounds
    };
    while !reached(90, 130) {
        assert!(!ended(gst::ClockTime::from_mseconds(20)), "too early");
    }
    if protocol == "tcp" {
        let flags = gst::SeekFlags::FLUSH | gst::SeekFlags::KEY_UNIT;
        let near_the_end = gst::ClockTime::from_seconds(6);
        pipeline
            .seek_simple(flags, near_the_end)
            .expect("it can be sought in");
        let patience = gst::ClockTime::from_seconds(PATIENCE.as_secs());
        assert!(ended(patience), "no end");
        assert!(reached(90 + 55, 130 + 85), "{counts:?}");
    }
    pipeline.set_state(gst::State::Null).expect("an end");
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
