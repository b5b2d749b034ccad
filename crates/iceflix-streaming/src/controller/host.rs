//! Under which address a viewer reaches the RTSP server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket};

/// The host part of the URL for a viewer who called from `viewer` (`None`:
/// from within this process), where the server listens at `endpoint`.
///
/// # Errors
///
/// What to change where the viewer cannot reach the server at all.
pub(crate) fn for_viewer(endpoint: IpAddr, viewer: Option<IpAddr>) -> Result<String, String> {
    let viewer = viewer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
    if endpoint.is_loopback() && !viewer.is_loopback() {
        return Err(format!(
            "RTSP is served to this machine alone, at {endpoint}: set IceFlix.Streaming.Rtsp.Endpoint to an address \
             that viewers can reach"
        ));
    }
    let address = if endpoint.is_unspecified() {
        way_to(viewer).unwrap_or(viewer)
    } else {
        endpoint
    };
    Ok(match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("[{address}]"),
    })
}

/// The address of this machine that a packet to `viewer` leaves from: the one
/// that the viewer reaches it by. Sends nothing; only the routing table is asked.
fn way_to(viewer: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = match viewer {
        IpAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        IpAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    // The discard port (RFC 863), though nothing is sent there.
    socket.connect((viewer, 9)).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_fixed_address_is_the_host() {
        assert_eq!(
            for_viewer(ip("192.0.2.1"), Some(ip("198.51.100.7"))).as_deref(),
            Ok("192.0.2.1")
        );
        assert_eq!(
            for_viewer(ip("2001:db8::1"), Some(ip("2001:db8::2"))).as_deref(),
            Ok("[2001:db8::1]")
        );
        assert_eq!(
            for_viewer(ip("127.0.0.1"), None).as_deref(),
            Ok("127.0.0.1")
        );
    }

    #[test]
    fn a_server_on_all_addresses_is_reached_by_the_way_that_the_viewer_came() {
        assert_eq!(
            for_viewer(ip("0.0.0.0"), Some(ip("127.0.0.1"))).as_deref(),
            Ok("127.0.0.1")
        );
        assert_eq!(
            for_viewer(ip("::"), Some(ip("127.0.0.1"))).as_deref(),
            Ok("127.0.0.1")
        );
    }

    #[test]
    fn a_viewer_elsewhere_is_told_what_to_change() {
        let error = for_viewer(ip("127.0.0.1"), Some(ip("192.0.2.7"))).expect_err("refused");
        assert!(error.contains("IceFlix.Streaming.Rtsp.Endpoint"), "{error}");
    }
}
