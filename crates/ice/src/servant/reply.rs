//! What goes back to a caller.

use std::fmt;
use std::future::ready;
use std::pin::Pin;

use ice_sys::Buffer;

use super::Request;
use crate::current::Current;
use crate::encoding::exception::{ExceptionDecoder, ExceptionEncoder, SliceFormat};
use crate::encoding::{Decoder, Encoder, EncodingVersion, encapsulate, open_encapsulation};
use crate::error::{Error, ErrorKind};
use crate::proxy::invocation::OperationError;

/// The answer under way.
pub type Dispatch = Pin<Box<dyn Future<Output = Reply> + Send>>;

/// The answer to one request: what an [`Interceptor`](crate::Interceptor) sees of it is its [`Outcome`].
#[derive(Debug)]
pub struct Reply(pub(super) Content);

/// What an answer says.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The operation returned.
    Returned,
    /// It raised the exception of this Slice type id; empty where the servant passed on one that does not decode.
    Raised(String),
    /// It failed with this; the caller may see less of it.
    Failed(Error),
}

#[derive(Debug)]
pub(super) enum Content {
    /// The results, behind room for what comes before them.
    Returned(Buffer),
    /// The encapsulation of the results.
    Encapsulated(Vec<u8>),
    /// The encapsulation of a user exception.
    Raised(Vec<u8>),
    /// An exception of Ice.
    Failed(Error),
}

impl Reply {
    /// What it says.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match &self.0 {
            Content::Returned(_) | Content::Encapsulated(_) => Outcome::Returned,
            Content::Raised(bytes) => Outcome::Raised(raised_type(bytes).unwrap_or_default()),
            Content::Failed(error) => Outcome::Failed(error.clone()),
        }
    }

    /// The answer of an operation that returned and has no results: what an interceptor may say instead of the servant.
    pub fn empty(current: &Current) -> Reply {
        Self::returned(current.encoding(), |_| {})
    }

    /// The answer that a servant's result makes.
    #[doc(hidden)]
    pub fn from_result<R, E: OperationError>(
        current: &Current,
        result: Result<R, E>,
        encode: impl FnOnce(&R, &mut Encoder),
    ) -> Reply {
        Self::from_result_in(SliceFormat::Compact, current, result, encode)
    }

    /// As `from_result`, for an operation with `["format:sliced"]`.
    #[doc(hidden)]
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
                DispatchError::User(exception) => {
                    Self::raised(current.encoding(), format, &*exception)
                }
                DispatchError::Ice(error) => Self::failed(error),
            },
        }
    }

    /// The answer of a request that its servant did not come to answer.
    pub(super) fn of_error(current: &Current, error: DispatchError) -> Reply {
        Self::from_result(current, Err::<(), _>(error), |(), _| {})
    }

    pub(super) fn returned(encoding: EncodingVersion, encode: impl FnOnce(&mut Encoder)) -> Reply {
        let mut encoder = Encoder::behind(Buffer::for_reply(), encoding);
        encode(&mut encoder);
        match encoder.into_buffer() {
            Ok(buffer) => Reply(Content::Returned(buffer)),
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

    pub(super) fn failed(error: Error) -> Reply {
        Reply(Content::Failed(error))
    }
}

/// Which exception of Ice stands for an error at the caller's end, and with what reason.
///
/// An error that a servant got from a call of its own never says that the servant's object does not exist: it
/// is the servant that failed. Of such an error the caller reads the type alone: the rest tells of proxies, addresses
/// and files of this side.
pub(super) fn refusal(error: &Error) -> (ice_sys::Refusal, String) {
    use ice_sys::Refusal;
    let own = !error.is_placed();
    match error.kind() {
        ErrorKind::ObjectNotExist if own => (Refusal::ObjectNotExist, String::new()),
        ErrorKind::FacetNotExist if own => (Refusal::FacetNotExist, String::new()),
        ErrorKind::OperationNotExist if own => (Refusal::OperationNotExist, String::new()),
        ErrorKind::Unknown if own => (Refusal::Unknown, error.reason().to_owned()),
        ErrorKind::UnknownUser if own => (Refusal::UnknownUser, error.reason().to_owned()),
        ErrorKind::UnknownLocal if own => (Refusal::UnknownLocal, error.reason().to_owned()),
        kind if own => (
            Refusal::UnknownLocal,
            format!("{}: {error}", kind.type_id()),
        ),
        kind => (Refusal::UnknownLocal, kind.type_id().to_owned()),
    }
}

/// How a request fails: with an exception defined in Slice, or with an error of Ice. Both become one with `?` or `into()`.
///
/// A caller whose operation does not declare the exception sees `UnknownUserException`.
pub enum DispatchError {
    /// With an exception defined in Slice.
    User(Box<dyn EncodableException>),
    /// With an error of Ice.
    Ice(Error),
}

impl DispatchError {
    /// With an exception defined in Slice.
    #[must_use]
    pub fn user(exception: impl UserException) -> Self {
        Self::User(Box::new(exception))
    }
}

impl<X: UserException> From<X> for DispatchError {
    fn from(exception: X) -> Self {
        Self::user(exception)
    }
}

impl From<Error> for DispatchError {
    fn from(error: Error) -> Self {
        Self::Ice(error)
    }
}

impl OperationError for DispatchError {
    fn decode(_: &str, _: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>> {
        None
    }

    fn into_reply(self) -> DispatchError {
        self
    }
}

impl fmt::Debug for DispatchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(_) => f.write_str("an exception defined in Slice"),
            Self::Ice(error) => error.fmt(f),
        }
    }
}

/// The type id of the exception in an encapsulation.
fn raised_type(encapsulation: &[u8]) -> Result<String, Error> {
    let (encoding, body) = open_encapsulation(encapsulation)?;
    let mut decoder = Decoder::new(body, encoding);
    Ok(ExceptionDecoder::new(&mut decoder)?.type_id().to_owned())
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
