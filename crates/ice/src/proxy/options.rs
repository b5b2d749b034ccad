//! What can be asked of a proxy and changed in a copy of it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::{InvocationMode, ObjectPrx, Prx};
use crate::connection::Connection;
use crate::encoding::EncodingVersion;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::identity::Identity;

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

pub(super) fn endpoints(proxy: &ObjectPrx) -> Vec<Endpoint> {
    Endpoint::all(proxy.sys.endpoints())
}

/// What is set for the proxy. The runtime fails to tell for want of memory alone.
pub(super) fn all(proxy: &ObjectPrx) -> ice_sys::ProxyOptions {
    proxy.sys.options().unwrap_or_default()
}

pub(super) fn mode(proxy: &ObjectPrx) -> InvocationMode {
    match all(proxy).mode {
        0 => InvocationMode::Twoway,
        1 => InvocationMode::Oneway,
        2 => InvocationMode::Datagram,
        3 => InvocationMode::BatchOneway,
        _ => InvocationMode::BatchDatagram,
    }
}

pub(super) fn encoding(proxy: &ObjectPrx) -> EncodingVersion {
    proxy
        .sys
        .traits()
        .ok()
        .and_then(|traits| EncodingVersion::from_wire(1, traits.encoding_minor).ok())
        .unwrap_or_default()
}

/// Ice's milliseconds or seconds, of which those below zero mean none.
pub(super) fn duration(number: i32, unit: Duration) -> Option<Duration> {
    u32::try_from(number).ok().map(|number| unit * number)
}

/// Zero is no time-out that Ice accepts, and a fraction of a millisecond must not become one.
fn milliseconds(timeout: Duration) -> i32 {
    i32::try_from(timeout.as_millis())
        .unwrap_or(i32::MAX)
        .max(1)
}

/// Ice's own time-out of connections, where `Duration::MAX` is none.
pub(super) fn connection_timeout(timeout: Duration) -> i32 {
    if timeout == Duration::MAX {
        -1
    } else {
        milliseconds(timeout)
    }
}

/// Whole seconds, where `Duration::MAX` is for ever; what is begun counts.
pub(super) fn cache_timeout(timeout: Duration) -> i32 {
    if timeout == Duration::MAX {
        return -1;
    }
    let begun = u64::from(timeout.subsec_nanos() > 0);
    i32::try_from(timeout.as_secs().saturating_add(begun)).unwrap_or(i32::MAX)
}

/// A changed copy. The runtime fails here where the proxy is fixed and has no such option, and for want of memory: it then
/// stays what it was.
pub(super) fn changed<P: Prx>(
    proxy: &P,
    change: impl FnOnce(&ice_sys::Proxy) -> Result<ice_sys::Proxy, ice_sys::Failure>,
) -> P {
    change(&proxy.as_object().sys)
        .map_or_else(|_| proxy.clone(), |sys| P::from_object(ObjectPrx::new(sys)))
}

/// The proxy that is asked for among the options of another.
pub(super) fn other(found: Result<Option<ice_sys::Proxy>, ice_sys::Failure>) -> Option<ObjectPrx> {
    found.ok().flatten().map(ObjectPrx::new)
}

pub(super) fn fixed(proxy: &ObjectPrx, connection: &Connection) -> Result<ObjectPrx, Error> {
    Ok(ObjectPrx::new(proxy.sys.fixed(connection.sys())?))
}

pub(super) fn with_identity(proxy: &ObjectPrx, identity: &Identity) -> Result<ObjectPrx, Error> {
    Ok(ObjectPrx::new(proxy.sys.with_identity(&identity.to_sys())?))
}

pub(super) fn with_facet(proxy: &ObjectPrx, facet: &str) -> ObjectPrx {
    changed(proxy, |sys| sys.with_facet(facet))
}

pub(super) fn with_context<P: Prx>(
    proxy: &P,
    context: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
) -> P {
    let entries = context.into_iter().map(|(key, value)| ice_sys::Entry {
        key: key.into(),
        value: value.into(),
    });
    changed(proxy, |sys| sys.with_context(&entries.collect()))
}

pub(super) fn with_endpoints(proxy: &ObjectPrx, endpoints: &str) -> Result<ObjectPrx, Error> {
    Ok(ObjectPrx::new(proxy.sys.with_endpoints(endpoints)?))
}

pub(super) fn with_invocation_timeout<P: Prx>(proxy: &P, timeout: Option<Duration>) -> P {
    let milliseconds = timeout.map_or(-1, milliseconds);
    changed(proxy, |sys| sys.with_invocation_timeout(milliseconds))
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
