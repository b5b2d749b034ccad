//! Why the service does not run.

use crate::store;

/// What keeps the service from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// What every service needs is not there.
    #[error(transparent)]
    Service(#[from] iceflix_service::Error),
    /// A property is wrong.
    #[error(transparent)]
    Settings(#[from] iceflix_service::settings::Error),
    /// `IceFlix.Catalog.Database` names no database.
    #[error("IceFlix.Catalog.Database: {0}")]
    Location(#[from] iceflix_database::Unusable),
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] store::Error),
}
