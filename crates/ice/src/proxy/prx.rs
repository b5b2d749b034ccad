use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::time::Duration;

use super::{EndpointSelection, InvocationMode, ObjectPrx, invocation, options, raw};
use crate::connection::Connection;
use crate::current::OperationMode;
use crate::encoding::{Decode as _, Encapsulation, EncodingVersion, Invoked};
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::identity::Identity;
use crate::sent::Sending;

/// What every proxy can do, typed or not.
///
/// A proxy never changes: `with_...` returns a changed copy. A fixed proxy ([`Prx::with_fixed_connection`]) has no options
/// that say how a connection is found: where such a method cannot fail, it returns the proxy as it is. The futures of its calls may be dropped at any time,
/// which cancels the call as far as this side is concerned; the target may have done its work by then.
pub trait Prx: Clone + Debug + Display + Send + Sync + Sized + 'static {
    /// The Slice type id of the interface: `::IceStorm::Topic`, for example.
    const TYPE_ID: &'static str;

    /// The typed proxy for an object that is taken to be of this type: nothing is asked or checked.
    fn from_object(object: ObjectPrx) -> Self;

    /// The proxy without its type.
    fn as_object(&self) -> &ObjectPrx;

    /// The identity of the object.
    #[must_use]
    fn identity(&self) -> Identity {
        options::identity(self.as_object())
    }

    /// The facet; empty for the default one.
    #[must_use]
    fn facet(&self) -> String {
        options::facet(self.as_object())
    }

    /// The context that goes with every call.
    #[must_use]
    fn context(&self) -> BTreeMap<String, String> {
        options::context(self.as_object())
    }

    /// The endpoints; none where a locator knows them, or the proxy is fixed.
    #[must_use]
    fn endpoints(&self) -> Vec<Endpoint> {
        options::endpoints(self.as_object())
    }

    /// The id of the adapter whose endpoints a locator knows; empty where the proxy has endpoints of its own, or
    /// stands for a well-known object.
    #[must_use]
    fn adapter_id(&self) -> String {
        options::all(self.as_object()).adapter_id
    }

    /// How calls travel.
    #[must_use]
    fn mode(&self) -> InvocationMode {
        options::mode(self.as_object())
    }

    /// Whether calls have an answer.
    #[must_use]
    fn is_twoway(&self) -> bool {
        self.mode() == InvocationMode::Twoway
    }

    /// Whether calls end when they are sent.
    #[must_use]
    fn is_oneway(&self) -> bool {
        self.mode() == InvocationMode::Oneway
    }

    /// Whether calls go out as datagrams.
    #[must_use]
    fn is_datagram(&self) -> bool {
        self.mode() == InvocationMode::Datagram
    }

    /// Whether oneway calls are collected until they are flushed.
    #[must_use]
    fn is_batch_oneway(&self) -> bool {
        self.mode() == InvocationMode::BatchOneway
    }

    /// Whether datagrams are collected until they are flushed.
    #[must_use]
    fn is_batch_datagram(&self) -> bool {
        self.mode() == InvocationMode::BatchDatagram
    }

    /// Whether it is bound to one connection.
    #[must_use]
    fn is_fixed(&self) -> bool {
        options::all(self.as_object()).fixed
    }

    /// Whether secure endpoints alone are used.
    #[must_use]
    fn is_secure(&self) -> bool {
        options::all(self.as_object()).secure
    }

    /// Whether secure endpoints are tried before others.
    #[must_use]
    fn is_prefer_secure(&self) -> bool {
        options::all(self.as_object()).prefer_secure
    }

    /// Whether calls to objects of its own communicator stay within the process.
    #[must_use]
    fn is_collocation_optimized(&self) -> bool {
        options::all(self.as_object()).collocation_optimized
    }

    /// Whether the connection is kept for later calls.
    #[must_use]
    fn is_connection_cached(&self) -> bool {
        options::all(self.as_object()).connection_cached
    }

    /// Whether requests are compressed; `None` where that is left to the endpoints and properties.
    #[must_use]
    fn compress(&self) -> Option<bool> {
        let compress = options::all(self.as_object()).compress;
        (compress >= 0).then_some(compress == 1)
    }

    /// In what order endpoints are tried.
    #[must_use]
    fn endpoint_selection(&self) -> EndpointSelection {
        if options::all(self.as_object()).ordered {
            EndpointSelection::Ordered
        } else {
            EndpointSelection::Random
        }
    }

    /// The encoding of calls.
    #[must_use]
    fn encoding(&self) -> EncodingVersion {
        options::encoding(self.as_object())
    }

    /// The connection id: proxies of different ids share no connection. Empty for the default one.
    #[must_use]
    fn connection_id(&self) -> String {
        options::all(self.as_object()).connection_id
    }

    /// How long a call may take; `None` for as long as it likes.
    #[must_use]
    fn invocation_timeout(&self) -> Option<Duration> {
        let milliseconds = options::all(self.as_object()).invocation_timeout;
        options::duration(milliseconds, Duration::from_millis(1))
    }

    /// How long connecting, sending and closing may take, where it is set for the proxy and not left to its endpoints;
    /// `Duration::MAX` for as long as it likes.
    #[must_use]
    fn timeout(&self) -> Option<Duration> {
        match options::all(self.as_object()).timeout {
            -1 => Some(Duration::MAX),
            milliseconds => options::duration(milliseconds, Duration::from_millis(1)),
        }
    }

    /// How long what a locator said is believed; `Duration::MAX` for ever, zero for not at all.
    #[must_use]
    fn locator_cache_timeout(&self) -> Duration {
        let seconds = options::all(self.as_object()).locator_cache_timeout;
        options::duration(seconds, Duration::from_secs(1)).unwrap_or(Duration::MAX)
    }

    /// The locator that is asked for endpoints.
    #[must_use]
    fn locator(&self) -> Option<ObjectPrx> {
        options::other(self.as_object().sys.locator())
    }

    /// The router that calls go through.
    #[must_use]
    fn router(&self) -> Option<ObjectPrx> {
        options::other(self.as_object().sys.router())
    }

    /// A copy for another object of the same endpoints, and so of another type.
    ///
    /// # Errors
    ///
    /// `IllegalIdentity` for an empty name.
    fn with_identity(&self, identity: impl Into<Identity>) -> Result<ObjectPrx, Error> {
        options::with_identity(self.as_object(), &identity.into())
    }

    /// A copy for another facet of the object, and so of another type.
    #[must_use]
    fn with_facet(&self, facet: &str) -> ObjectPrx {
        options::with_facet(self.as_object(), facet)
    }

    /// A copy that sends this context with every call: `[("language", "fr")]`, or a map by reference.
    #[must_use]
    fn with_context(
        &self,
        context: impl IntoIterator<Item = (impl Into<String>, impl Into<String>)>,
    ) -> Self {
        options::with_context(self, context)
    }

    /// A copy with other endpoints, given as in a proxy's string form: `tcp -h host -p 10000:ssl -p 10001`.
    ///
    /// # Errors
    ///
    /// `EndpointParse` where they are none, `FixedProxy` where the proxy is bound to a connection.
    fn with_endpoints(&self, endpoints: &str) -> Result<Self, Error> {
        options::with_endpoints(self.as_object(), endpoints).map(Self::from_object)
    }

    /// A copy whose calls fail with `InvocationTimeout` after this time; at least a millisecond.
    #[must_use]
    fn with_invocation_timeout(&self, timeout: Duration) -> Self {
        options::with_invocation_timeout(self, Some(timeout))
    }

    /// A copy whose calls may take as long as they like.
    #[must_use]
    fn without_invocation_timeout(&self) -> Self {
        options::with_invocation_timeout(self, None)
    }

    /// A copy whose connections fail with `ConnectTimeout`, `ConnectionTimeout` or `CloseTimeout` where connecting, sending
    /// or closing takes longer; at least a millisecond, `Duration::MAX` for as long as it likes. It
    /// says nothing of how long an answer may take: that is [`Prx::with_invocation_timeout`].
    #[must_use]
    fn with_timeout(&self, timeout: Duration) -> Self {
        let milliseconds = options::connection_timeout(timeout);
        options::changed(self, |sys| sys.with_timeout(milliseconds))
    }

    /// A copy whose calls are in this encoding.
    #[must_use]
    fn with_encoding(&self, encoding: EncodingVersion) -> Self {
        options::changed(self, |sys| sys.with_encoding(encoding.minor()))
    }

    /// A copy whose calls have an answer.
    #[must_use]
    fn with_twoway(&self) -> Self {
        options::changed(self, |sys| sys.with_mode(ice_sys::Mode::Twoway))
    }

    /// A copy whose calls end when they are sent. Calls of one connection arrive in order.
    #[must_use]
    fn with_oneway(&self) -> Self {
        options::changed(self, |sys| sys.with_mode(ice_sys::Mode::Oneway))
    }

    /// A copy whose calls go out as datagrams, to its `udp` endpoints.
    #[must_use]
    fn with_datagram(&self) -> Self {
        options::changed(self, |sys| sys.with_mode(ice_sys::Mode::Datagram))
    }

    /// A copy that collects its calls: each ends at once, and all are sent together by [`Prx::flush_batch_requests`], or
    /// when they reach `Ice.BatchAutoFlushSize`. They arrive in order, and are dispatched without a gap.
    ///
    /// What a proxy has collected is known to it and its clones alone, and is lost with the last of them. It is not known to
    /// a proxy that `with_...` makes of it.
    #[must_use]
    fn with_batch_oneway(&self) -> Self {
        options::changed(self, |sys| sys.with_mode(ice_sys::Mode::BatchOneway))
    }

    /// As [`Prx::with_batch_oneway`], for datagrams: all that was collected goes into one.
    #[must_use]
    fn with_batch_datagram(&self) -> Self {
        options::changed(self, |sys| sys.with_mode(ice_sys::Mode::BatchDatagram))
    }

    /// A copy that uses secure endpoints alone, or any.
    #[must_use]
    fn with_secure(&self, secure: bool) -> Self {
        options::changed(self, |sys| sys.with_secure(secure))
    }

    /// A copy that tries secure endpoints before others, or after them.
    #[must_use]
    fn with_prefer_secure(&self, prefer: bool) -> Self {
        options::changed(self, |sys| sys.with_prefer_secure(prefer))
    }

    /// A copy whose requests are compressed (where they are larger than 100 bytes and the peer can read it), or not.
    #[must_use]
    fn with_compress(&self, compress: bool) -> Self {
        options::changed(self, |sys| sys.with_compress(compress))
    }

    /// A copy that tries its endpoints in this order.
    #[must_use]
    fn with_endpoint_selection(&self, selection: EndpointSelection) -> Self {
        let ordered = selection == EndpointSelection::Ordered;
        options::changed(self, |sys| sys.with_endpoint_order(ordered))
    }

    /// A copy whose calls to objects of its own communicator stay within the process, or take the network.
    #[must_use]
    fn with_collocation_optimized(&self, optimized: bool) -> Self {
        options::changed(self, |sys| sys.with_collocation_optimized(optimized))
    }

    /// A copy that shares connections only with proxies of the same connection id.
    #[must_use]
    fn with_connection_id(&self, id: &str) -> Self {
        options::changed(self, |sys| sys.with_connection_id(id))
    }

    /// A copy that keeps its connection for later calls, or chooses one for every call.
    #[must_use]
    fn with_connection_cached(&self, cached: bool) -> Self {
        options::changed(self, |sys| sys.with_connection_cached(cached))
    }

    /// A copy without endpoints, for which a locator is asked by the id of their adapter. An empty id is none: the
    /// object is a well-known one then.
    #[must_use]
    fn with_adapter_id(&self, id: &str) -> Self {
        options::changed(self, |sys| sys.with_adapter_id(id))
    }

    /// A copy that asks this locator for endpoints, or none.
    #[must_use]
    fn with_locator<'a>(&self, locator: impl Into<Option<&'a ObjectPrx>>) -> Self {
        let locator = locator.into().map(|locator| &locator.sys);
        options::changed(self, |sys| sys.with_locator(locator))
    }

    /// A copy that believes for this long what a locator said: whole seconds, `Duration::MAX` for ever, zero for not
    /// at all.
    #[must_use]
    fn with_locator_cache_timeout(&self, timeout: Duration) -> Self {
        let seconds = options::cache_timeout(timeout);
        options::changed(self, |sys| sys.with_locator_cache_timeout(seconds))
    }

    /// A copy whose calls go through this router, or through none. The router is asked for its endpoints by the
    /// first call.
    #[must_use]
    fn with_router<'a>(&self, router: impl Into<Option<&'a ObjectPrx>>) -> Self {
        let router = router.into().map(|router| &router.sys);
        options::changed(self, |sys| sys.with_router(router))
    }

    /// A copy that calls over this connection alone, for as long as that lives, and fails after it.
    ///
    /// # Errors
    ///
    /// What ended the connection, where it has ended.
    fn with_fixed_connection(&self, connection: &Connection) -> Result<Self, Error> {
        options::fixed(self.as_object(), connection).map(Self::from_object)
    }

    /// The connection that is in use; `None` where none is, or where calls stay within the process.
    #[must_use]
    fn cached_connection(&self) -> Option<Connection> {
        options::cached_connection(self.as_object())
    }

    /// The connection, which is made if there is none yet; `None` where calls stay within the process.
    ///
    /// # Errors
    ///
    /// Where no connection can be made.
    fn connection(
        &self,
    ) -> impl Future<Output = Result<Option<Connection>, Error>> + Send + 'static {
        options::connect(self.as_object().clone())
    }

    /// Sends the calls that this proxy has collected ([`Prx::with_batch_oneway`]); over when they are sent. Where it has
    /// collected none, there is nothing to do.
    ///
    /// It begins at once; the future may be dropped, and they are sent all the same.
    ///
    /// # Errors
    ///
    /// Where they cannot be sent: they are lost then.
    fn flush_batch_requests(&self) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let proxy = self.as_object().clone();
        let sending = Sending::start(|waiting| proxy.sys.flush(waiting));
        async move {
            let sent = sending.end().await;
            sent.map_err(|error| error.in_call("flushing", &proxy))
        }
    }

    /// Asks whether the object is there.
    ///
    /// # Errors
    ///
    /// Where it is not, or cannot be reached.
    fn ice_ping(&self) -> impl Future<Output = Result<(), Error>> + Send + '_ {
        invocation::invoke(
            self.as_object(),
            "ice_ping",
            OperationMode::Nonmutating,
            |_| {},
            |_| Ok(()),
        )
    }

    /// Asks whether the object has this interface.
    ///
    /// # Errors
    ///
    /// Where it is not there, or cannot be reached.
    fn ice_is_a(&self, type_id: &str) -> impl Future<Output = Result<bool, Error>> + Send + '_ {
        use crate::encoding::Encode as _;
        let encode = |to: &mut crate::encoding::Encoder| type_id.encode(to);
        invocation::invoke(
            self.as_object(),
            "ice_isA",
            OperationMode::Nonmutating,
            encode,
            bool::decode,
        )
    }

    /// Asks for the type ids of all interfaces that the object has, sorted.
    ///
    /// # Errors
    ///
    /// Where it is not there, or cannot be reached.
    fn ice_ids(&self) -> impl Future<Output = Result<Vec<String>, Error>> + Send + '_ {
        invocation::invoke(
            self.as_object(),
            "ice_ids",
            OperationMode::Nonmutating,
            |_| {},
            Vec::decode,
        )
    }

    /// Asks for the type id of the object's most derived interface.
    ///
    /// # Errors
    ///
    /// Where it is not there, or cannot be reached.
    fn ice_id(&self) -> impl Future<Output = Result<String, Error>> + Send + '_ {
        invocation::invoke(
            self.as_object(),
            "ice_id",
            OperationMode::Nonmutating,
            |_| {},
            String::decode,
        )
    }

    /// Calls an operation of any name with parameters that are encoded already, and leaves the results so: for
    /// those who pass on calls of which they know no Slice definition. The call starts here, and ends with the future.
    ///
    /// Through a proxy that is not twoway it returns empty results once it is sent.
    ///
    /// # Errors
    ///
    /// Whatever Ice may fail with. An exception defined in Slice is [`Invoked::Raised`].
    fn ice_invoke(
        &self,
        operation: &str,
        mode: OperationMode,
        params: &Encapsulation,
    ) -> impl Future<Output = Result<Invoked, Error>> + Send {
        raw::invoke(self.as_object(), operation, mode, params)
    }

    /// The proxy as one of another type, where the object says that it has that; `None` where it has not, or lacks the facet.
    ///
    /// # Errors
    ///
    /// Where the object is not there, or cannot be reached.
    fn checked_cast<T: Prx>(&self) -> impl Future<Output = Result<Option<T>, Error>> + Send + '_ {
        async move {
            match self.ice_is_a(T::TYPE_ID).await {
                Ok(true) => Ok(Some(self.unchecked_cast())),
                Ok(false) => Ok(None),
                Err(error) if error.kind() == crate::ErrorKind::FacetNotExist => Ok(None),
                Err(error) => Err(error),
            }
        }
    }

    /// As [`Prx::checked_cast`], for another facet of the object.
    ///
    /// # Errors
    ///
    /// As [`Prx::checked_cast`].
    fn checked_cast_facet<T: Prx>(
        &self,
        facet: &str,
    ) -> impl Future<Output = Result<Option<T>, Error>> + Send + 'static {
        let facet = self.with_facet(facet);
        async move { facet.checked_cast().await }
    }

    /// As [`Prx::unchecked_cast`], for another facet of the object.
    #[must_use]
    fn unchecked_cast_facet<T: Prx>(&self, facet: &str) -> T {
        T::from_object(self.with_facet(facet))
    }

    /// The proxy as one of another type, on your word.
    #[must_use]
    fn unchecked_cast<T: Prx>(&self) -> T {
        T::from_object(self.as_object().clone())
    }
}
