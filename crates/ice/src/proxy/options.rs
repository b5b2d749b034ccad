//! What can be asked of a proxy and changed in a copy of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ObjectPrx;
use crate::connection::Connection;
use crate::encoding::EncodingVersion;
use crate::error::Error;
use crate::identity::Identity;

/// The runtime fails here for want of memory alone: the proxy then stays what it was.
fn or_same(proxy: &ObjectPrx, changed: Result<ice_sys::Proxy, ice_sys::Failure>) -> ObjectPrx {
    changed.map_or_else(|_| proxy.clone(), ObjectPrx::new)
}

pub(super) fn identity(proxy: &ObjectPrx) -> Identity {
    proxy
        .sys
        .identity()
        .map(Identity::from_sys)
        .unwrap_or_default()
}

pub(super) fn facet(proxy: &ObjectPrx) -> String {
    proxy.sys.facet().unwrap_or_default()
}

pub(super) fn context(proxy: &ObjectPrx) -> BTreeMap<String, String> {
    let entries = proxy.sys.context().unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| (entry.key, entry.value))
        .collect()
}

pub(super) fn endpoints(proxy: &ObjectPrx) -> Vec<String> {
    proxy.sys.endpoints().unwrap_or_default()
}

pub(super) fn invocation_timeout(proxy: &ObjectPrx) -> Option<Duration> {
    let milliseconds = proxy.sys.invocation_timeout().unwrap_or(-1);
    u64::try_from(milliseconds).ok().map(Duration::from_millis)
}

pub(super) fn is_twoway(proxy: &ObjectPrx) -> bool {
    proxy.sys.traits().is_ok_and(|traits| traits.twoway)
}

pub(super) fn with_identity(proxy: &ObjectPrx, identity: &Identity) -> Result<ObjectPrx, Error> {
    Ok(ObjectPrx::new(proxy.sys.with_identity(&identity.to_sys())?))
}

pub(super) fn with_facet(proxy: &ObjectPrx, facet: &str) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_facet(facet))
}

pub(super) fn with_context(proxy: &ObjectPrx, context: &BTreeMap<String, String>) -> ObjectPrx {
    let entries = context.iter().map(|(key, value)| ice_sys::Entry {
        key: key.clone(),
        value: value.clone(),
    });
    or_same(proxy, proxy.sys.with_context(&entries.collect()))
}

pub(super) fn with_endpoints(proxy: &ObjectPrx, endpoints: &str) -> Result<ObjectPrx, Error> {
    Ok(ObjectPrx::new(proxy.sys.with_endpoints(endpoints)?))
}

pub(super) fn with_invocation_timeout(proxy: &ObjectPrx, timeout: Option<Duration>) -> ObjectPrx {
    // Zero is no time-out that Ice accepts, and a fraction of a millisecond must not become one.
    let milliseconds = timeout.map_or(-1, |timeout| {
        i32::try_from(timeout.as_millis())
            .unwrap_or(i32::MAX)
            .max(1)
    });
    or_same(proxy, proxy.sys.with_invocation_timeout(milliseconds))
}

pub(super) fn with_encoding(proxy: &ObjectPrx, encoding: EncodingVersion) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_encoding(encoding.minor()))
}

pub(super) fn with_mode(proxy: &ObjectPrx, mode: ice_sys::Mode) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_mode(mode))
}

pub(super) fn with_secure(proxy: &ObjectPrx, secure: bool) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_secure(secure))
}

pub(super) fn with_collocation_optimized(proxy: &ObjectPrx, optimized: bool) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_collocation_optimized(optimized))
}

pub(super) fn with_connection_id(proxy: &ObjectPrx, id: &str) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_connection_id(id))
}

pub(super) fn with_connection_cached(proxy: &ObjectPrx, cached: bool) -> ObjectPrx {
    or_same(proxy, proxy.sys.with_connection_cached(cached))
}

pub(super) fn cached_connection(proxy: &ObjectPrx) -> Option<Connection> {
    proxy
        .sys
        .cached_connection()
        .ok()
        .flatten()
        .map(Connection::new)
}

/// Where the connection of [`connect`] goes.
struct Waiting(tokio::sync::oneshot::Sender<Result<Option<ice_sys::Connection>, ice_sys::Failure>>);

impl ice_sys::Connect for Waiting {
    fn connected(self, connection: Result<Option<ice_sys::Connection>, ice_sys::Failure>) {
        // Nobody may wait any more.
        let _ = self.0.send(connection);
    }
}

pub(super) async fn connect(proxy: ObjectPrx) -> Result<Option<Connection>, Error> {
    let place = |error: Error| error.in_call("connecting", &proxy);
    let (sender, receiver) = tokio::sync::oneshot::channel();
    proxy
        .sys
        .connect(Waiting(sender))
        .map_err(|failure| place(failure.into()))?;
    match receiver.await {
        Ok(Ok(connection)) => Ok(connection.map(Connection::new)),
        Ok(Err(failure)) => Err(place(failure.into())),
        Err(_) => Err(place(Error::new(
            crate::ErrorKind::CommunicatorDestroyed,
            "",
        ))),
    }
}
