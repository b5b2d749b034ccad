//! Metrics (IceMX): what a communicator counts of its threads, connections, calls and dispatches.

use std::collections::BTreeMap;
use std::fmt;
use std::time::{Duration, SystemTime};

use ice_sys::{MetricsAnswer, MetricsFacts, MetricsKind, MetricsPlace, OnMetrics};
use tokio::sync::oneshot;

use crate::error::{Error, ErrorKind};
use crate::proxy::Prx;

/// The metrics of a communicator: of this process ([`crate::Communicator::metrics`]), or, through its admin object, of
/// another ([`Metrics::of_admin`]), in whatever language that is written.
///
/// They are there where the property `Ice.Admin.Enabled` is 1. What is observed is said by further ones:
/// `IceMX.Metrics.VIEW.Map.Dispatch.GroupBy=operation` makes a view with the map `Dispatch`. Maps of the runtime are `Communicator`, `Connection`, `ConnectionEstablishment`, `Dispatch`,
/// `EndpointLookup`, `Invocation` and `Thread`.
#[derive(Clone)]
pub struct Metrics {
    sys: ice_sys::Metrics,
}

/// The names of the views.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Views {
    /// Those that are observed.
    pub enabled: Vec<String>,
    /// Those that are configured, and not observed.
    pub disabled: Vec<String>,
}

/// What a view shows at one moment.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct View {
    /// When that was.
    pub time: SystemTime,
    /// What was observed, under the names of the maps. A map that has seen nothing yet is not there.
    pub maps: BTreeMap<String, Vec<Observed>>,
}

/// What was observed of one thing, or of a group of things.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Observed {
    /// What `GroupBy` makes of it: the name of an operation, for example.
    pub id: String,
    /// How many there are now.
    pub current: i32,
    /// How many there have been.
    pub total: i64,
    /// How long all of them lived, taken together, but for those that live still.
    pub total_lifetime: Duration,
    /// How many failed.
    pub failures: i32,
    /// What there is beyond that.
    pub numbers: Numbers,
}

/// What is counted of some kinds of things beyond what is counted of all. Sizes are in bytes.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Numbers {
    /// Nothing more.
    None,
    /// Of threads.
    Thread {
        /// How many read or write.
        in_use_for_io: i64,
        /// How many run dispatches or callbacks.
        in_use_for_user: i64,
        /// How many do anything else: look up hosts, for example.
        in_use_for_other: i64,
    },
    /// Of dispatches.
    Dispatch {
        /// How many raised an exception of their own.
        user_exceptions: i64,
        /// The size of all requests.
        size: i64,
        /// The size of all replies.
        reply_size: i64,
    },
    /// Of calls.
    Invocation {
        /// How many were tried again.
        retries: i64,
        /// How many raised an exception of their own.
        user_exceptions: i64,
        /// Their requests to other processes.
        remotes: Vec<Observed>,
        /// Their requests within this process.
        collocated: Vec<Observed>,
    },
    /// Of the requests of a call.
    Request {
        /// The size of all requests.
        size: i64,
        /// The size of all replies.
        reply_size: i64,
    },
    /// Of connections.
    Connection {
        /// How much came in.
        received_bytes: i64,
        /// How much went out.
        sent_bytes: i64,
    },
}

/// How often one thing failed in one way.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FailureCount {
    /// The id of the thing, as in [`Observed::id`].
    pub id: String,
    /// The type id of the exception.
    pub type_id: String,
    /// How often.
    pub count: i32,
}

impl Metrics {
    pub(crate) fn new(sys: ice_sys::Metrics) -> Self {
        Self { sys }
    }

    /// The metrics of the process whose admin object this is: `NAME/admin` at the endpoints `Ice.Admin.Endpoints`. Nothing is
    /// asked of it yet.
    ///
    /// # Errors
    ///
    /// `UnknownLocal` for want of memory alone.
    pub fn of_admin(admin: &impl Prx) -> Result<Self, Error> {
        let admin = &admin.as_object().sys;
        Ok(Self::new(ice_sys::Metrics::of_proxy(admin)?))
    }

    /// The names of the views.
    ///
    /// # Errors
    ///
    /// Where the other process cannot be reached.
    pub async fn views(&self) -> Result<Views, Error> {
        let answer = ask(|waiting| self.sys.views(waiting)).await?;
        Ok(Views {
            enabled: answer.enabled,
            disabled: answer.disabled,
        })
    }

    /// Begins to observe a view that is configured (`IceMX.Metrics.VIEW.Disabled=1`), with all counts at zero.
    ///
    /// # Errors
    ///
    /// `NotRegistered` where there is no such view; where the other process cannot be reached.
    pub async fn enable(&self, view: &str) -> Result<(), Error> {
        let answer = ask(|waiting| self.sys.enable(view, true, waiting)).await;
        answer.map(drop).map_err(|error| about(error, view))
    }

    /// Ends the observation of a view, and forgets what was counted.
    ///
    /// # Errors
    ///
    /// As [`Metrics::enable`].
    pub async fn disable(&self, view: &str) -> Result<(), Error> {
        let answer = ask(|waiting| self.sys.enable(view, false, waiting)).await;
        answer.map(drop).map_err(|error| about(error, view))
    }

    /// What a view shows now.
    ///
    /// # Errors
    ///
    /// As [`Metrics::enable`].
    pub async fn view(&self, view: &str) -> Result<View, Error> {
        let answer = ask(|waiting| self.sys.view(view, waiting)).await;
        let answer = answer.map_err(|error| about(error, view))?;
        let since_1970 = Duration::from_millis(u64::try_from(answer.timestamp).unwrap_or(0));
        Ok(View {
            time: SystemTime::UNIX_EPOCH + since_1970,
            maps: maps(answer.metrics),
        })
    }

    /// How often what failed in which way, in one map of a view; empty where the map is unknown.
    ///
    /// # Errors
    ///
    /// As [`Metrics::enable`].
    pub async fn failures(&self, view: &str, map: &str) -> Result<Vec<FailureCount>, Error> {
        let answer = ask(|waiting| self.sys.failures(view, map, waiting)).await;
        let answer = answer.map_err(|error| about(error, view))?;
        let counts = answer.failures.into_iter().map(|failure| FailureCount {
            id: failure.id,
            type_id: failure.type_id,
            count: failure.count,
        });
        Ok(counts.collect())
    }
}

async fn ask(
    start: impl FnOnce(OnMetrics) -> Result<(), ice_sys::Failure>,
) -> Result<MetricsAnswer, ice_sys::Failure> {
    let (sender, receiver) = oneshot::channel();
    start(Box::new(move |result| {
        // Nobody may wait any more.
        let _ = sender.send(result);
    }))?;
    receiver.await.unwrap_or_else(|_| {
        Err(ice_sys::Failure {
            type_id: ErrorKind::CommunicatorDestroyed.type_id().to_owned(),
            ..ice_sys::Failure::default()
        })
    })
}

/// What a view that is not configured is called, in Slice an exception of the operation.
const UNKNOWN_VIEW: &str = "::IceMX::UnknownMetricsView";

fn about(failure: ice_sys::Failure, view: &str) -> Error {
    let error = if failure.type_id == UNKNOWN_VIEW {
        Error::new(ErrorKind::NotRegistered, "")
    } else {
        Error::from(failure)
    };
    error.about(format!("metrics view {view}"))
}

/// Puts together what came one after the other: what is below an invocation follows it.
fn maps(all: Vec<MetricsFacts>) -> BTreeMap<String, Vec<Observed>> {
    let mut maps: BTreeMap<String, Vec<Observed>> = BTreeMap::new();
    for mut facts in all {
        let map = maps.entry(std::mem::take(&mut facts.map)).or_default();
        let place = facts.place;
        let observed = Observed::from_sys(facts);
        match (place, map.last_mut().map(|last| &mut last.numbers)) {
            (MetricsPlace::Remote, Some(Numbers::Invocation { remotes, .. })) => {
                remotes.push(observed);
            }
            (MetricsPlace::Collocated, Some(Numbers::Invocation { collocated, .. })) => {
                collocated.push(observed);
            }
            _ => map.push(observed),
        }
    }
    maps
}

impl Observed {
    fn from_sys(facts: MetricsFacts) -> Self {
        Self {
            numbers: Numbers::from_sys(facts.kind, &facts.numbers),
            id: facts.id,
            current: facts.current,
            total: facts.total,
            total_lifetime: Duration::from_micros(u64::try_from(facts.total_lifetime).unwrap_or(0)),
            failures: facts.failures,
        }
    }
}

impl Numbers {
    fn from_sys(kind: MetricsKind, numbers: &[i64]) -> Self {
        match (kind, numbers) {
            (MetricsKind::Thread, &[in_use_for_io, in_use_for_user, in_use_for_other]) => {
                Self::Thread {
                    in_use_for_io,
                    in_use_for_user,
                    in_use_for_other,
                }
            }
            (MetricsKind::Dispatch, &[user_exceptions, size, reply_size]) => Self::Dispatch {
                user_exceptions,
                size,
                reply_size,
            },
            (MetricsKind::Invocation, &[retries, user_exceptions]) => Self::Invocation {
                retries,
                user_exceptions,
                remotes: Vec::new(),
                collocated: Vec::new(),
            },
            (MetricsKind::ChildInvocation, &[size, reply_size]) => {
                Self::Request { size, reply_size }
            }
            (MetricsKind::Connection, &[received_bytes, sent_bytes]) => Self::Connection {
                received_bytes,
                sent_bytes,
            },
            _ => Self::None,
        }
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}
