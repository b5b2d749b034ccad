//! From the title of an index to an SDP document.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use iceflix_index::{Kind, Title, Track};
use sdp_types::{
    Attribute, Bandwidth, BandwidthType, Connection, Media, MediaType, Origin, Session, Time,
    TransportProto,
};

use crate::rtsp::{path, range};

/// The document that answers DESCRIBE: all tracks, each with the URL to set it up by; addresses and
/// ports are left to SETUP. `number` tells this presentation from others of the server at `local`.
pub(crate) fn for_rtsp(title: &Title, number: u64, local: IpAddr) -> String {
    let unsaid = match local {
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
    };
    let mut session = session(title, number, local, unsaid);
    session
        .attributes
        .push(Attribute::with_value("control", "*"));
    for (position, track) in title.tracks.iter().enumerate() {
        let mut media = media(track, 0);
        media
            .attributes
            .push(Attribute::with_value("control", path::control(position)));
        session.medias.push(media);
    }
    write(&session)
}

/// The document of a pushed stream: the tracks that are sent, as positions in the title, each with
/// its port at `to`.
pub(crate) fn for_push(
    title: &Title,
    tracks: &[(usize, u16)],
    number: u64,
    local: IpAddr,
    to: IpAddr,
) -> String {
    let mut session = session(title, number, local, to);
    session.attributes.push(Attribute::new("sendonly"));
    session.medias.extend(
        tracks
            .iter()
            .map(|&(position, port)| media(&title.tracks[position], port)),
    );
    write(&session)
}

fn session(title: &Title, number: u64, local: IpAddr, to: IpAddr) -> Session {
    let mut session = Session::new(
        Origin::with_ip_addr(number.to_string(), 1, local),
        "IceFlix",
    );
    session.connection = Some(Connection::from_ip_addr(to));
    session.times.push(Time::new(0, 0));
    // Of a film that is still being indexed it may not be known.
    let length = match title.duration {
        Duration::ZERO => "npt=0-".to_owned(),
        duration => format!("npt=0-{}", range::seconds(duration)),
    };
    session
        .attributes
        .push(Attribute::with_value("range", length));
    session
}

fn media(track: &Track, port: u16) -> Media {
    let kind = match track.kind {
        Kind::Video => MediaType::Video,
        Kind::Audio => MediaType::Audio,
    };
    let payload_type = track.payload_type;
    let mut media = Media::new(kind, port, TransportProto::RtpAvp, payload_type);
    media.media_title.clone_from(&track.name);
    if let Some(bits) = track.bit_rate {
        media.bandwidths.push(Bandwidth::new(
            BandwidthType::As,
            u64::from(bits).div_ceil(1_000),
        ));
    }
    let channels = track
        .channels
        .map(|channels| format!("/{channels}"))
        .unwrap_or_default();
    let map = format!(
        "{payload_type} {}/{}{channels}",
        track.encoding, track.clock_rate
    );
    media.attributes.push(Attribute::with_value("rtpmap", map));
    if !track.fmtp.is_empty() {
        let parameters: Vec<String> = track
            .fmtp
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        media.attributes.push(Attribute::with_value(
            "fmtp",
            format!("{payload_type} {}", parameters.join(";")),
        ));
    }
    if let Some(language) = &track.language {
        media
            .attributes
            .push(Attribute::with_value("lang", language));
    }
    media
}

fn write(session: &Session) -> String {
    let mut bytes = Vec::with_capacity(1_024);
    session
        .write(&mut bytes)
        .expect("writing to memory does not fail");
    String::from_utf8(bytes).expect("made of strings")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn title() -> Title {
        let video = Track {
            kind: Kind::Video,
            encoding: "H264".into(),
            clock_rate: 90_000,
            channels: None,
            payload_type: 96,
            fmtp: vec![
                ("packetization-mode".into(), "1".into()),
                ("sprop-parameter-sets".into(), "Z0LA,aM4=".into()),
            ],
            language: None,
            name: None,
            bit_rate: Some(2_500_001),
        };
        let audio = Track {
            kind: Kind::Audio,
            encoding: "MPEG4-GENERIC".into(),
            clock_rate: 48_000,
            channels: Some(2),
            payload_type: 97,
            fmtp: vec![("mode".into(), "AAC-hbr".into())],
            language: Some("es".into()),
            name: Some("Español".into()),
            bit_rate: None,
        };
        Title {
            source_len: 1,
            duration: Duration::from_millis(12_345),
            tracks: vec![video, audio],
        }
    }

    #[test]
    fn describe_tells_every_track_and_where_to_set_it_up() {
        let sdp = for_rtsp(&title(), 7, IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
        let wanted = "v=0\r\no=- 7 1 IN IP4 192.0.2.1\r\ns=IceFlix\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=range:npt=0-12.345\r\na=control:*\r\n\
            m=video 0 RTP/AVP 96\r\nb=AS:2501\r\na=rtpmap:96 H264/90000\r\n\
            a=fmtp:96 packetization-mode=1;sprop-parameter-sets=Z0LA,aM4=\r\na=control:track1\r\n\
            m=audio 0 RTP/AVP 97\r\ni=Español\r\na=rtpmap:97 MPEG4-GENERIC/48000/2\r\na=fmtp:97 mode=AAC-hbr\r\na=lang:es\r\na=control:track2\r\n";
        assert_eq!(sdp, wanted);
    }

    #[test]
    fn a_push_tells_address_and_ports() {
        let to = IpAddr::V6(Ipv6Addr::LOCALHOST);
        let sdp = for_push(&title(), &[(0, 5_000), (1, 5_002)], 7, to, to);
        assert!(
            sdp.contains("c=IN IP6 ::1\r\n")
                && sdp.contains("m=video 5000 ")
                && sdp.contains("m=audio 5002 "),
            "{sdp}"
        );
        assert!(!sdp.contains("control"), "{sdp}");
    }
}
