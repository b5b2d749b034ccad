//! The `Transport` header (RFC 2326, section 12.39): which of the ways that a player offers is
//! taken.
//!
//! Read here and not by the parser crate, for two reasons: players offer several ways in one
//! header, and one that makes no sense must not spoil the others; and the crate's reader of this
//! header panics on unbalanced quotes.

use std::net::IpAddr;

/// The lowest port that RTP is sent to: what lies below belongs to services that never asked for a
/// film.
const LOWEST_PORT: u16 = 1_024;

/// A way to deliver one track that the player offers and this server has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Offer {
    /// RTP and RTCP by UDP, to these ports of the player's address.
    Udp {
        /// Where RTP goes.
        rtp: u16,
        /// Where RTCP goes.
        rtcp: u16,
    },
    /// Interleaved with the RTSP connection, on these channels for RTP and RTCP if the player names
    /// them.
    Interleaved(Option<(u8, u8)>),
}

/// The first offer in the header that can be met, or `None` where there is none (461).
///
/// UDP goes to `peer`, the address at the other end of the RTSP connection, and nowhere else: an
/// offer with another destination is passed over, or this server could be aimed at somebody. Where
/// the connection `is_secure`, UDP is passed over: what was asked for in secret is not sent in the
/// open.
pub(crate) fn choose(header: &str, peer: IpAddr, is_secure: bool) -> Option<Offer> {
    let mut offers = split_outside_quotes(header, ',').filter_map(|offer| read(offer, peer));
    offers.find(|offer| !is_secure || matches!(offer, Offer::Interleaved(_)))
}

fn read(offer: &str, peer: IpAddr) -> Option<Offer> {
    let mut fields = split_outside_quotes(offer, ';').map(str::trim);
    let interleaved = match fields.next()?.to_ascii_uppercase().as_str() {
        "RTP/AVP" | "RTP/AVP/UDP" => false,
        "RTP/AVP/TCP" => true,
        _ => return None,
    };
    let (mut ports, mut channels) = (None, None);
    for field in fields {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "multicast" => return None,
            "client_port" => ports = Some(pair::<u16>(value)?),
            "interleaved" => channels = Some(pair::<u8>(value)?),
            "destination" if value.parse() != Ok(peer) => return None,
            "mode"
                if !value
                    .split(',')
                    .any(|mode| mode.trim().eq_ignore_ascii_case("play")) =>
            {
                return None;
            }
            _ => {}
        }
    }
    if interleaved {
        return Some(Offer::Interleaved(channels));
    }
    let (rtp, rtcp) = ports?;
    (rtp >= LOWEST_PORT && rtcp >= LOWEST_PORT).then_some(Offer::Udp { rtp, rtcp })
}

/// "4000-4001", or "4000", which means the same. The two differ: RTP and RTCP on one port is not
/// spoken here.
fn pair<N>(text: &str) -> Option<(N, N)>
where
    N: std::str::FromStr + Copy + PartialEq + Into<u32> + TryFrom<u32>,
{
    let (first, second) = text
        .split_once('-')
        .map_or((text, None), |(first, second)| (first, Some(second)));
    let first: N = first.trim().parse().ok()?;
    let second = match second {
        Some(second) => second.trim().parse().ok()?,
        None => N::try_from(first.into() + 1).ok()?,
    };
    (first != second).then_some((first, second))
}

fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use proptest::prelude::*;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));

    fn choose(header: &str) -> Option<Offer> {
        super::choose(header, PEER, false)
    }

    #[test]
    fn what_players_send_is_understood() {
        let udp = Some(Offer::Udp {
            rtp: 5_000,
            rtcp: 5_001,
        });
        assert_eq!(choose("RTP/AVP;unicast;client_port=5000-5001"), udp);
        assert_eq!(
            choose("RTP/AVP/UDP;unicast;client_port=5000;mode=\"PLAY\""),
            udp
        );
        assert_eq!(
            choose("rtp/avp;client_port = 5000-5001;destination=192.0.2.7"),
            udp
        );
        assert_eq!(
            choose("RTP/AVP/TCP;unicast;interleaved=2-3"),
            Some(Offer::Interleaved(Some((2, 3))))
        );
        assert_eq!(choose("RTP/AVP/TCP"), Some(Offer::Interleaved(None)));
    }

    #[test]
    fn the_first_offer_that_can_be_met_is_taken() {
        let header = "RTP/SAVP;unicast;client_port=1-2, RTP/AVP;multicast;mode=\"PLAY,RECORD\",RTP/AVP/TCP;interleaved=0-1";
        assert_eq!(choose(header), Some(Offer::Interleaved(Some((0, 1)))));
    }

    #[test]
    fn in_secret_only_what_is_interleaved_is_taken() {
        let udp = "RTP/AVP;unicast;client_port=5000-5001";
        assert_eq!(super::choose(udp, PEER, true), None);
        let both = format!("{udp},RTP/AVP/TCP;interleaved=2-3");
        assert_eq!(
            super::choose(&both, PEER, true),
            Some(Offer::Interleaved(Some((2, 3))))
        );
    }

    #[test]
    fn nobody_else_can_be_made_the_target() {
        assert_eq!(
            choose("RTP/AVP;unicast;client_port=5000-5001;destination=192.0.2.8"),
            None
        );
        assert_eq!(
            choose("RTP/AVP;unicast;client_port=5000-5001;destination=victim.example"),
            None
        );
        assert_eq!(choose("RTP/AVP;unicast;client_port=53-54"), None);
        assert_eq!(choose("RTP/AVP;unicast;client_port=1024-1023"), None);
    }

    #[test]
    fn offers_that_cannot_be_met_are_passed_over() {
        for header in [
            "",
            ",",
            ";",
            "RTP/AVP",
            "RTP/AVP;unicast",
            "RTP/AVP;client_port=70000-70001",
            "RTP/AVP;client_port=65535",
            "RTP/AVP;client_port=5000-5000",
            "RTP/AVP/TCP;interleaved=255",
            "RTP/AVP/TCP;interleaved=a-b",
            "RAW/RAW/UDP",
            "RTP/AVP;unicast;client_port=5000-5001;mode=record",
            "RTP/AVP;unicast;mode=\"",
        ] {
            assert_eq!(choose(header), None, "{header:?}");
        }
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(header in "[RTPAVUDC/;,=\"\\\\0-9a-z_ -]{0,80}", any in ".{0,80}") {
            choose(&header);
            choose(&any);
        }
    }
}
