//! What can go wrong: one error type, with a kind to decide by and a text to read.

mod details;
mod kind;

use std::fmt;
use std::sync::Arc;

pub use details::Details;
pub use kind::{ErrorKind, Group};

/// A failure of Ice itself, or of the way to the target: what Ice calls a local exception.
///
/// Exceptions that an operation declares in Slice are not among these: they have types of their own.
/// The text says who was called (the proxy and the operation) where that is known. Cheap to clone.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

struct Inner {
    kind: ErrorKind,
    reason: String,
    details: Details,
    place: Option<Place>,
}

/// What it befell.
#[derive(Clone)]
enum Place {
    Call { operation: String, proxy: String },
    Thing(String),
}

impl Error {
    /// An error of this kind; `reason` adds what the kind does not say and may be empty.
    #[must_use]
    pub fn new(kind: ErrorKind, reason: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind,
            reason: reason.into(),
            details: Details::None,
            place: None,
        }))
    }

    /// What a servant returns to say no more than this reason: its caller sees `UnknownException`.
    ///
    /// The reason travels to the caller: it should tell no secret.
    #[must_use]
    pub fn unknown(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unknown, reason)
    }

    /// What a servant returns when the object that it stands for is gone.
    #[must_use]
    pub fn object_not_exist() -> Self {
        Self::new(ErrorKind::ObjectNotExist, "")
    }

    /// Bytes that do not decode.
    #[must_use]
    pub fn marshal(reason: impl Into<String>) -> Self {
        Self::new(ErrorKind::Marshal, reason)
    }

    pub(crate) fn from_failure(failure: &ice_sys::Failure) -> Self {
        Self(Arc::new(Inner {
            kind: ErrorKind::from_type_id(&failure.type_id),
            reason: failure.reason.trim_end().to_owned(),
            details: Details::from_fields(&failure.fields),
            place: None,
        }))
    }

    /// The same error, with the call that it befell.
    pub(crate) fn in_call(self, operation: &str, proxy: &dyn fmt::Display) -> Self {
        let place = Place::Call {
            operation: operation.to_owned(),
            proxy: proxy.to_string(),
        };
        let details = match self.0.kind {
            ErrorKind::TwowayOnly => Details::Operation(operation.to_owned()),
            _ => self.0.details.clone(),
        };
        Self(Arc::new(Inner {
            kind: self.0.kind,
            reason: self.0.reason.clone(),
            details,
            place: Some(place),
        }))
    }

    /// The same error, with what it befell: an adapter, a property, a string.
    pub(crate) fn about(self, thing: impl Into<String>) -> Self {
        Self(Arc::new(Inner {
            kind: self.0.kind,
            reason: self.0.reason.clone(),
            details: self.0.details.clone(),
            place: Some(Place::Thing(thing.into())),
        }))
    }

    /// The same error, with what to do about it.
    pub(crate) fn with_hint(self, hint: &str) -> Self {
        Self(Arc::new(Inner {
            kind: self.0.kind,
            reason: format!("{} ({hint})", self.0.reason),
            details: self.0.details.clone(),
            place: self.0.place.clone(),
        }))
    }

    /// Which failure it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What is known beyond the kind; may be empty. From a remote target it is that target's text.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What the exception carries beyond that: the number of a system's error, the name of a host.
    #[must_use]
    pub fn details(&self) -> &Details {
        &self.0.details
    }

    /// The operation that failed, where the error came out of a call.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        match &self.0.place {
            Some(Place::Call { operation, .. }) => Some(operation),
            _ => None,
        }
    }

    /// The proxy that was called, in its string form, where the error came out of a call.
    #[must_use]
    pub fn proxy(&self) -> Option<&str> {
        match &self.0.place {
            Some(Place::Call { proxy, .. }) => Some(proxy),
            _ => None,
        }
    }

    /// Whether it befell something on this side: a call, an adapter, a property.
    pub(crate) fn is_placed(&self) -> bool {
        self.0.place.is_some()
    }

    /// Whether the request surely or possibly got no answer for a reason of the way there: another target
    /// may well answer. Where the connection broke in the middle, the call may have had its effect.
    #[must_use]
    pub fn is_transport(&self) -> bool {
        matches!(
            self.kind().group(),
            Group::Connection | Group::Timeout | Group::Protocol | Group::Security
        ) || self.kind() == ErrorKind::ObjectAdapterDeactivated
    }

    /// Whether the target was reached and has no such object or facet. An operation that is missing
    /// does not count: the object is there, and of another type or age.
    #[must_use]
    pub fn is_not_exist(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::ObjectNotExist | ErrorKind::FacetNotExist
        )
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.place {
            Some(Place::Call { operation, proxy }) => write!(f, "{operation} on `{proxy}`: ")?,
            Some(Place::Thing(thing)) => write!(f, "{thing}: ")?,
            None => {}
        }
        f.write_str(self.0.kind.phrase())?;
        if !self.0.reason.is_empty() {
            write!(f, ": {}", self.0.reason)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}({self})", self.0.kind)
    }
}

impl std::error::Error for Error {}

impl From<ice_sys::Failure> for Error {
    fn from(failure: ice_sys::Failure) -> Self {
        Self::from_failure(&failure)
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, ErrorKind};

    #[test]
    fn the_text_says_what_was_called_and_why_it_failed() {
        let error = Error::new(ErrorKind::ConnectionRefused, "Connection refused")
            .in_call("getTile", &"Catalog:tcp -p 1");
        assert_eq!(
            error.to_string(),
            "getTile on `Catalog:tcp -p 1`: connection refused: Connection refused"
        );
        assert!(error.is_transport());
        assert!(!error.is_not_exist());
    }

    #[test]
    fn an_error_of_the_target_is_no_reason_to_try_another() {
        for kind in [
            ErrorKind::Unknown,
            ErrorKind::ObjectNotExist,
            ErrorKind::MemoryLimit,
            ErrorKind::CommunicatorDestroyed,
        ] {
            assert!(!Error::new(kind, "").is_transport(), "{kind:?}");
        }
    }
}
