//! The bridge to the C++ runtime of ZeroC Ice: bytes in, bytes out.
//!
//! This crate holds all C++ and all `unsafe` of the workspace, and as little of both as does the work: handles
//! on what the runtime owns, requests as encapsulated bytes in both directions, exceptions as type id and text. It
//! knows no Slice type, no executor and no future; the crate `ice` makes those of it, and is the one to use.
//!
//! What holds at the border, in both directions:
//!
//! - No C++ exception leaves C++: each becomes a [`Failure`]. No panic leaves Rust: each is contained.
//! - Names that come from the network are bytes, never `str`.
//! - Every call is answered once, and every request is: what is dropped unanswered answers in its destructor.
//! - Borrowed bytes are read during the call that passes them, and never after.

mod adapter;
mod bridge;
mod buffer;
mod call;
mod communicator;
mod completion;
mod connection;
mod context;
mod dispatch;
mod failure;
mod guard;
mod info;
mod logger;
mod metrics;
mod options;
mod properties;
mod proxy;
mod sent;

pub use adapter::{Adapter, ProxyKind};
pub use bridge::ffi::{Entry, Name};
pub use buffer::Buffer;
pub use call::{Call, Draft, End};
pub use communicator::{Communicator, identity_from_string, identity_to_string};
pub use completion::Answer;
pub use connection::{Close, Connect, Connection, ConnectionTraits};
pub use context::ImplicitContext;
pub use dispatch::{Current, Dispatch, Incoming, Refusal, Reply, Responder, Servant};
pub use failure::Failure;
pub use info::{CertificateFacts, ConnectionFacts, EndpointFacts};
pub use logger::{Level, Sink, set_sink};
pub use metrics::{
    FailureCount, Metrics, MetricsAnswer, MetricsFacts, MetricsKind, MetricsPlace, OnMetrics,
};
pub use options::ProxyOptions;
pub use properties::Properties;
pub use proxy::{Mode, Proxy, Traits};
pub use sent::Compress;
