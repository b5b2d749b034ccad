//! What a service counts, for Prometheus.
//!
//! Every metric there is stands in one list ([`list`]), with the services that
//! have it, its label and all values of that: no label can grow. A service is
//! given its metrics when it is opened, each with all its values, so that each
//! is there from the beginning, at zero. Whoever counts keeps the handle: to
//! count is one addition to an atomic number, whether anybody looks or not.

pub(crate) mod endpoint;
mod handle;
pub mod list;
mod process;
mod scrape;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use prometheus_client::{
    metrics::{family::Family, info::Info},
    registry::Registry,
};

pub use handle::{Counter, Gauge, Handle, Histogram};
pub use list::{Declared, Metric, Shape};

use handle::Made;

/// A label and its value.
type Labels = [(&'static str, &'static str); 1];

/// The metrics of a service. Clones share them.
#[derive(Clone)]
pub struct Metrics(Arc<Shared>);

struct Shared {
    registry: Registry,
    /// By name and value of the label, which is empty where there is none.
    made: HashMap<(&'static str, &'static str), Made>,
    before: Mutex<Vec<Box<dyn Fn() + Send + Sync>>>,
    process: process::Process,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// All that are declared for services of this kind: `main`,
    /// `authentication`, `catalog` or `streaming`.
    pub fn new(kind: &'static str) -> Self {
        let mut registry = Registry::default();
        let mut made = HashMap::new();
        for metric in list::ALL.iter().filter(|metric| metric.is_of(kind)) {
            enter(&mut registry, &mut made, metric, kind);
        }
        let process = process::Process::new(&mut registry);
        Self(Arc::new(Shared {
            registry,
            made,
            before: Mutex::default(),
            process,
        }))
    }

    /// The handle of a metric without a label. Of one that this kind of service
    /// does not have, a handle that counts for nobody.
    pub fn get<T: Handle>(&self, metric: &Metric<T>) -> T {
        self.with(metric, "")
    }

    /// The handle of a metric for one value of its label; as [`Metrics::get`].
    pub fn with<T: Handle>(&self, metric: &Metric<T>, value: &str) -> T {
        let found = self
            .0
            .made
            .iter()
            .find(|((name, known), _)| *name == metric.name && *known == value);
        found
            .and_then(|(_, made)| T::of(made))
            .unwrap_or_else(T::detached)
    }

    /// Has this done before each time that somebody reads the metrics: for what
    /// is counted elsewhere and is only to be copied.
    pub fn before_reading(&self, copy: impl Fn() + Send + Sync + 'static) {
        self.0
            .before
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(Box::new(copy));
    }
}

fn enter(
    registry: &mut Registry,
    made: &mut HashMap<(&'static str, &'static str), Made>,
    metric: &'static Declared,
    kind: &'static str,
) {
    // The format adds the end of a counter's name, and the full stop.
    let name = metric.name.strip_suffix("_total").unwrap_or(metric.name);
    let (about, values) = (metric.about, metric.values);
    let label = |value| -> Labels { [(metric.label, value)] };
    macro_rules! enter {
        ($make:expr, $made:path) => {
            if values.is_empty() {
                let handle = $make();
                registry.register(name, about, handle.clone());
                made.insert((metric.name, ""), $made(handle));
            } else {
                let family = Family::<Labels, _, _>::new_with_constructor($make);
                for value in values.iter().copied() {
                    let handle = family.get_or_create_owned(&label(value));
                    made.insert((metric.name, value), $made(handle));
                }
                registry.register(name, about, family);
            }
        };
    }
    match metric.shape {
        Shape::Counter => enter!(Counter::default, Made::Counter),
        Shape::Gauge => enter!(Gauge::default, Made::Gauge),
        Shape::Histogram => enter!(handle::seconds, Made::Histogram),
        Shape::Info => {
            let name = name.strip_suffix("_info").unwrap_or(name);
            let labels = vec![("kind", kind), ("version", env!("CARGO_PKG_VERSION"))];
            registry.register(name, about, Info::new(labels));
        }
        // Entered by `Process`.
        Shape::Process => {}
    }
}
