//! What goes back to a caller.

use std::future::ready;
use std::pin::Pin;

use super::Request;
use crate::current::Current;
use crate::encoding::exception::{ExceptionEncoder, SliceFormat};
use crate::encoding::{Encoder, EncodingVersion, encapsulate, recycle};
use crate::error::{Error, ErrorKind};
use crate::proxy::invocation::OperationError;

/// The answer under way.
pub type Dispatch = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The answer to one request.
#[derive(Debug)]
pub struct Reply(pub(super) Content);

#[derive(Debug)]
pub(super) enum Content {
    /// The body of the results.
    Returned(Vec<u8>),
    /// The encapsulation of a user exception.
    Raised(Vec<u8>),
    /// An exception of Ice.
    Failed(Error),
}

impl Reply {
    /// The answer that a servant's result makes.
    pub fn from_result<R, E: OperationError>(
        current: &Current,
        result: Result<R, E>,
        encode: impl FnOnce(&R, &mut Encoder),
    ) -> Reply {
        Self::from_result_in(SliceFormat::Compact, current, result, encode)
    }

    /// As `from_result`, for an operation with `["format:sliced"]`.
    pub fn from_result_sliced<R, E: OperationError>(
        current: &Current,
        result: Result<R, E>,
        encode: impl FnOnce(&R, &mut Encoder),
    ) -> Reply {
        Self::from_result_in(SliceFormat::Sliced, current, result, encode)
    }

    fn from_result_in<R, E: OperationError>(
        format: SliceFormat,
        current: &Current,
        result: Result<R, E>,
        encode: impl FnOnce(&R, &mut Encoder),
    ) -> Reply {
        match result {
            Ok(result) => Self::returned(current.encoding(), |to| encode(&result, to)),
            Err(error) => match error.into_reply() {
                ReplyError::User(exception) => {
                    Self::raised(current.encoding(), format, &*exception)
                }
                ReplyError::Ice(error) => Self::failed(error),
            },
        }
    }

    pub(super) fn returned(encoding: EncodingVersion, encode: impl FnOnce(&mut Encoder)) -> Reply {
        let mut encoder = Encoder::for_message(encoding);
        encode(&mut encoder);
        match encoder.finish() {
            Ok(body) => Reply(Content::Returned(body)),
            Err(error) => Self::failed(error),
        }
    }

    fn raised(
        encoding: EncodingVersion,
        format: SliceFormat,
        exception: &dyn EncodableException,
    ) -> Reply {
        let mut encoder = Encoder::new(encoding);
        exception.encode_exception(format, &mut encoder);
        match encoder
            .finish()
            .and_then(|body| encapsulate(encoding, &body))
        {
            Ok(bytes) => Reply(Content::Raised(bytes)),
            Err(error) => Self::failed(error),
        }
    }

    /// Keeps its buffer for the next message, once it is sent.
    pub(super) fn recycle(self) {
        if let Content::Returned(body) = self.0 {
            recycle(body);
        }
    }

    pub(super) fn failed(error: Error) -> Reply {
        Reply(Content::Failed(error))
    }
}

/// Which exception of Ice stands for an error at the caller's end, and with what reason.
///
/// An error that a servant got from a call of its own never says that the servant's object does not exist: it
/// is the servant that failed.
pub(super) fn refusal(error: &Error) -> (ice_sys::Refusal, String) {
    use ice_sys::Refusal;
    let own = error.operation().is_none();
    match error.kind() {
        ErrorKind::ObjectNotExist if own => (Refusal::ObjectNotExist, String::new()),
        ErrorKind::FacetNotExist if own => (Refusal::FacetNotExist, String::new()),
        ErrorKind::OperationNotExist if own => (Refusal::OperationNotExist, String::new()),
        ErrorKind::Unknown if own => (Refusal::Unknown, error.reason().to_owned()),
        ErrorKind::UnknownUser if own => (Refusal::UnknownUser, error.reason().to_owned()),
        ErrorKind::UnknownLocal if own => (Refusal::UnknownLocal, error.reason().to_owned()),
        kind => (
            Refusal::UnknownLocal,
            format!("{}: {error}", kind.type_id()),
        ),
    }
}

/// How a servant's operation fails.
pub enum ReplyError {
    /// With an exception that the operation declares.
    User(Box<dyn EncodableException>),
    /// With one of Ice.
    Ice(Error),
}

impl ReplyError {
    /// An exception that the operation declares.
    pub fn user(exception: impl UserException) -> Self {
        Self::User(Box::new(exception))
    }
}

/// An exception defined in Slice; generated code.
pub trait UserException: std::error::Error + Send + Sync + 'static {
    /// The Slice type id.
    const TYPE_ID: &'static str;

    /// Writes one slice for each level of the inheritance, the most derived first.
    fn encode_slices(&self, to: &mut ExceptionEncoder<'_>);
}

/// Any [`UserException`].
pub trait EncodableException: Send {
    /// Writes the whole exception.
    fn encode_exception(&self, format: SliceFormat, to: &mut Encoder);
}

impl<X: UserException> EncodableException for X {
    fn encode_exception(&self, format: SliceFormat, to: &mut Encoder) {
        self.encode_slices(&mut ExceptionEncoder::new(to, format));
    }
}

/// Answers at once, with an exception of Ice.
#[must_use]
pub fn refuse(error: Error) -> Dispatch {
    Box::pin(ready(Reply::failed(error)))
}

/// Answers that there is no such operation.
#[must_use]
pub fn operation_not_exist(_request: Request<'_>) -> Dispatch {
    refuse(Error::new(ErrorKind::OperationNotExist, ""))
}
