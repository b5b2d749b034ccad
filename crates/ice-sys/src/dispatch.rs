//! Requests that come in.

use std::any::Any;
use std::pin::Pin;
use std::sync::Arc;

use cxx::{SharedPtr, UniquePtr};

use crate::Entry;
use crate::adapter::Adapter;
use crate::bridge::ffi;
use crate::buffer::{self, Buffer};
use crate::communicator::Communicator;
use crate::connection::Connection;
use crate::failure::Failure;
use crate::guard::{Guarded, contain};

pub use ffi::{Refusal, Reply};

/// Who answers the requests for an object.
pub trait Dispatch: Any + Send + Sync {
    /// One request, on a thread of Ice: to be answered before this returns, or deferred. It must not block, or
    /// other requests wait. A panic is answered with `UnknownException`.
    fn dispatch(&self, incoming: Incoming<'_>);

    /// The adapter that it is a servant locator of has ended. It must not block.
    fn deactivated(&self, category: &[u8]);
}

/// A servant, as Ice keeps it in its adapters. Cloning counts a reference.
#[derive(Clone)]
pub struct Servant(pub(crate) SharedPtr<ffi::Object>);

impl Servant {
    /// Makes one of whoever answers.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn new(servant: Arc<dyn Dispatch>) -> Result<Self, Failure> {
        let servant = Box::new(ServantBox(Guarded::new(servant)));
        Ok(Self(ffi::make_servant(servant)?))
    }

    /// Who answers; `None` for a servant of the runtime itself.
    #[must_use]
    pub fn dispatch(&self) -> Option<Arc<dyn Dispatch>> {
        ffi::servant_of(self.0.as_ref()?).ok()?.0.get().cloned()
    }
}

/// A servant in the hands of C++.
pub(crate) struct ServantBox(Guarded<Arc<dyn Dispatch>>);

pub(crate) fn dispatch(servant: &ServantBox, mut incoming: Pin<&mut ffi::Incoming>) {
    let Some(servant) = servant.0.get() else {
        return;
    };
    if contain(|| servant.dispatch(Incoming(incoming.as_mut()))).is_none() {
        // Where it was answered or deferred before the panic, this changes nothing.
        let _ = incoming.refuse(Refusal::Unknown, "the servant panicked");
    }
}

pub(crate) fn deactivated(servant: &ServantBox, category: &[u8]) {
    if let Some(servant) = servant.0.get() {
        contain(|| servant.deactivated(category));
    }
}

/// A request during its dispatch.
pub struct Incoming<'a>(Pin<&'a mut ffi::Incoming>);

impl Incoming<'_> {
    /// The name of the operation: any bytes, from anybody.
    #[must_use]
    pub fn operation(&self) -> &[u8] {
        self.0.operation()
    }

    /// The encapsulation of the parameters.
    #[must_use]
    pub fn params(&self) -> &[u8] {
        self.0.params()
    }

    /// The circumstances of the request.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn current(&self) -> Result<Current, Failure> {
        Ok(Current(self.0.current()?))
    }

    /// A number that no other living connection has; 0 within one process.
    #[must_use]
    pub fn connection_key(&self) -> usize {
        self.0.connection_key()
    }

    /// The connection that it came over; `None` within one process.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        Connection::non_null(self.0.connection())
    }

    /// Answers.
    ///
    /// # Errors
    ///
    /// `ResponseSentException` where it is answered already; where the answer cannot be written: the request may be
    /// refused then.
    pub fn reply(&mut self, reply: Reply, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.0.as_mut().reply(reply, bytes)?)
    }

    /// Answers with results, written behind [`Buffer::REPLY_HEAD`] bytes of the buffer.
    ///
    /// # Errors
    ///
    /// As [`Incoming::reply`], and where bytes had to be dropped of the buffer, or it has no such head.
    pub fn results(&mut self, buffer: Buffer) -> Result<(), Failure> {
        let (mut memory, size) = buffer.into_memory()?;
        self.0.as_mut().results(size, held(&mut memory)?)?;
        buffer::keep(memory);
        Ok(())
    }

    /// Answers with an exception, unless it is answered.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn refuse(&mut self, refusal: Refusal, reason: &str) -> Result<(), Failure> {
        Ok(self.0.as_mut().refuse(refusal, reason)?)
    }

    /// Puts off the answer: whoever holds the responder gives it, at any time, on any thread.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn defer(mut self) -> Result<Responder, Failure> {
        Ok(Responder(self.0.as_mut().defer()?))
    }
}

/// Answers a deferred request. Dropped without an answer, it answers that there is none.
pub struct Responder(UniquePtr<ffi::Responder>);

impl Responder {
    /// Answers as [`Incoming::reply`] does.
    ///
    /// # Errors
    ///
    /// Where the answer cannot be written; the caller is told that there is none then.
    pub fn reply(mut self, reply: Reply, bytes: &[u8]) -> Result<(), Failure> {
        Ok(self.0.pin_mut().reply(reply, bytes)?)
    }

    /// Answers as [`Incoming::results`] does.
    ///
    /// # Errors
    ///
    /// As that; the caller is told that there is no answer then.
    pub fn results(mut self, buffer: Buffer) -> Result<(), Failure> {
        let (mut memory, size) = buffer.into_memory()?;
        self.0.pin_mut().results(size, held(&mut memory)?)?;
        buffer::keep(memory);
        Ok(())
    }

    /// Answers with an exception.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn refuse(mut self, refusal: Refusal, reason: &str) -> Result<(), Failure> {
        Ok(self.0.pin_mut().refuse(refusal, reason)?)
    }
}

fn held(
    memory: &mut UniquePtr<ffi::MessageBuffer>,
) -> Result<Pin<&mut ffi::MessageBuffer>, Failure> {
    memory
        .as_mut()
        .ok_or_else(|| Failure::unknown_local("the buffer has no head"))
}

/// The circumstances of a request, to keep. Names are any bytes, from anybody. Cloning counts a reference.
#[derive(Clone)]
pub struct Current(SharedPtr<ffi::Current>);

impl Current {
    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &[u8] {
        self.0.operation()
    }

    /// The facet; empty for the default one.
    #[must_use]
    pub fn facet(&self) -> &[u8] {
        self.0.facet()
    }

    /// Name and category of the object's identity.
    #[must_use]
    pub fn identity(&self) -> (&[u8], &[u8]) {
        (self.0.identity_name(), self.0.identity_category())
    }

    /// The context that came with the request.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn context(&self) -> Result<Vec<Entry>, Failure> {
        Ok(self.0.context()?)
    }

    /// Minor version of the encoding of parameters and results.
    #[must_use]
    pub fn encoding_minor(&self) -> u8 {
        self.0.encoding_minor()
    }

    /// The operation's mode as the caller has it: 0 normal, 1 nonmutating, 2 idempotent.
    #[must_use]
    pub fn mode(&self) -> u8 {
        self.0.mode()
    }

    /// The number of the request on its connection; 0 for oneway.
    #[must_use]
    pub fn request_id(&self) -> i32 {
        self.0.request_id()
    }

    /// The connection that it came over; `None` within one process.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        Connection::non_null(self.0.connection())
    }

    /// A number that no other living connection has; 0 within one process.
    #[must_use]
    pub fn connection_key(&self) -> usize {
        self.0.connection_key()
    }

    /// The adapter that it came in by.
    #[must_use]
    pub fn adapter(&self) -> Adapter {
        Adapter(self.0.adapter())
    }

    /// The communicator of the adapter.
    ///
    /// # Errors
    ///
    /// As every function of the runtime.
    pub fn communicator(&self) -> Result<Communicator, Failure> {
        Ok(Communicator(self.0.communicator()?))
    }
}
