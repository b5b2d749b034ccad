use std::fmt;

/// A C++ exception that reached the border.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The Slice type id of the exception, `::Ice::TimeoutException` for example.
    pub type_id: String,
    /// What it says beyond its type; may be empty.
    pub reason: String,
    /// The names of its fields in Slice and their values in text, but for those that are in the reason. An
    /// identity is two of them, `id.name` and `id.category`.
    pub fields: Vec<(String, String)>,
}

/// Between the reason and each field, on the way over the border.
const SEPARATOR: char = '\x1f';

impl Failure {
    pub(crate) fn from_wire(type_id: &[u8], reason: &[u8]) -> Self {
        Self::split(
            String::from_utf8_lossy(type_id).into_owned(),
            &String::from_utf8_lossy(reason),
        )
    }

    fn split(type_id: String, text: &str) -> Self {
        let mut parts = text.split(SEPARATOR);
        let reason = parts.next().unwrap_or_default().to_owned();
        let fields = parts
            .filter_map(|field| field.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self {
            type_id,
            reason,
            fields: fields.collect(),
        }
    }

    /// A failure that arises on this side of the border.
    pub(crate) fn unknown_local(reason: &str) -> Self {
        Self {
            type_id: "::Ice::UnknownLocalException".to_owned(),
            reason: reason.to_owned(),
            fields: Vec::new(),
        }
    }
}

impl From<cxx::Exception> for Failure {
    fn from(exception: cxx::Exception) -> Self {
        match exception.what().split_once('\n') {
            Some((type_id, text)) => Self::split(type_id.to_owned(), text),
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
