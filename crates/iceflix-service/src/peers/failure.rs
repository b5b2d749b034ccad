//! What the errors of all operations have in common.

use iceflix_slice::{authenticator, main, media_catalog, stream_provider};

/// How an operation failed, as far as it matters to going on with another
/// candidate.
pub trait Failure {
    /// What befell the call itself; `None` where the candidate has answered
    /// with an exception of the contract.
    fn ice(&self) -> Option<&ice::Error>;

    /// Whether the candidate says that nobody can serve this at the moment, as
    /// far as it knows.
    fn is_temporary(&self) -> bool {
        false
    }
}

impl Failure for ice::Error {
    fn ice(&self) -> Option<&ice::Error> {
        Some(self)
    }
}

macro_rules! failures {
    ($($error:path $(, $temporary:path)?;)*) => {$(
        impl Failure for $error {
            fn ice(&self) -> Option<&ice::Error> {
                use $error as Error;
                match self {
                    Error::Ice(error) => Some(error),
                    _ => None,
                }
            }

            $(fn is_temporary(&self) -> bool {
                matches!(self, $temporary(_))
            })?
        }
    )*};
}

failures! {
    main::GetAuthenticatorError, main::GetAuthenticatorError::TemporaryUnavailable;
    main::GetCatalogServiceError, main::GetCatalogServiceError::TemporaryUnavailable;
    media_catalog::GetTileError, media_catalog::GetTileError::TemporaryUnavailable;
    media_catalog::RenameTileError;
    media_catalog::AddTagsError;
    media_catalog::RemoveTagsError;
    authenticator::RefreshAuthorizationError;
    stream_provider::GetStreamError;
}

/// Whether an error means that the service is not there: the network's word,
/// or that another process has taken its place.
pub fn is_unreachable(error: &ice::Error) -> bool {
    error.is_transport() || error.is_not_exist()
}
