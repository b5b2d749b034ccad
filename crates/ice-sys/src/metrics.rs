//! Metrics of a communicator, of this process or another.

use cxx::SharedPtr;

use crate::bridge::metrics::ffi;
use crate::communicator::Communicator;
use crate::failure::Failure;
use crate::guard::{Guarded, contain};
use crate::proxy::Proxy;

pub use ffi::{FailureCount, MetricsAnswer, MetricsFacts, MetricsKind, MetricsPlace};

/// Where metrics are asked for. Cloning counts a reference.
#[derive(Clone)]
pub struct Metrics(SharedPtr<ffi::Metrics>);

/// Takes an answer, once: on a thread of Ice, or within the function that asks. It must not block.
pub type OnMetrics = Box<dyn FnOnce(Result<MetricsAnswer, Failure>) + Send>;

pub(crate) struct MetricsSlot(Guarded<OnMetrics>);

impl MetricsSlot {
    fn boxed(waiting: OnMetrics) -> Box<Self> {
        Box::new(Self(Guarded::new(waiting)))
    }

    fn fill(&mut self, result: Result<MetricsAnswer, Failure>) {
        if let Some(waiting) = self.0.take() {
            contain(move || waiting(result));
        }
    }
}

pub(crate) fn answered(slot: &mut MetricsSlot, answer: MetricsAnswer) {
    slot.fill(Ok(answer));
}

pub(crate) fn refused(slot: &mut MetricsSlot, type_id: &[u8], reason: &[u8]) {
    slot.fill(Err(Failure::from_wire(type_id, reason)));
}

// Errors: what cannot even be asked, or is refused within this process; `waiting` is dropped unanswered then. Metrics of
// more than 64 MiB are refused: `MemoryLimitException`.
#[allow(clippy::missing_errors_doc)]
impl Metrics {
    /// Those of a communicator of this process; `None` where it was made without them.
    pub fn of_communicator(communicator: &Communicator) -> Result<Option<Self>, Failure> {
        let metrics = ffi::metrics_of_communicator(&communicator.0)?;
        Ok((!metrics.is_null()).then_some(Self(metrics)))
    }

    /// Those of the process that this admin object belongs to.
    pub fn of_proxy(admin: &Proxy) -> Result<Self, Failure> {
        Ok(Self(ffi::metrics_of_proxy(&admin.0)?))
    }

    /// The names of the views.
    pub fn views(&self, waiting: OnMetrics) -> Result<(), Failure> {
        Ok(ffi::metrics_views(&self.0, MetricsSlot::boxed(waiting))?)
    }

    /// Begins or ends the observation of a view.
    pub fn enable(&self, view: &str, enabled: bool, waiting: OnMetrics) -> Result<(), Failure> {
        let slot = MetricsSlot::boxed(waiting);
        Ok(ffi::metrics_enable(&self.0, view, enabled, slot)?)
    }

    /// The metrics of a view.
    pub fn view(&self, view: &str, waiting: OnMetrics) -> Result<(), Failure> {
        Ok(ffi::metrics_view(
            &self.0,
            view,
            MetricsSlot::boxed(waiting),
        )?)
    }

    /// How often what failed in which way, in one map of a view.
    pub fn failures(&self, view: &str, map: &str, waiting: OnMetrics) -> Result<(), Failure> {
        let slot = MetricsSlot::boxed(waiting);
        Ok(ffi::metrics_failures(&self.0, view, map, slot)?)
    }
}
