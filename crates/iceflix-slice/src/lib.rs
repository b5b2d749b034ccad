//! The wire contract of IceFlix and what is generated from it.
//!
//! The contract is `slice/IceFlix.ice`: every service and every client, in whatever language, is compiled from that
//! file. This crate is what Rust makes of it, and nothing else; behaviour belongs to the services.
//!
//! An interface, say `MediaCatalog`, is here three times: [`MediaCatalogPrx`] calls one wherever it is,
//! [`MediaCatalog`] is the trait that a service implements, [`MediaCatalogServant`] makes such an implementation
//! callable. What `getTile` can fail with is [`media_catalog::GetTileError`].

include!(concat!(env!("OUT_DIR"), "/IceFlix.rs"));

pub use ice_flix::*;
