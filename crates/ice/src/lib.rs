//! Safe, asynchronous ZeroC Ice: communicators, proxies, adapters, servants.
//!
//! Ice in Rust's idiom, over ZeroC's own C++ runtime: a call is a future, a servant is a trait with `async`
//! methods, a local exception is an [`Error`] with a kind. The code that `slice2rs` generates from Slice
//! definitions speaks to this crate, and so do the people who use it. It must never know of any particular
//! Slice definition, and it holds no `unsafe`: that is in `ice-sys`.
//!
//! A [`Communicator`] is made from [`Properties`] within a tokio runtime, on which servants that wait are
//! continued. Proxies come from strings, properties, or messages; objects are added to an [`Adapter`].
//!
//! ```no_run
//! use ice::{Communicator, Prx as _, Properties};
//!
//! # async fn ping() -> Result<(), ice::Error> {
//! let (properties, _rest) = Properties::from_args(std::env::args())?;
//! let communicator = Communicator::new(properties)?;
//! let proxy = communicator.string_to_proxy("hello:tcp -h 127.0.0.1 -p 10000")?;
//! proxy.ice_ping().await?;
//! communicator.destroy().await;
//! # Ok(())
//! # }
//! ```

mod adapter;
mod communicator;
mod connection;
mod context;
mod current;
mod encoding;
mod endpoint;
mod error;
mod identity;
mod logger;
pub mod metrics;
mod properties;
mod proxy;
mod sent;
mod servant;

#[doc(hidden)]
pub mod codegen;

pub use adapter::Adapter;
pub use communicator::{Communicator, wait_for_dropped_communicators};
pub use connection::{
    Acm, AcmClose, AcmHeartbeat, Certificate, Close, Connection, ConnectionInfo, TlsInfo,
};
pub use context::ImplicitContext;
pub use current::{Current, OperationMode};
pub use encoding::{Encapsulation, EncodingVersion, Invoked};
pub use endpoint::{Endpoint, EndpointAddress, EndpointInfo, Multicast, OpaqueEndpoint, Transport};
pub use error::{Details, Error, ErrorKind, Group};
pub use identity::{Identity, ToStringMode};
pub use metrics::Metrics;
pub use properties::Properties;
pub use proxy::{EndpointSelection, InvocationMode, ObjectPrx, Prx};
pub use sent::CompressBatch;
pub use servant::{
    Backlog, Blob, BlobServant, Blocking, Concurrent, DispatchError, Intercepted, Interceptor,
    Located, Next, Object, Outcome, Reply, Servant, ServantLocator, TypeIds, UserException,
    WithBacklog, WithBlob, WithObject,
};
