use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::time::Duration;

use super::{ObjectPrx, invocation, options, raw};
use crate::connection::Connection;
use crate::current::OperationMode;
use crate::encoding::{Decode as _, Encapsulation, EncodingVersion, Invoked};
use crate::error::Error;
use crate::identity::Identity;

/// What every proxy can do, typed or not.
///
/// A proxy never changes: `with_...` returns a changed copy. The futures of its calls may be dropped at any time,
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

    /// The endpoints in their string form; none where a locator knows them.
    #[must_use]
    fn endpoints(&self) -> Vec<String> {
        options::endpoints(self.as_object())
    }

    /// How long a call may take; `None` for as long as it likes.
    #[must_use]
    fn invocation_timeout(&self) -> Option<Duration> {
        options::invocation_timeout(self.as_object())
    }

    /// Whether calls have an answer.
    #[must_use]
    fn is_twoway(&self) -> bool {
        options::is_twoway(self.as_object())
    }

    /// A copy for another object of the same endpoints, and so of another type.
    ///
    /// # Errors
    ///
    /// `IllegalIdentity` for an empty name.
    fn with_identity(&self, identity: &Identity) -> Result<ObjectPrx, Error> {
        options::with_identity(self.as_object(), identity)
    }

    /// A copy for another facet of the object, and so of another type.
    #[must_use]
    fn with_facet(&self, facet: &str) -> ObjectPrx {
        options::with_facet(self.as_object(), facet)
    }

    /// A copy that sends this context with every call.
    #[must_use]
    fn with_context(&self, context: &BTreeMap<String, String>) -> Self {
        Self::from_object(options::with_context(self.as_object(), context))
    }

    /// A copy with other endpoints, given as in a proxy's string form: `tcp -h host -p 10000:ssl -p 10001`.
    ///
    /// # Errors
    ///
    /// `EndpointParse` where they are none.
    fn with_endpoints(&self, endpoints: &str) -> Result<Self, Error> {
        options::with_endpoints(self.as_object(), endpoints).map(Self::from_object)
    }

    /// A copy whose calls fail with `InvocationTimeout` after this time; at least a millisecond.
    #[must_use]
    fn with_invocation_timeout(&self, timeout: Duration) -> Self {
        Self::from_object(options::with_invocation_timeout(
            self.as_object(),
            Some(timeout),
        ))
    }

    /// A copy whose calls may take as long as they like.
    #[must_use]
    fn without_invocation_timeout(&self) -> Self {
        Self::from_object(options::with_invocation_timeout(self.as_object(), None))
    }

    /// A copy whose calls are in this encoding.
    #[must_use]
    fn with_encoding(&self, encoding: EncodingVersion) -> Self {
        Self::from_object(options::with_encoding(self.as_object(), encoding))
    }

    /// A copy whose calls have an answer.
    #[must_use]
    fn with_twoway(&self) -> Self {
        Self::from_object(options::with_mode(self.as_object(), ice_sys::Mode::Twoway))
    }

    /// A copy whose calls end when they are sent. Calls of one connection arrive in order.
    #[must_use]
    fn with_oneway(&self) -> Self {
        Self::from_object(options::with_mode(self.as_object(), ice_sys::Mode::Oneway))
    }

    /// A copy whose calls go out as datagrams, to its `udp` endpoints.
    #[must_use]
    fn with_datagram(&self) -> Self {
        Self::from_object(options::with_mode(
            self.as_object(),
            ice_sys::Mode::Datagram,
        ))
    }

    /// A copy that uses secure endpoints alone, or any.
    #[must_use]
    fn with_secure(&self, secure: bool) -> Self {
        Self::from_object(options::with_secure(self.as_object(), secure))
    }

    /// A copy whose calls to objects of its own communicator stay within the process, or take the network.
    #[must_use]
    fn collocation_optimized(&self, optimized: bool) -> Self {
        Self::from_object(options::with_collocation_optimized(
            self.as_object(),
            optimized,
        ))
    }

    /// A copy that shares connections only with proxies of the same connection id.
    #[must_use]
    fn with_connection_id(&self, id: &str) -> Self {
        Self::from_object(options::with_connection_id(self.as_object(), id))
    }

    /// A copy that keeps its connection for later calls, or chooses one for every call.
    #[must_use]
    fn with_connection_cached(&self, cached: bool) -> Self {
        Self::from_object(options::with_connection_cached(self.as_object(), cached))
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

    /// The proxy as one of another type, on your word.
    #[must_use]
    fn unchecked_cast<T: Prx>(&self) -> T {
        T::from_object(self.as_object().clone())
    }
}
