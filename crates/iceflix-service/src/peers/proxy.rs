//! What is taken for the proxy of a service, before anything is sent to it.

use ice::Prx;

/// The most endpoints of one service: a process listens at a handful.
const MAX_ENDPOINTS: usize = 16;

/// How many of them are tried before the service is taken for dead.
const TRIED: usize = 4;

/// The longest name in a proxy, in bytes: identity, facet, adapter, host.
const MAX_NAME_LEN: usize = 255;

/// One way to a service, and where it leads, as far as it says so itself.
#[derive(Clone, Debug)]
pub(super) struct Way<P> {
    pub(super) proxy: P,
    pub(super) place: String,
    /// Whether its host is a name, for which others have to be asked.
    pub(super) is_named: bool,
}

/// The ways to a service, each by one endpoint: whoever names the place of
/// another among its own is asked there and nowhere else. Anybody may have sent
/// the proxy.
///
/// # Errors
///
/// What is wrong with it.
pub(super) fn ways<P: Prx>(proxy: &P) -> Result<Vec<Way<P>>, &'static str> {
    const TOO_LONG: &str = "a name in its proxy is longer than 255 bytes";
    let identity = proxy.identity();
    let names = [
        identity.name.len(),
        identity.category.len(),
        proxy.facet().len(),
        proxy.adapter_id().len(),
    ];
    if names.into_iter().any(|length| length > MAX_NAME_LEN) {
        return Err(TOO_LONG);
    }
    let endpoints = proxy.endpoints();
    if endpoints.len() > MAX_ENDPOINTS {
        return Err("its proxy has more than 16 endpoints");
    }
    if endpoints.is_empty() {
        if proxy.locator().is_none() {
            return Err("its proxy has no endpoint, and there is no locator to ask for one");
        }
        return Ok(vec![Way {
            proxy: proxy.clone(),
            place: proxy.adapter_id(),
            is_named: false,
        }]);
    }
    let mut ways = Vec::new();
    for endpoint in endpoints {
        let info = endpoint.info();
        // The text of an endpoint that is not understood is as long as its sender likes.
        let text = endpoint.to_string();
        if text.len() > 2 * MAX_NAME_LEN {
            return Err(TOO_LONG);
        }
        let Some(address) = info.address.as_ref().filter(|_| !info.datagram) else {
            continue;
        };
        if let Ok(proxy) = proxy.with_endpoints(&text) {
            ways.push(Way {
                proxy,
                place: format!("{}:{}", address.host, address.port),
                is_named: address.host.parse::<std::net::IpAddr>().is_err(),
            });
        }
    }
    if ways.is_empty() {
        return Err("its proxy has no endpoint that can be used");
    }
    ways.truncate(TRIED);
    Ok(ways)
}
