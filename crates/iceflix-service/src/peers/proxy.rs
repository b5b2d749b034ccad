//! What is taken for the proxy of a service, before anything is sent to it.

use ice::Prx;

/// The most endpoints of one service: a process listens at a handful.
const MAX_ENDPOINTS: usize = 16;

/// The longest name in a proxy, in bytes: identity, facet, adapter, host.
const MAX_NAME_LEN: usize = 255;

/// Where a proxy leads, as far as it says so itself. Anybody may have sent it.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn place<P: Prx>(proxy: &P) -> Result<String, &'static str> {
    let identity = proxy.identity();
    let names = [
        identity.name.len(),
        identity.category.len(),
        proxy.facet().len(),
        proxy.adapter_id().len(),
    ];
    if names.into_iter().any(|length| length > MAX_NAME_LEN) {
        return Err("a name in its proxy is longer than 255 bytes");
    }
    let endpoints = proxy.endpoints();
    if endpoints.len() > MAX_ENDPOINTS {
        return Err("its proxy has more than 16 endpoints");
    }
    if endpoints.is_empty() && proxy.locator().is_none() {
        return Err("its proxy has no endpoint, and there is no locator to ask for one");
    }
    if !endpoints.is_empty() && endpoints.iter().all(|endpoint| endpoint.info().datagram) {
        return Err("its proxy can be reached by datagrams alone");
    }
    let first = endpoints
        .iter()
        .find(|endpoint| !endpoint.info().datagram)
        .map(|endpoint| match &endpoint.info().address {
            Some(address) => format!("{}:{}", address.host, address.port),
            None => endpoint.to_string(),
        });
    let place = first.unwrap_or_else(|| proxy.adapter_id());
    // The address of an endpoint that is not understood is as long as its sender likes.
    if place.len() > MAX_NAME_LEN + ":65535".len() {
        return Err("a name in its proxy is longer than 255 bytes");
    }
    Ok(place)
}
