//! One call: encoded, sent, awaited, decoded.

use std::any::TypeId;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use ice_sys::Outcome;

use super::ObjectPrx;
use crate::current::OperationMode;
use crate::encoding::exception::ExceptionDecoder;
use crate::encoding::{Decoder, Encoder, EncodingVersion, open_encapsulation, recycle};
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
    match start(proxy, operation, mode, encode, decode) {
        Ok((call, slot)) => Invocation {
            state: InvocationState::Waiting { slot, call },
        },
        Err(error) => Invocation {
            state: InvocationState::Failed(Some(error.in_call(operation, proxy))),
        },
    }
}

type Started<R, E> = (ice_sys::Call, Arc<Slot<R, E>>);

fn start<R: Send + 'static, E: OperationError>(
    proxy: &ObjectPrx,
    operation: &'static str,
    mode: OperationMode,
    encode: impl FnOnce(&mut Encoder),
    decode: DecodeResult<R>,
) -> Result<Started<R, E>, Error> {
    let traits = proxy.sys.traits()?;
    let has_results = TypeId::of::<R>() != TypeId::of::<()>();
    if !traits.twoway && (has_results || E::IS_DECLARED) {
        return Err(Error::new(ErrorKind::TwowayOnly, ""));
    }
    let mut encoder = Encoder::for_message(EncodingVersion::from_wire(1, traits.encoding_minor)?);
    encode(&mut encoder);
    let params = encoder.finish()?;
    let slot = Arc::new(Slot {
        proxy: proxy.clone(),
        operation,
        decode,
        state: Mutex::new(SlotState::Waiting(None)),
    });
    let waiting = Arc::clone(&slot) as Arc<dyn ice_sys::Answer>;
    let call = proxy.sys.call(operation, mode.wire(), &params, waiting)?;
    recycle(params);
    Ok((call, slot))
}

/// Where the answer of one call is put down, by a thread of Ice.
struct Slot<R, E> {
    proxy: ObjectPrx,
    operation: &'static str,
    decode: DecodeResult<R>,
    state: Mutex<SlotState<R, E>>,
}

enum SlotState<R, E> {
    Waiting(Option<Waker>),
    Done(Result<R, E>),
    Taken,
}

impl<R: Send, E: OperationError> ice_sys::Answer for Slot<R, E> {
    fn answer(&self, outcome: Outcome<'_>) {
        let result = self
            .read(outcome)
            .unwrap_or_else(|error| Err(E::from(error.in_call(self.operation, &self.proxy))));
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::replace(&mut *state, SlotState::Done(result));
        drop(state);
        if let SlotState::Waiting(Some(waker)) = before {
            waker.wake();
        }
    }
}

impl<R, E: OperationError> Slot<R, E> {
    /// The outer error is one of Ice, to which the call is added still.
    fn read(&self, outcome: Outcome<'_>) -> Result<Result<R, E>, Error> {
        match outcome {
            Outcome::Returned(bytes) => {
                let (encoding, body) = open_encapsulation(bytes)?;
                let mut decoder = Decoder::with_proxies(body, encoding, &self.proxy);
                let result = (self.decode)(&mut decoder)?;
                decoder.finish()?;
                Ok(Ok(result))
            }
            Outcome::Raised(bytes) => {
                let (encoding, body) = open_encapsulation(bytes)?;
                let mut decoder = Decoder::with_proxies(body, encoding, &self.proxy);
                read_exception(&mut decoder).map(Err)
            }
            Outcome::Failed(failure) => Err(failure.into()),
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
    state: InvocationState<R, E>,
}

enum InvocationState<R, E> {
    Waiting {
        slot: Arc<Slot<R, E>>,
        call: ice_sys::Call,
    },
    Failed(Option<Error>),
    Ended,
}

// Nothing in it is borrowed from itself.
impl<R, E> Unpin for Invocation<R, E> {}

impl<R, E: OperationError> Future for Invocation<R, E> {
    type Output = Result<R, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let result = match &mut self.state {
            InvocationState::Failed(error) => match error.take() {
                Some(error) => Err(E::from(error)),
                None => return Poll::Pending,
            },
            InvocationState::Ended => return Poll::Pending,
            InvocationState::Waiting { slot, .. } => {
                let mut state = slot.state.lock().unwrap_or_else(PoisonError::into_inner);
                match &mut *state {
                    SlotState::Waiting(waker) => {
                        match waker {
                            Some(waker) => waker.clone_from(context.waker()),
                            None => *waker = Some(context.waker().clone()),
                        }
                        return Poll::Pending;
                    }
                    done => match std::mem::replace(done, SlotState::Taken) {
                        SlotState::Done(result) => result,
                        SlotState::Waiting(_) | SlotState::Taken => return Poll::Pending,
                    },
                }
            }
        };
        self.state = InvocationState::Ended;
        Poll::Ready(result)
    }
}

impl<R, E> Drop for Invocation<R, E> {
    fn drop(&mut self) {
        if let InvocationState::Waiting { call, .. } = &self.state {
            call.cancel();
        }
    }
}
