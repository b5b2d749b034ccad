//! What the errors of all operations have in common.

use iceflix_slice::{authenticator, main, media_catalog, stream_provider};

/// How an operation failed, as far as it matters to going on with another
/// candidate.
pub trait Failure {
    /// What befell the call itself; `None` where the candidate has answered
    /// with an exception of the contract.
    fn ice(&self) -> Option<&ice::Error>;
}

impl Failure for ice::Error {
    fn ice(&self) -> Option<&ice::Error> {
        Some(self)
    }
}

macro_rules! failures {
    ($($error:path;)*) => {$(
        impl Failure for $error {
            fn ice(&self) -> Option<&ice::Error> {
                use $error as Error;
                match self {
                    Error::Ice(error) => Some(error),
                    _ => None,
                }
            }
        }
    )*};
}

failures! {
    main::GetAuthenticatorError;
    main::GetCatalogServiceError;
    media_catalog::GetTileError;
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
