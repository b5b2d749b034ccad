//! From `getStream` to the first RTP packet.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use ice::{Communicator, Properties, Prx as _};
use iceflix_client::password;
use iceflix_slice::{MainPrx, Media, RtspStreamControllerPrx};
use iceflix_testkit::{
    Platform,
    film::Film,
    platform::{PASSWORD, USER},
};

use crate::{median, milliseconds, report};

const STREAMS: usize = 101;

pub(crate) fn measure() {
    let platform = Platform::start(env!("CARGO_BIN_EXE_iceflix"));
    Film::mp4("Measured", 10, 480).copy_to(&platform.films());
    let services = platform.services();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let communicator = Communicator::new(Properties::new().unwrap()).unwrap();
        let main: MainPrx = communicator
            .string_to_proxy(&services.main.proxy)
            .unwrap()
            .unchecked_cast();
        let media = find(&main).await;
        let login = main.get_authenticator().await.unwrap().unwrap();
        let token = login
            .refresh_authorization(USER, &password::hash(PASSWORD))
            .await
            .unwrap();
        let mut times = Vec::new();
        for _ in 0..STREAMS {
            times.push(first_packet(&media, &token).await);
        }
        report(
            "getStream to the first RTP packet, over TCP (median of 101)",
            milliseconds(median(&mut times)),
            "20 ms",
        );
        report(
            "the slowest of them",
            milliseconds(*times.last().unwrap()),
            "",
        );
        communicator.destroy().await;
    });
}

/// The film, once it is in the catalogue.
async fn find(main: &MainPrx) -> Media {
    loop {
        if let Ok(Some(catalog)) = main.get_catalog_service().await
            && let Some(id) = catalog
                .get_tiles_by_name("Measured", true)
                .await
                .unwrap()
                .first()
            && let Ok(media) = catalog.get_tile(id).await
        {
            return media;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn first_packet(media: &Media, token: &str) -> Duration {
    let begun = Instant::now();
    let controller = media
        .provider
        .as_ref()
        .unwrap()
        .get_stream(&media.id, token)
        .await
        .unwrap()
        .unwrap();
    let controller = controller.unchecked_cast::<RtspStreamControllerPrx>();
    let url = controller.get_url(token).await.unwrap();
    let took = tokio::task::spawn_blocking(move || {
        play(&url);
        begun.elapsed()
    });
    let took = took.await.unwrap();
    controller.stop().await.unwrap();
    took
}

/// Asks for the first track over the same connection, and reads until its first packet is there.
fn play(url: &str) {
    let host = url
        .strip_prefix("rtsp://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let stream = TcpStream::connect(host).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut stream = BufReader::new(stream);
    let sdp = ask(
        &mut stream,
        &format!("DESCRIBE {url} RTSP/1.0\r\nCSeq: 1\r\n\r\n"),
    )
    .1;
    let control = sdp
        .lines()
        .skip_while(|line| !line.starts_with("m="))
        .find_map(|line| line.strip_prefix("a=control:"))
        .unwrap();
    let track = if control.starts_with("rtsp:") {
        control.to_owned()
    } else {
        format!("{url}/{control}")
    };
    let transport = "Transport: RTP/AVP/TCP;unicast;interleaved=0-1";
    let headers = ask(
        &mut stream,
        &format!("SETUP {track} RTSP/1.0\r\nCSeq: 2\r\n{transport}\r\n\r\n"),
    )
    .0;
    let session = headers
        .lines()
        .find_map(|line| line.strip_prefix("Session: "))
        .unwrap();
    let session = session.split(';').next().unwrap();
    ask(
        &mut stream,
        &format!("PLAY {url} RTSP/1.0\r\nCSeq: 3\r\nSession: {session}\r\nRange: npt=0-\r\n\r\n"),
    );
    let mut frame = [0; 4];
    loop {
        stream.read_exact(&mut frame).unwrap();
        assert_eq!(frame[0], b'$');
        let mut packet = vec![0; usize::from(u16::from_be_bytes([frame[2], frame[3]]))];
        stream.read_exact(&mut packet).unwrap();
        if frame[1] == 0 {
            return;
        }
    }
}

/// One request and its answer: headers and body.
fn ask(stream: &mut BufReader<TcpStream>, request: &str) -> (String, String) {
    stream.get_mut().write_all(request.as_bytes()).unwrap();
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") {
        assert_ne!(
            stream.read_line(&mut headers).unwrap(),
            0,
            "the server ends the connection"
        );
    }
    assert!(headers.starts_with("RTSP/1.0 200"), "{headers}");
    let length = headers
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: "))
        .map_or(0, |text| text.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    (headers, String::from_utf8(body).unwrap())
}
