//! The border itself: what each side may call of the other.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

pub(crate) mod adapter;
pub(crate) mod buffer;
pub(crate) mod call;
pub(crate) mod context;
pub(crate) mod info;
pub(crate) mod metrics;
pub(crate) mod options;

use crate::completion::{Completion, failed, succeeded};
use crate::connection::{
    CloseListener, ConnectionSlot, HeartbeatListener, closed, connected, heartbeat, not_connected,
};
use crate::dispatch::{ServantBox, deactivated, dispatch};
use crate::logger::log;
use crate::proxy::{ByteSink, append};

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// A key and its value.
    #[derive(Clone, Debug)]
    struct Entry {
        key: String,
        value: String,
    }

    /// An identity.
    #[derive(Clone, Debug, PartialEq, Eq, Hash)]
    struct Name {
        name: String,
        category: String,
    }

    /// A proxy that was read, null perhaps, and how many bytes it took.
    struct ProxyRead {
        proxy: SharedPtr<ObjectPrx>,
        taken: usize,
    }

    /// What the bytes of an answer are.
    #[derive(Debug)]
    enum Reply {
        /// The encapsulation of the results.
        Encapsulation,
        /// The encapsulation of a user exception.
        Exception,
    }

    /// Which exception answers a request.
    #[derive(Debug)]
    enum Refusal {
        ObjectNotExist,
        FacetNotExist,
        OperationNotExist,
        Unknown,
        UnknownLocal,
        UnknownUser,
    }

    extern "Rust" {
        type Completion;
        fn succeeded(completion: &mut Completion);
        fn failed(completion: &mut Completion, type_id: &[u8], reason: &[u8]);

        type ConnectionSlot;
        fn connected(slot: &mut ConnectionSlot, connection: SharedPtr<Connection>);
        fn not_connected(slot: &mut ConnectionSlot, type_id: &[u8], reason: &[u8]);

        type CloseListener;
        fn closed(listener: &mut CloseListener, type_id: &[u8], reason: &[u8]);

        type HeartbeatListener;
        fn heartbeat(listener: &HeartbeatListener);

        type ServantBox;
        fn dispatch(servant: &ServantBox, incoming: Pin<&mut Incoming>);
        fn deactivated(servant: &ServantBox, category: &[u8]);

        type ByteSink;
        fn append(sink: &mut ByteSink, bytes: &[u8]);

        fn log(level: u8, category: &[u8], message: &[u8]);
    }

    // SAFETY: every function catches what the C++ side throws (`failure.h`), takes its arguments as
    // references or owning handles, and keeps none of the borrowed ones beyond its return.
    unsafe extern "C++" {
        include!("ice-sys/cpp/bridge.h");

        type Communicator;
        type Connection;
        type Object;
        type ObjectAdapter;
        type ObjectPrx;
        type Properties;
        type ServantLocator;
        type MessageBuffer = crate::bridge::buffer::ffi::MessageBuffer;
        type Current;
        type Incoming;
        type Responder;

        fn properties_new(arguments: Vec<String>) -> Result<SharedPtr<Properties>>;
        fn properties_copy(properties: &Properties) -> Result<SharedPtr<Properties>>;
        fn properties_get(properties: &Properties, key: &str) -> Result<String>;
        fn properties_list(properties: &Properties, key: &str) -> Result<Vec<String>>;
        fn properties_for_prefix(properties: &Properties, prefix: &str) -> Result<Vec<Entry>>;
        fn properties_set(properties: &Properties, key: &str, value: &str) -> Result<()>;

        fn communicator_new(properties: &SharedPtr<Properties>) -> Result<SharedPtr<Communicator>>;
        fn communicator_destroy(communicator: &Communicator) -> Result<()>;
        fn communicator_shutdown(communicator: &Communicator) -> Result<()>;
        fn communicator_wait_for_shutdown(communicator: &Communicator) -> Result<()>;
        fn communicator_is_shutdown(communicator: &Communicator) -> Result<bool>;
        fn communicator_proxy(
            communicator: &Communicator,
            text: &str,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_proxy_from_property(
            communicator: &Communicator,
            key: &str,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_adapter(
            communicator: &Communicator,
            name: &str,
        ) -> Result<SharedPtr<ObjectAdapter>>;
        fn communicator_adapter_with_endpoints(
            communicator: &Communicator,
            name: &str,
            endpoints: &str,
        ) -> Result<SharedPtr<ObjectAdapter>>;
        fn communicator_default_locator(
            communicator: &Communicator,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_set_default_locator(
            communicator: &Communicator,
            locator: &SharedPtr<ObjectPrx>,
        ) -> Result<()>;
        fn communicator_default_router(communicator: &Communicator)
        -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_set_default_router(
            communicator: &Communicator,
            router: &SharedPtr<ObjectPrx>,
        ) -> Result<()>;
        fn communicator_admin(communicator: &Communicator) -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_create_admin(
            communicator: &Communicator,
            adapter: &SharedPtr<ObjectAdapter>,
            identity: &Name,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn communicator_admin_facets(communicator: &Communicator) -> Result<Vec<String>>;
        fn communicator_add_admin_facet(
            communicator: &Communicator,
            servant: &SharedPtr<Object>,
            facet: &str,
        ) -> Result<()>;
        fn communicator_remove_admin_facet(communicator: &Communicator, facet: &str) -> Result<()>;
        fn identity_to_string(identity: &Name, mode: u8) -> Result<String>;
        fn identity_from_string(text: &str) -> Result<Name>;

        fn proxy_to_string(proxy: &ObjectPrx) -> Result<String>;
        fn proxy_equals(left: &ObjectPrx, right: &ObjectPrx) -> Result<bool>;
        fn proxy_hash(proxy: &ObjectPrx) -> Result<u32>;
        fn proxy_traits(proxy: &ObjectPrx) -> Result<u8>;
        fn proxy_identity(proxy: &ObjectPrx) -> Result<Name>;
        fn proxy_facet(proxy: &ObjectPrx) -> Result<String>;
        fn proxy_context(proxy: &ObjectPrx) -> Result<Vec<Entry>>;
        fn proxy_with_identity(proxy: &ObjectPrx, identity: &Name) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_facet(proxy: &ObjectPrx, facet: &str) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_context(
            proxy: &ObjectPrx,
            context: &Vec<Entry>,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_endpoints(proxy: &ObjectPrx, endpoints: &str)
        -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_invocation_timeout(
            proxy: &ObjectPrx,
            milliseconds: i32,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_connection_id(proxy: &ObjectPrx, id: &str) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_encoding(proxy: &ObjectPrx, minor: u8) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_mode(proxy: &ObjectPrx, mode: u8) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_secure(proxy: &ObjectPrx, secure: bool) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_collocation_optimized(
            proxy: &ObjectPrx,
            optimized: bool,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_connection_cached(
            proxy: &ObjectPrx,
            cached: bool,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_write(proxy: &ObjectPrx, encoding_minor: u8, sink: &mut ByteSink) -> Result<()>;
        fn proxy_read(
            communicator: &SharedPtr<Communicator>,
            encoding_minor: u8,
            bytes: &[u8],
        ) -> Result<ProxyRead>;
        fn proxy_communicator(proxy: &ObjectPrx) -> Result<SharedPtr<Communicator>>;
        fn proxy_connect(proxy: &ObjectPrx, slot: Box<ConnectionSlot>) -> Result<()>;
        fn proxy_cached_connection(proxy: &ObjectPrx) -> Result<SharedPtr<Connection>>;

        fn proxy_flush(proxy: &ObjectPrx, completion: Box<Completion>) -> Result<()>;
        fn connection_flush(
            connection: &Connection,
            compress: u8,
            completion: Box<Completion>,
        ) -> Result<()>;
        fn connection_heartbeat(connection: &Connection, completion: Box<Completion>)
        -> Result<()>;
        fn communicator_flush(
            communicator: &Communicator,
            compress: u8,
            completion: Box<Completion>,
        ) -> Result<()>;

        fn connection_to_string(connection: &Connection) -> Result<String>;
        fn connection_remote_address(connection: &Connection, port: &mut u16) -> Result<String>;
        fn connection_key(connection: &Connection) -> usize;
        fn connection_traits(connection: &Connection) -> Result<u8>;
        fn connection_on_close(connection: &Connection, listener: Box<CloseListener>)
        -> Result<()>;
        fn connection_close(connection: &Connection, how: u8) -> Result<()>;
        fn connection_error(connection: &Connection) -> Result<()>;
        fn connection_acm(connection: &Connection) -> Result<Vec<i32>>;
        fn connection_on_heartbeat(
            connection: &Connection,
            listener: Box<HeartbeatListener>,
        ) -> Result<()>;
        fn connection_ignore_heartbeats(connection: &Connection) -> Result<()>;
        fn connection_transport(connection: &Connection) -> Result<String>;
        fn connection_timeout(connection: &Connection) -> Result<i32>;
        fn connection_set_buffer_sizes(
            connection: &Connection,
            receive: i32,
            send: i32,
        ) -> Result<()>;
        fn connection_adapter(connection: &Connection) -> Result<SharedPtr<ObjectAdapter>>;
        fn connection_set_acm(
            connection: &Connection,
            timeout: i32,
            close: i8,
            heartbeat: i8,
        ) -> Result<()>;
        fn connection_proxy(
            connection: &Connection,
            identity: &Name,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn connection_set_adapter(
            connection: &Connection,
            adapter: &SharedPtr<ObjectAdapter>,
        ) -> Result<()>;

        fn make_servant(servant: Box<ServantBox>) -> Result<SharedPtr<Object>>;
        fn servant_of(servant: &Object) -> Result<&ServantBox>;
        fn make_locator(servant: &SharedPtr<Object>) -> Result<SharedPtr<ServantLocator>>;
        fn servant_of_locator(locator: &ServantLocator) -> Result<SharedPtr<Object>>;

        fn operation(self: &Current) -> &[u8];
        fn facet(self: &Current) -> &[u8];
        fn identity_name(self: &Current) -> &[u8];
        fn identity_category(self: &Current) -> &[u8];
        fn context(self: &Current) -> Result<Vec<Entry>>;
        fn encoding_minor(self: &Current) -> u8;
        fn mode(self: &Current) -> u8;
        fn request_id(self: &Current) -> i32;
        fn connection(self: &Current) -> SharedPtr<Connection>;
        fn connection_key(self: &Current) -> usize;
        fn adapter(self: &Current) -> SharedPtr<ObjectAdapter>;
        fn communicator(self: &Current) -> Result<SharedPtr<Communicator>>;

        fn operation(self: &Incoming) -> &[u8];
        fn params(self: &Incoming) -> &[u8];
        fn current(self: &Incoming) -> Result<SharedPtr<Current>>;
        fn connection_key(self: &Incoming) -> usize;
        fn connection(self: &Incoming) -> SharedPtr<Connection>;
        fn reply(self: Pin<&mut Incoming>, reply: Reply, bytes: &[u8]) -> Result<()>;
        fn results(
            self: Pin<&mut Incoming>,
            size: usize,
            buffer: Pin<&mut MessageBuffer>,
        ) -> Result<()>;
        fn refuse(self: Pin<&mut Incoming>, refusal: Refusal, reason: &str) -> Result<()>;
        fn defer(self: Pin<&mut Incoming>) -> Result<UniquePtr<Responder>>;

        fn reply(self: Pin<&mut Responder>, reply: Reply, bytes: &[u8]) -> Result<()>;
        fn results(
            self: Pin<&mut Responder>,
            size: usize,
            buffer: Pin<&mut MessageBuffer>,
        ) -> Result<()>;
        fn refuse(self: Pin<&mut Responder>, refusal: Refusal, reason: &str) -> Result<()>;

        fn set_process_logger() -> Result<()>;
    }
}

macro_rules! threadsafe {
    ($($name:ident),*) => {$(
        // SAFETY: the Ice runtime guards these objects with locks of their own and documents that any
        // thread may use them; the accessors of ours that write through a const reference rely on that.
        unsafe impl Send for ffi::$name {}
        // SAFETY: as above.
        unsafe impl Sync for ffi::$name {}
    )*};
}

threadsafe!(
    Communicator,
    Connection,
    Object,
    ObjectAdapter,
    ObjectPrx,
    Properties,
    ServantLocator
);

// SAFETY: a copy of its own, never written after it was made.
unsafe impl Send for ffi::Current {}
// SAFETY: as above.
unsafe impl Sync for ffi::Current {}
// SAFETY: Ice lets any thread complete an asynchronous dispatch; it is used by one at a time (`&mut`).
unsafe impl Send for ffi::Responder {}
