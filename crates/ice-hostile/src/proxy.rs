//! No text makes a proxy or an identity that panics, ends the process, or is written as what reads otherwise.
//!
//! Ice itself writes some names without the quotes that they need: of those, only that they are read is tried.

use std::sync::LazyLock;

use ice::{Communicator, Identity, Prx as _};

use crate::peer;

static COMMUNICATOR: LazyLock<Communicator> =
    LazyLock::new(|| peer::communicator(&["--Ice.Plugin.IceSSL=IceSSL:createIceSSL"]));

/// Reads one input as a proxy, as the value of a property, and as an identity.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(proxy) = COMMUNICATOR.string_to_proxy(&text) {
        let written = proxy.to_string();
        peer::look_at(&COMMUNICATOR, &proxy);
        let identity = proxy.identity();
        let other = proxy.with_identity(&identity);
        assert!(other.is_ok_and(|other| other.to_string() == written));
    }
    if COMMUNICATOR
        .properties()
        .set("Hostile.Proxy", &text)
        .is_ok()
    {
        let _ = COMMUNICATOR.proxy_from_property("Hostile.Proxy");
    }
    if let Ok(identity) = text.parse::<Identity>() {
        let written = identity.to_string();
        let again = written.parse::<Identity>();
        assert!(
            again.is_ok_and(|again| again == identity),
            "from {text:?} by {written:?}"
        );
    }
}
