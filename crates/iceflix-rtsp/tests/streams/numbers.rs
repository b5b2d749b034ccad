//! Sequence numbers, RTP time and what is told of them: across seeks, pauses and ranges.

use std::time::Duration;

use iceflix_rtsp::Event;

use crate::scene::{Cinema, Packet, told};
use crate::support::client::Arrival;

#[tokio::test(flavor = "multi_thread")]
async fn rtp_info_tells_the_very_first_packets() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=0-");
    assert_eq!(answer.header("Range"), Some("npt=0.000-8.000"));
    for track in 0..2 {
        let packet = cinema.packet(track);
        assert_eq!(
            (packet.sequence, packet.timestamp),
            told(&answer, track.into())
        );
        assert_eq!(packet.kind, 96 + track);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_go_on_across_seeks_in_both_directions() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    cinema.play("");
    let mut last = cinema.packet(0);
    cinema.client.take_passed();
    for (range, from) in [
        ("npt=4.2-", "npt=4.000-8.000"),
        ("npt=1-", "npt=1.000-8.000"),
        ("npt=0-", "npt=0.000-8.000"),
        ("npt=8-", "npt=7.000-8.000"),
    ] {
        let answer = cinema.play(range);
        assert_eq!(answer.header("Range"), Some(from));
        let (sequence, timestamp) = told(&answer, 0);
        for (channel, bytes) in cinema.client.take_passed() {
            if channel == 0 {
                let packet = Packet::read(&bytes);
                assert_eq!(
                    packet.sequence,
                    last.sequence.wrapping_add(1),
                    "no gap, and none twice"
                );
                last = packet;
            }
        }
        let first = cinema.packet(0);
        assert_eq!(
            (first.sequence, sequence),
            (last.sequence.wrapping_add(1), first.sequence)
        );
        last = first.clone();
        assert!(first.is_keyframe());
        assert_eq!(first.timestamp, timestamp);
        for _ in 0..20 {
            let packet = cinema.packet(0);
            assert_eq!(packet.sequence, last.sequence.wrapping_add(1));
            let step = packet.timestamp.wrapping_sub(last.timestamp);
            assert!(step < 90_000, "time goes forward, by {step}");
            last = packet;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn seeks_in_a_row_never_take_rtp_time_back() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let (mut last_sequence, mut last_time) = told(&cinema.play("npt=0-"), 0);
    let play = format!(
        "PLAY {} RTSP/1.0\r\nCSeq: 50\r\n{}",
        cinema.url, cinema.session
    );
    let targets = [7, 1, 5, 0, 3, 2];
    cinema.client.say(
        targets
            .map(|from| format!("{play}Range: npt={from}-\r\n\r\n"))
            .concat(),
    );
    for _ in targets {
        let (sequence, time) = told(&cinema.client.answer(), 0);
        let (packets, ticks) = (
            sequence.wrapping_sub(last_sequence),
            time.wrapping_sub(last_time),
        );
        assert!(
            packets < 1_000 && ticks < 900_000,
            "{packets} packets, {ticks} ticks"
        );
        (last_sequence, last_time) = (sequence, time);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_is_quiet_and_ends_where_it_began() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    cinema.play("npt=0-");
    let before = (0..30).map(|_| cinema.packet(0)).last().expect("a packet");
    cinema.client.say(format!(
        "PAUSE {} RTSP/1.0\r\nCSeq: 90\r\n{}\r\n",
        cinema.url, cinema.session
    ));
    let mut last = before;
    loop {
        match cinema.client.next() {
            Arrival::Answer(answer) => break assert_eq!(answer.status, 200),
            Arrival::Frame(0, bytes) => last = Packet::read(&bytes),
            Arrival::Frame(..) => {}
            Arrival::Closed => panic!("closed"),
        }
    }
    assert!(cinema.client.is_quiet_for(Duration::from_millis(300)));
    let answer = cinema.play("");
    let next = cinema.packet(0);
    assert_eq!(next.sequence, last.sequence.wrapping_add(1));
    assert_eq!(next.sequence, told(&answer, 0).0);
    assert!(
        next.timestamp.wrapping_sub(last.timestamp) <= 3_000,
        "the next picture at most"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_range_with_an_end_ends_there() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=2-2.5");
    assert_eq!(answer.header("Range"), Some("npt=2.000-2.500"));
    let (_, start) = told(&answer, 0);
    let (mut latest, mut goodbyes) = (0, 0);
    while goodbyes < 2 {
        match cinema.client.frame() {
            (0, bytes) => latest = Packet::read(&bytes).timestamp.wrapping_sub(start),
            (1 | 3, bytes) if bytes.len() > 8 && bytes[bytes.len() - 8..][..2] == [0x81, 203] => {
                goodbyes += 1
            }
            _ => {}
        }
    }
    assert_eq!(latest, 14 * 3_000, "fifteen pictures");
    assert_eq!(cinema.event().await, Event::Started);
    assert_eq!(cinema.event().await, Event::Finished);
    cinema.play("");
    assert!(
        cinema.packet(0).is_keyframe(),
        "played again from the beginning"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn sender_reports_lay_the_tracks_on_one_clock() {
    let mut cinema = Cinema::over_tcp(|_| {}).await;
    let answer = cinema.play("npt=3-");
    let mut seconds = [None; 2];
    while seconds.contains(&None) {
        let (channel, bytes) = cinema.client.frame();
        let Some(track @ (0 | 1)) = [1, 3].iter().position(|rtcp| *rtcp == channel) else {
            continue;
        };
        assert_eq!(bytes[1], 200);
        let number =
            |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let wall = f64::from(number(8)) + f64::from(number(12)) / 2f64.powi(32);
        let film = f64::from(number(16).wrapping_sub(told(&answer, track).1))
            / [90_000.0, 48_000.0][track];
        seconds[track] = Some(wall - film);
        let name = String::from_utf8_lossy(&bytes[38..38 + usize::from(bytes[37])]).into_owned();
        assert!(name.starts_with("iceflix-"), "{name}");
    }
    let apart = seconds[0].expect("video") - seconds[1].expect("audio");
    assert!(apart.abs() < 0.001, "{apart} s");
}
