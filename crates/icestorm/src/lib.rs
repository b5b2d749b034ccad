//! Typed IceStorm topics: publishers, and subscriptions that heal themselves.
//!
//! IceStorm is the event broker of ZeroC Ice: publishers call a topic, and the broker makes the same call at every
//! subscriber. This crate makes a topic as easy to use as a proxy, and keeps working when the broker is not up yet,
//! restarts, or drops a subscriber. It must never know what the events mean, and it keeps none of them: what
//! was sent while a subscription was broken is lost, and [`State::generation`] says that there was such a time.
//!
//! A [`Publisher`] and a [`Subscription`] find or make their topic by the broker's topic [`Manager`], how events travel is a
//! [`Delivery`] there and a [`Qos`] here. Whoever looks after topics makes, links and destroys them as [`Topic`].
//!
//! ```no_run
//! # async fn clock(communicator: ice::Communicator, subscriber: ice::ObjectPrx) -> Result<(), Box<dyn std::error::Error>> {
//! use ice::Prx as _;
//! use icestorm::{Manager, Publisher, Qos, Subscription};
//!
//! let manager = Manager::new(communicator.string_to_proxy("IceStorm/TopicManager:tcp -h 127.0.0.1 -p 10000")?);
//! let subscription = Subscription::start(&manager, "time", subscriber, Qos::default());
//!
//! let publisher: Publisher<ice::ObjectPrx> = Publisher::new(&manager, "time");
//! publisher.publish(async |topic| topic.ice_ping().await).await?;
//!
//! subscription.stop().await;
//! # Ok(())
//! # }
//! ```

mod delivery;
mod error;
mod manager;
mod publisher;
mod subscription;
mod topic;

/// The broker's own interfaces, generated from its Slice definitions.
pub mod slice {
    include!(concat!(env!("OUT_DIR"), "/IceStorm.rs"));
}

pub use delivery::Delivery;
pub use error::Error;
pub use manager::Manager;
pub use publisher::Publisher;
pub use subscription::{Pace, Qos, State, Subscription};
pub use topic::{Link, Topic};
