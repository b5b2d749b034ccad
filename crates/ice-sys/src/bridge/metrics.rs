//! Metrics, at the border. In Slice they are classes, which Rust does not read: C++ does, and flattens them.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

use crate::metrics::{MetricsSlot, answered, refused};

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// What the numbers of [`MetricsFacts`] mean.
    #[derive(Debug)]
    enum MetricsKind {
        Plain,
        Thread,
        Dispatch,
        Invocation,
        ChildInvocation,
        Connection,
    }

    /// Where [`MetricsFacts`] belong.
    #[derive(Debug)]
    enum MetricsPlace {
        /// In their map.
        Map,
        /// Below the invocation that came last.
        Remote,
        /// Below the invocation that came last, within the process.
        Collocated,
    }

    /// The metrics of one thing that is observed.
    #[derive(Clone, Debug)]
    struct MetricsFacts {
        map: String,
        place: MetricsPlace,
        kind: MetricsKind,
        id: String,
        total: i64,
        current: i32,
        /// Microseconds.
        total_lifetime: i64,
        failures: i32,
        /// What the kind has beyond that, in the order of its Slice definition.
        numbers: Vec<i64>,
    }

    /// How often one thing failed in one way.
    #[derive(Clone, Debug)]
    struct FailureCount {
        id: String,
        type_id: String,
        count: i32,
    }

    /// The answer to any question about metrics: what was not asked is empty.
    #[derive(Clone, Debug, Default)]
    struct MetricsAnswer {
        enabled: Vec<String>,
        disabled: Vec<String>,
        /// Milliseconds since 1970.
        timestamp: i64,
        metrics: Vec<MetricsFacts>,
        failures: Vec<FailureCount>,
    }

    extern "Rust" {
        type MetricsSlot;
        fn answered(slot: &mut MetricsSlot, answer: MetricsAnswer);
        fn refused(slot: &mut MetricsSlot, type_id: &[u8], reason: &[u8]);
    }

    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/metrics.h");

        type Communicator = crate::bridge::ffi::Communicator;
        type ObjectPrx = crate::bridge::ffi::ObjectPrx;
        type Metrics;

        fn metrics_of_communicator(communicator: &Communicator) -> Result<SharedPtr<Metrics>>;
        fn metrics_of_proxy(admin: &SharedPtr<ObjectPrx>) -> Result<SharedPtr<Metrics>>;
        fn metrics_views(metrics: &Metrics, slot: Box<MetricsSlot>) -> Result<()>;
        fn metrics_enable(
            metrics: &Metrics,
            view: &str,
            enabled: bool,
            slot: Box<MetricsSlot>,
        ) -> Result<()>;
        fn metrics_view(metrics: &Metrics, view: &str, slot: Box<MetricsSlot>) -> Result<()>;
        fn metrics_failures(
            metrics: &Metrics,
            view: &str,
            map: &str,
            slot: Box<MetricsSlot>,
        ) -> Result<()>;
    }
}

// SAFETY: it holds one of two pointers to objects of Ice that any thread may use, and never changes.
unsafe impl Send for ffi::Metrics {}
// SAFETY: as above.
unsafe impl Sync for ffi::Metrics {}
