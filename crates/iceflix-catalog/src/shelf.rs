//! All that the service knows: what is kept for ever, and what is true now.

use std::sync::{Mutex, MutexGuard, PoisonError};

use iceflix_slice::StreamProviderPrx;

use crate::store::{Catalog, Holders};

/// Titles, and who has them.
#[derive(Debug)]
pub(crate) struct Shelf {
    /// The titles, on disk.
    pub(crate) catalog: Catalog,
    holders: Mutex<Holders<StreamProviderPrx>>,
}

impl Shelf {
    pub(crate) fn new(catalog: Catalog) -> Self {
        Self {
            catalog,
            holders: Mutex::default(),
        }
    }

    /// Who has the titles, in memory. Hold it for a moment only.
    pub(crate) fn holders(&self) -> MutexGuard<'_, Holders<StreamProviderPrx>> {
        self.holders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
