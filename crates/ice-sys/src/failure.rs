use std::fmt;

/// A C++ exception that reached the border.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The Slice type id of the exception, `::Ice::TimeoutException` for example.
    pub type_id: String,
    /// What it says beyond its type; may be empty.
    pub reason: String,
}

impl Failure {
    pub(crate) fn from_wire(type_id: &[u8], reason: &[u8]) -> Self {
        Self {
            type_id: String::from_utf8_lossy(type_id).into_owned(),
            reason: String::from_utf8_lossy(reason).into_owned(),
        }
    }

    /// A failure that arises on this side of the border.
    pub(crate) fn unknown_local(reason: &str) -> Self {
        Self {
            type_id: "::Ice::UnknownLocalException".to_owned(),
            reason: reason.to_owned(),
        }
    }
}

impl From<cxx::Exception> for Failure {
    fn from(exception: cxx::Exception) -> Self {
        match exception.what().split_once('\n') {
            Some((type_id, reason)) => Self {
                type_id: type_id.to_owned(),
                reason: reason.to_owned(),
            },
            None => Self::unknown_local(exception.what()),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.type_id, self.reason)
    }
}

impl std::error::Error for Failure {}
