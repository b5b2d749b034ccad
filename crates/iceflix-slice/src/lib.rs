//! The wire contract of IceFlix and what is generated from it.
//!
//! The contract is `slice/IceFlix.ice`: every service and every client, in whatever language, is compiled from that
//! file. This crate is what Rust makes of it, and nothing else: behaviour belongs to the services, and it must never
//! know of any. Beside it, `slice/Status.ice` has what a service of ours tells of itself, and `slice/Owner.ice` whose a token
//! is; no peer needs those files.
//!
//! An interface, say `Main`, is here in four forms. [`MainPrx`] calls one wherever it is; [`Main`] is the trait that
//! a service implements; [`MainServant`] makes such an implementation callable; [`main`] holds what its operations can
//! fail with.
//!
//! ```
//! use ice::Current;
//! use iceflix_slice::{
//!     AuthenticatorPrx, Main, MainPrx, MainServant, MediaCatalogPrx, TemporaryUnavailable, main,
//! };
//!
//! /// A door that knows of nobody.
//! struct Closed;
//!
//! impl Main for Closed {
//!     async fn get_authenticator(
//!         &self,
//!         _: &Current,
//!     ) -> Result<Option<AuthenticatorPrx>, main::GetAuthenticatorError> {
//!         Err(TemporaryUnavailable {}.into())
//!     }
//!
//!     async fn get_catalog_service(
//!         &self,
//!         _: &Current,
//!     ) -> Result<Option<MediaCatalogPrx>, main::GetCatalogServiceError> {
//!         Err(TemporaryUnavailable {}.into())
//!     }
//! }
//!
//! fn open(adapter: &ice::Adapter) -> Result<ice::ObjectPrx, ice::Error> {
//!     adapter.add(MainServant::new(Closed), ice::Identity::new("Main"))
//! }
//!
//! async fn knock(main: &MainPrx) -> bool {
//!     !matches!(
//!         main.get_authenticator().await,
//!         Err(main::GetAuthenticatorError::TemporaryUnavailable(_))
//!     )
//! }
//! ```

include!(concat!(env!("OUT_DIR"), "/IceFlix.rs"));

pub use ice_flix::*;
