//! Requests that go out.

mod reply;

use std::task::{Poll, Waker};

use atomic_waker::AtomicWaker;
use cxx::SharedPtr;

use crate::bridge::call::ffi;
use crate::buffer::{self, Buffer};
use crate::failure::Failure;
use crate::guard::contain;
use crate::proxy::Proxy;

/// Whoever waits for the end of a call.
pub(crate) struct Waiter(AtomicWaker);

impl Waiter {
    fn boxed() -> Box<Self> {
        Box::new(Self(AtomicWaker::new()))
    }
}

impl Drop for Waiter {
    /// A waker may be the last to hold what waits, whose drop may panic.
    fn drop(&mut self) {
        contain(|| drop(self.0.take()));
    }
}

pub(crate) fn wake(waiter: &Waiter) {
    contain(|| waiter.0.wake());
}

/// How a call ended.
#[derive(Debug)]
pub enum End<'a> {
    /// It returned; the encapsulation of its results, empty where there are none (oneway calls).
    Returned(&'a [u8]),
    /// It raised a user exception; the encapsulation of that.
    Raised(&'a [u8]),
    /// It failed.
    Failed(Failure),
}

/// A request that is being written.
pub struct Draft(SharedPtr<ffi::Call>);

impl Draft {
    /// Sends it, with its parameters behind what [`Proxy::draft`] has written.
    ///
    /// # Errors
    ///
    /// Where the buffer is not that of `draft`, or bytes had to be dropped of it. What else prevents it from
    /// being sent is the end of the call.
    pub fn send(self, buffer: Buffer) -> Result<Call, Failure> {
        let (mut memory, size) = buffer.into_memory()?;
        let Some(held) = memory.as_mut() else {
            return Err(Failure::unknown_local("the buffer of another message"));
        };
        ffi::call_send(&self.0, size, held)?;
        buffer::keep(memory);
        Ok(Call(self.0))
    }
}

/// A request that was sent. Dropping it cancels the call, unless that has ended.
pub struct Call(SharedPtr<ffi::Call>);

impl Call {
    /// How it ended. Where it has not, `waker` will be woken when it does, on a thread of Ice; an earlier one is
    /// forgotten.
    ///
    /// The runtime holds a lock of the connection then. A waker that runs its task there and then, instead of having it run,
    /// could wait for that lock for ever; those of tokio and other executors do not.
    pub fn poll(&self, waker: &Waker) -> Poll<End<'_>> {
        let mut end = self.0.end();
        if end == ffi::End::Waiting {
            self.0.waiter().0.register(waker);
            // It may have ended meanwhile, with nobody to wake.
            end = self.0.end();
        }
        match end {
            ffi::End::Waiting => Poll::Pending,
            ffi::End::Returned => Poll::Ready(End::Returned(self.0.reply())),
            ffi::End::Raised => Poll::Ready(End::Raised(self.0.reply())),
            _ => Poll::Ready(End::Failed(Failure::from_wire(
                self.0.failure_type(),
                self.0.failure_reason(),
            ))),
        }
    }

    /// The proxy that was called.
    #[must_use]
    pub fn proxy(&self) -> Proxy {
        Proxy(self.0.proxy())
    }
}

impl Drop for Call {
    /// Ends the call as far as this side is concerned.
    fn drop(&mut self) {
        if self.0.end() == ffi::End::Waiting {
            // It can fail only for want of memory, and then the answer is merely not wanted.
            let _ = ffi::call_cancel(&self.0);
        } else {
            reply::keep(&self.0);
        }
    }
}

impl Proxy {
    /// Begins a request: the buffer holds what comes before the parameters, which are to be written behind that. `mode`
    /// is that of Slice: 0 normal, 1 nonmutating, 2 idempotent.
    ///
    /// # Errors
    ///
    /// As every function of the runtime: with the exception that it raised.
    pub fn draft(&self, operation: &str, mode: u8) -> Result<(Draft, Buffer), Failure> {
        let mut call = SharedPtr::null();
        let buffer = Buffer::filled(|memory| {
            call = ffi::call_prepare(&self.0, operation, mode, Waiter::boxed(), memory)?;
            Ok(())
        })?;
        reply::lend(&call);
        Ok((Draft(call), buffer))
    }

    /// Sends a request whose parameters are encapsulated already.
    ///
    /// # Errors
    ///
    /// Where they are too large for a message. What else prevents it from being sent is the end of the call.
    pub fn call_encapsulated(
        &self,
        operation: &str,
        mode: u8,
        params: &[u8],
    ) -> Result<Call, Failure> {
        Ok(Call(ffi::call_encapsulated(
            &self.0,
            operation,
            mode,
            Waiter::boxed(),
            params,
        )?))
    }
}
