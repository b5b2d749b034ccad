//! Object adapters, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// A facet and its servant.
    struct Facet {
        name: String,
        servant: SharedPtr<Object>,
    }

    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/adapter.h");

        type Communicator = crate::bridge::ffi::Communicator;
        type Name = crate::bridge::ffi::Name;
        type Object = crate::bridge::ffi::Object;
        type ObjectAdapter = crate::bridge::ffi::ObjectAdapter;
        type ObjectPrx = crate::bridge::ffi::ObjectPrx;
        type ServantLocator = crate::bridge::ffi::ServantLocator;

        fn adapter_with_router(
            communicator: &Communicator,
            name: &str,
            router: &SharedPtr<ObjectPrx>,
        ) -> Result<SharedPtr<ObjectAdapter>>;

        fn adapter_add(
            adapter: &ObjectAdapter,
            servant: &SharedPtr<Object>,
            identity: &Name,
            facet: &str,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn adapter_add_default(
            adapter: &ObjectAdapter,
            servant: &SharedPtr<Object>,
            category: &str,
        ) -> Result<()>;
        fn adapter_remove(
            adapter: &ObjectAdapter,
            identity: &Name,
            facet: &str,
        ) -> Result<SharedPtr<Object>>;
        fn adapter_remove_all(adapter: &ObjectAdapter, identity: &Name) -> Result<Vec<Facet>>;
        fn adapter_remove_default(
            adapter: &ObjectAdapter,
            category: &str,
        ) -> Result<SharedPtr<Object>>;
        fn adapter_find(
            adapter: &ObjectAdapter,
            identity: &Name,
            facet: &str,
        ) -> Result<SharedPtr<Object>>;
        fn adapter_find_all(adapter: &ObjectAdapter, identity: &Name) -> Result<Vec<Facet>>;
        fn adapter_find_default(
            adapter: &ObjectAdapter,
            category: &str,
        ) -> Result<SharedPtr<Object>>;
        fn adapter_find_by_proxy(
            adapter: &ObjectAdapter,
            proxy: &SharedPtr<ObjectPrx>,
        ) -> Result<SharedPtr<Object>>;

        fn adapter_add_locator(
            adapter: &ObjectAdapter,
            locator: &SharedPtr<ServantLocator>,
            category: &str,
        ) -> Result<()>;
        fn adapter_remove_locator(
            adapter: &ObjectAdapter,
            category: &str,
        ) -> Result<SharedPtr<ServantLocator>>;
        fn adapter_find_locator(
            adapter: &ObjectAdapter,
            category: &str,
        ) -> Result<SharedPtr<ServantLocator>>;

        fn adapter_proxy(
            adapter: &ObjectAdapter,
            identity: &Name,
            kind: u8,
        ) -> Result<SharedPtr<ObjectPrx>>;
        fn adapter_set_published_endpoints(adapter: &ObjectAdapter, endpoints: &str) -> Result<()>;
        fn adapter_refresh_published_endpoints(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_locator(adapter: &ObjectAdapter) -> Result<SharedPtr<ObjectPrx>>;
        fn adapter_set_locator(
            adapter: &ObjectAdapter,
            locator: &SharedPtr<ObjectPrx>,
        ) -> Result<()>;

        fn adapter_name(adapter: &ObjectAdapter) -> Result<String>;
        fn adapter_activate(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_hold(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_wait_for_hold(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_deactivate(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_wait_for_deactivate(adapter: &ObjectAdapter) -> Result<()>;
        fn adapter_is_deactivated(adapter: &ObjectAdapter) -> Result<bool>;
        fn adapter_destroy(adapter: &ObjectAdapter) -> Result<()>;
    }
}
