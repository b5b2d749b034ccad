//! One call: encoded, sent, awaited, decoded.

use std::any::TypeId;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

use ice_sys::End;

use super::ObjectPrx;
use crate::current::OperationMode;
use crate::encoding::exception::ExceptionDecoder;
use crate::encoding::{Decoder, Encoder, EncodingVersion, open_encapsulation};
use crate::error::{Error, ErrorKind};

/// How a call can fail: with [`Error`], or with the exceptions that its operation declares.
pub trait OperationError: From<Error> + Send + 'static {
    /// Whether there are exceptions that the operation declares.
    const IS_DECLARED: bool = true;

    /// Reads the exception whose next slice is of this type; `None` where the operation does not declare it. It
    /// is called slice by slice, the most derived first.
    fn decode(type_id: &str, from: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>>;

    /// What goes to the caller, on the side of the servant.
    fn into_reply(self) -> crate::servant::DispatchError;
}

impl OperationError for Error {
    const IS_DECLARED: bool = false;

    fn decode(_: &str, _: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>> {
        None
    }

    fn into_reply(self) -> crate::servant::DispatchError {
        crate::servant::DispatchError::Ice(self)
    }
}

type DecodeResult<R> = fn(&mut Decoder<'_>) -> Result<R, Error>;

/// Starts a call. The future is its end; dropping that cancels the call.
///
/// # Errors
///
/// Of the future: what the operation declares, and whatever Ice may fail with. `TwowayOnly` where the proxy
/// is not twoway and the operation has results or declares exceptions.
pub fn invoke<R: Send + 'static, E: OperationError>(
    proxy: &ObjectPrx,
    operation: &'static str,
    mode: OperationMode,
    encode: impl FnOnce(&mut Encoder),
    decode: DecodeResult<R>,
) -> Invocation<R, E> {
    let state = match start::<R, E>(proxy, operation, mode, encode) {
        Ok(call) => State::Waiting(Waiting {
            call,
            operation,
            decode,
        }),
        Err(error) => State::Failed(error.in_call(operation, proxy)),
    };
    Invocation {
        state,
        error: PhantomData,
    }
}

fn start<R: 'static, E: OperationError>(
    proxy: &ObjectPrx,
    operation: &str,
    mode: OperationMode,
    encode: impl FnOnce(&mut Encoder),
) -> Result<ice_sys::Call, Error> {
    let traits = proxy.sys.traits()?;
    let has_results = TypeId::of::<R>() != TypeId::of::<()>();
    if !traits.twoway && (has_results || E::IS_DECLARED) {
        return Err(Error::new(ErrorKind::TwowayOnly, ""));
    }
    let encoding = EncodingVersion::from_wire(1, traits.encoding_minor)?;
    let (draft, buffer) = proxy.sys.draft(operation, mode.wire())?;
    let mut encoder = Encoder::behind(buffer, encoding);
    encode(&mut encoder);
    Ok(draft.send(encoder.into_buffer()?)?)
}

/// A call that was sent. Its results are read by whoever awaits it, from the bytes in which they came.
struct Waiting<R> {
    call: ice_sys::Call,
    operation: &'static str,
    decode: DecodeResult<R>,
}

impl<R> Waiting<R> {
    fn poll<E: OperationError>(&self, context: &mut Context<'_>) -> Poll<Result<R, E>> {
        self.call.poll(context.waker()).map(|end| {
            self.read(end).unwrap_or_else(|error| {
                let proxy = ObjectPrx::new(self.call.proxy());
                Err(E::from(error.in_call(self.operation, &proxy)))
            })
        })
    }

    /// The outer error is one of Ice, to which the call is added still.
    fn read<E: OperationError>(&self, end: End<'_>) -> Result<Result<R, E>, Error> {
        match end {
            End::Returned(bytes) => {
                let (encoding, body) = open_encapsulation(bytes)?;
                let mut decoder = Decoder::with_proxies(body, encoding, &self.call);
                let result = (self.decode)(&mut decoder)?;
                decoder.finish()?;
                Ok(Ok(result))
            }
            End::Raised(bytes) => {
                let (encoding, body) = open_encapsulation(bytes)?;
                let mut decoder = Decoder::with_proxies(body, encoding, &self.call);
                read_exception(&mut decoder).map(Err)
            }
            End::Failed(failure) => Err(failure.into()),
        }
    }
}

fn read_exception<E: OperationError>(decoder: &mut Decoder<'_>) -> Result<E, Error> {
    let mut exception = ExceptionDecoder::new(decoder)?;
    loop {
        let type_id = exception.type_id();
        match E::decode(type_id, &mut exception) {
            Some(decoded) => return decoded,
            None => exception.skip()?,
        }
    }
}

/// The end of a call.
#[must_use = "a call ends when its future is dropped"]
pub struct Invocation<R, E> {
    state: State<R>,
    error: PhantomData<fn() -> E>,
}

enum State<R> {
    Waiting(Waiting<R>),
    Failed(Error),
    Ended,
}

// Nothing in it is borrowed from itself.
impl<R, E> Unpin for Invocation<R, E> {}

impl<R, E: OperationError> Future for Invocation<R, E> {
    type Output = Result<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if let State::Waiting(waiting) = &self.state {
            let result = std::task::ready!(waiting.poll(context));
            self.state = State::Ended;
            return Poll::Ready(result);
        }
        match std::mem::replace(&mut self.state, State::Ended) {
            State::Failed(error) => Poll::Ready(Err(E::from(error))),
            _ => Poll::Pending,
        }
    }
}
