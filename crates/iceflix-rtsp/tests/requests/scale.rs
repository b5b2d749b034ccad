//! Fast forward, and backwards, by keyframes alone.

use super::support::client::{Answer, Arrival, Client};
use super::{TCP, cinema, set_up};

/// A keyframe as it arrives: its number, RTP time and payload.
#[derive(Debug)]
struct Picture {
    sequence: u16,
    time: u32,
    packets: u16,
    payload: Vec<u8>,
}

/// PLAY with more headers, which must succeed.
fn play(client: &mut Client, url: &str, headers: &str) -> Answer {
    let answer = client.ask("PLAY", url, headers);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

/// Number and RTP time of the video, as RTP-Info tells them.
fn told(answer: &Answer) -> (u16, u32) {
    let info = answer.header("RTP-Info").expect("numbers");
    let video = info.split(',').next().expect("a track");
    let number = |name| {
        let (_, behind) = video.split_once(name).expect("a number");
        behind.split(';').next().expect("digits")
    };
    (
        number("seq=").parse().expect("16 bits"),
        number("rtptime=").parse().expect("32 bits"),
    )
}

/// Where an answer to PLAY says that it begins, in seconds.
fn begins_at(answer: &Answer) -> f64 {
    let range = answer.header("Range").expect("a range");
    let from = range
        .strip_prefix("npt=")
        .and_then(|range| range.split('-').next());
    from.expect("normal play time").parse().expect("seconds")
}

/// The pictures up to the goodbye of the video. There must be no sound.
fn until_the_end(client: &mut Client) -> Vec<Picture> {
    let mut pictures: Vec<Picture> = Vec::new();
    loop {
        match client.next() {
            Arrival::Frame(0, bytes) => {
                let sequence = u16::from_be_bytes([bytes[2], bytes[3]]);
                let time = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
                match pictures.last_mut().filter(|last| last.time == time) {
                    Some(last) => {
                        assert_eq!(sequence, last.sequence.wrapping_add(last.packets));
                        last.packets += 1;
                        last.payload.extend(&bytes[12..]);
                    }
                    None => pictures.push(Picture {
                        sequence,
                        time,
                        packets: 1,
                        payload: bytes[12..].to_vec(),
                    }),
                }
            }
            Arrival::Frame(1, bytes) if bytes[bytes.len() - 8..][..2] == [0x81, 203] => {
                return pictures;
            }
            Arrival::Frame(1 | 3, _) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Whether the pictures follow on one another without a gap, and are shown `step` ticks apart.
fn assert_in_step(pictures: &[Picture], (sequence, time): (u16, u32), step: u32) {
    let first = &pictures[0];
    assert_eq!((first.sequence, first.time), (sequence, time));
    for two in pictures.windows(2) {
        assert_eq!(
            two[1].sequence,
            two[0].sequence.wrapping_add(two[0].packets)
        );
        let apart = two[1].time.wrapping_sub(two[0].time);
        assert!(apart.abs_diff(step) <= 2, "{apart} ticks");
    }
    let begins_with_parameter_sets = |picture: &Picture| picture.payload[0] & 0x1f == 7;
    assert!(pictures.iter().all(begins_with_parameter_sets));
}

#[tokio::test(flavor = "multi_thread")]
async fn faster_or_backwards_the_keyframes_come_alone_and_on_time() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let (mut client, session) = set_up(server.local_addr(), &url);
    let answer = play(
        &mut client,
        &url,
        &format!("{session}Range: npt=0-\r\nScale: 8.0\r\n"),
    );
    assert_eq!(answer.header("Scale"), Some("8"));
    assert_eq!(answer.header("Range"), Some("npt=0.000-8.000"));
    let fast = until_the_end(&mut client);
    assert_eq!(fast.len(), 8, "one for each second of the film");
    assert_in_step(&fast, told(&answer), 90_000 / 8);

    let answer = play(
        &mut client,
        &url,
        &format!("{session}Range: npt=5.2-2\r\nScale: -4\r\n"),
    );
    assert_eq!(answer.header("Scale"), Some("-4"));
    assert_eq!(answer.header("Range"), Some("npt=5.000-2.000"));
    let back = until_the_end(&mut client);
    assert_in_step(&back, told(&answer), 90_000 / 4);
    let wanted = [5, 4, 3, 2].map(|second: usize| &fast[second].payload);
    assert!(back.iter().map(|picture| &picture.payload).eq(wanted));
    let (last, next) = (&fast[7], &back[0]);
    assert_eq!(next.sequence, last.sequence.wrapping_add(last.packets));
    let on = next.time.wrapping_sub(last.time);
    assert!((1..90_000).contains(&on), "time goes on, by {on}");

    let answer = play(&mut client, &url, &session);
    assert_eq!(answer.header("Scale"), None, "nobody asked");
    assert_eq!(answer.header("Range"), Some("npt=0.000-8.000"));
}

#[tokio::test(flavor = "multi_thread")]
async fn from_fast_to_normal_the_film_goes_on_where_it_is_seen() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let (mut client, session) = set_up(server.local_addr(), &url);
    play(&mut client, &url, &format!("{session}Range: npt=0-\r\n"));
    let answer = play(&mut client, &url, &format!("{session}Scale: 2\r\n"));
    assert_eq!(answer.header("Range"), Some("npt=0.000-8.000"));
    let mut time = told(&answer).1;
    while time.wrapping_sub(told(&answer).1) < 90_000 {
        let (channel, bytes) = client.frame();
        if channel == 0 {
            time = u32::from_be_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]);
        }
    }
    assert_eq!(client.ask("PAUSE", &url, &session).status, 200);
    let paused = play(&mut client, &url, &format!("{session}Scale: 2\r\n"));
    assert!(begins_at(&paused) >= 2.0, "{paused:?}");
    let (_, resumed) = told(&paused);
    let (mut reported, mut next) = (None, None);
    while reported.is_none() || next.is_none() {
        let (channel, bytes) = client.frame();
        let word =
            |at| u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        match channel {
            0 => _ = next.get_or_insert(word(4)),
            1 => _ = reported.get_or_insert(word(16)),
            _ => {}
        }
    }
    let ahead = |time: Option<u32>| time.map(|time| time.wrapping_sub(resumed).cast_signed());
    assert!(ahead(reported).is_some_and(|ticks| (0..22_500).contains(&ticks)));
    assert!(ahead(next).is_some_and(|ticks| (0..=90_000).contains(&ticks)));
    time = next.expect("a keyframe");
    client.take_passed();
    let answer = play(&mut client, &url, &format!("{session}Scale: 1\r\n"));
    assert_eq!(answer.header("Scale"), Some("1"));
    let from = begins_at(&answer);
    assert!(from >= 2.0 && from.fract() == 0.0, "a keyframe: {from}");
    let on = told(&answer).1.wrapping_sub(time);
    assert!((1..4 * 90_000).contains(&on), "time goes on, by {on}");
    let mut seen = [false; 2];
    while seen != [true; 2] {
        let (channel, _) = client.frame();
        if let 0 | 2 = channel {
            seen[usize::from(channel / 2)] = true;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_speed_that_cannot_be_had_becomes_one_that_can() {
    let (server, _mount, url) = cinema(|_| {}).await;
    let (mut client, session) = set_up(server.local_addr(), &url);
    for (asked, real) in [("0.5", "1"), ("1.0", "1"), ("1000", "64"), ("-0.1", "-1")] {
        let answer = play(&mut client, &url, &format!("{session}Scale: {asked}\r\n"));
        assert_eq!(answer.header("Scale"), Some(real), "{asked}");
    }
    for (headers, status) in [
        ("Scale: 0\r\n", 400),
        ("Scale: fast\r\n", 400),
        ("Scale: -1\r\nRange: npt=2-5\r\n", 400),
        ("Scale: 2\r\nRange: npt=5-2\r\n", 400),
        ("Scale: -2\r\nRange: npt=100-\r\n", 457),
    ] {
        let answer = client.ask("PLAY", &url, &format!("{session}{headers}"));
        assert_eq!(answer.status, status, "{headers:?}");
    }
    let mut listener = Client::connect(server.local_addr());
    let answer = listener.ask("SETUP", &format!("{url}/track2"), TCP);
    let session = format!("Session: {}\r\n", answer.session());
    let answer = play(&mut listener, &url, &format!("{session}Scale: 4\r\n"));
    assert_eq!(answer.header("Scale"), Some("1"), "sound has no keyframes");
}
