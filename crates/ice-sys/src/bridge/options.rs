//! The options of proxies, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// What is set for a proxy; -2 where a number or a choice is left to the defaults.
    #[derive(Clone, Debug, Default)]
    struct ProxyOptions {
        /// The number of a `Mode`.
        mode: u8,
        secure: bool,
        prefer_secure: bool,
        collocation_optimized: bool,
        connection_cached: bool,
        /// Endpoints are tried in their order, and not at random.
        ordered: bool,
        fixed: bool,
        /// 0 no, 1 yes.
        compress: i8,
        /// Milliseconds; -1 for none.
        timeout: i32,
        /// Milliseconds; -1 for none.
        invocation_timeout: i32,
        /// Seconds; -1 for ever.
        locator_cache_timeout: i32,
        adapter_id: String,
        connection_id: String,
    }

    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/options.h");

        type Communicator = crate::bridge::ffi::Communicator;
        type Connection = crate::bridge::ffi::Connection;
        type ObjectPrx = crate::bridge::ffi::ObjectPrx;
        type Entry = crate::bridge::ffi::Entry;

        fn proxy_options(proxy: &ObjectPrx) -> Result<ProxyOptions>;
        fn proxy_locator(proxy: &ObjectPrx) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_router(proxy: &ObjectPrx) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_to_property(
            communicator: &Communicator,
            proxy: &SharedPtr<ObjectPrx>,
            key: &str,
        ) -> Result<Vec<Entry>>;
        fn proxy_with_adapter_id(proxy: &ObjectPrx, id: &str) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_locator(
            proxy: &ObjectPrx,
            locator: &SharedPtr<ObjectPrx>,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_router(
            proxy: &ObjectPrx,
            router: &SharedPtr<ObjectPrx>,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_locator_cache_timeout(
            proxy: &ObjectPrx,
            seconds: i32,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_timeout(proxy: &ObjectPrx, milliseconds: i32)
        -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_compress(proxy: &ObjectPrx, compress: bool) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_prefer_secure(
            proxy: &ObjectPrx,
            prefer: bool,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_with_endpoint_order(
            proxy: &ObjectPrx,
            ordered: bool,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn proxy_fixed(
            proxy: &ObjectPrx,
            connection: &SharedPtr<Connection>,
        ) -> Result<SharedPtr<ObjectPrx>>;
    }
}
