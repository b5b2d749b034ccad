//! What counting is done with.

use std::sync::atomic::AtomicU64;

use prometheus_client::metrics::{counter, gauge, histogram};

/// A number that only grows.
pub type Counter = counter::Counter<u64, AtomicU64>;

/// A number that goes up and down.
pub type Gauge = gauge::Gauge<f64, AtomicU64>;

/// How long things took, in seconds.
pub type Histogram = histogram::Histogram;

/// A metric of one of the types above.
pub trait Handle: Clone + Send + Sync + 'static {
    /// One that counts for nobody.
    #[doc(hidden)]
    fn detached() -> Self;

    /// The handle that was made, where it is of this type.
    #[doc(hidden)]
    #[allow(private_interfaces, reason = "nobody else can implement this")]
    fn of(made: &Made) -> Option<Self>;
}

/// A handle that is registered.
#[derive(Debug)]
pub(crate) enum Made {
    Counter(Counter),
    Gauge(Gauge),
    Histogram(Histogram),
}

macro_rules! handle {
    ($type:ident, $detached:expr) => {
        impl Handle for $type {
            fn detached() -> Self {
                $detached
            }

            #[allow(private_interfaces, reason = "nobody else can implement this")]
            fn of(made: &Made) -> Option<Self> {
                match made {
                    Made::$type(handle) => Some(handle.clone()),
                    _ => None,
                }
            }
        }
    };
}

handle!(Counter, Self::default());
handle!(Gauge, Self::default());
handle!(Histogram, seconds());

/// Times from a tenth of a millisecond to ten seconds.
pub(super) fn seconds() -> Histogram {
    Histogram::new([
        0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5,
        5.0, 10.0,
    ])
}
