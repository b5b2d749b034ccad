//! From a request on a thread of Ice to its servant.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ice_sys::Incoming;

use super::deferred::{Caller, Deferred};
use super::dispatches::Dispatches;
use super::reply::{Content, Dispatch, Reply, refusal};
use super::waiting::Waiting;
use super::{Order, Request, Servant};
use crate::current::Current;
use crate::error::Error;

/// A servant in its adapter.
pub(crate) struct Host {
    pub(super) servant: Arc<dyn Servant>,
    pub(super) dispatches: Dispatches,
    /// What it has not answered yet.
    pub(super) waiting: Arc<Waiting<Deferred>>,
    order: Order,
}

impl Host {
    pub(crate) fn new(servant: Arc<dyn Servant>, dispatches: Dispatches) -> Self {
        Self {
            waiting: Arc::new(Waiting::new(servant.backlog())),
            order: servant.order(),
            servant,
            dispatches,
        }
    }

    pub(crate) fn servant(&self) -> &Arc<dyn Servant> {
        &self.servant
    }

    /// The answer, where it can be given without waiting; else what is left of the dispatch.
    fn begin(&self, incoming: &Incoming<'_>) -> Result<Begun, Error> {
        let current = Current::new(incoming.current()?, self.dispatches.clone());
        let caller = Caller::of(&current, self.order);
        // The oneway request before this one is not done with yet.
        let is_its_turn = caller != Caller::Oneway
            || !self.waiting.has_lanes()
            || !self.waiting.has_lane(current.connection_key());
        // Timers and sockets that the servant makes need the runtime about them.
        let _runtime = self.dispatches.runtime().enter();
        let mut dispatch = self
            .servant
            .handle(Request::new(incoming.params(), current));
        if is_its_turn {
            // Polled here and not on a task, so that requests reach their servants in the order in which they came.
            // The waker may do nothing: what waits is polled again once it is a task.
            let mut context = Context::from_waker(Waker::noop());
            if let Poll::Ready(reply) = dispatch.as_mut().poll(&mut context) {
                return Ok(Begun::Answered(reply));
            }
        }
        Ok(Begun::Waiting(dispatch, caller))
    }
}

enum Begun {
    Answered(Reply),
    Waiting(Dispatch, Caller),
}

impl ice_sys::Dispatch for Host {
    fn dispatch(&self, mut incoming: Incoming<'_>) {
        match self
            .begin(&incoming)
            .unwrap_or_else(|error| Begun::Answered(Reply::failed(error)))
        {
            Begun::Answered(reply) => answer(reply, &mut incoming),
            Begun::Waiting(dispatch, caller) => self.put_off(dispatch, caller, incoming),
        }
    }

    fn deactivated(&self, category: &[u8]) {
        self.servant.deactivated(&String::from_utf8_lossy(category));
    }
}

pub(super) fn answer(reply: Reply, incoming: &mut Incoming<'_>) {
    let written = match reply.0 {
        Content::Returned(buffer) => incoming.results(buffer),
        Content::Encapsulated(bytes) => incoming.reply(ice_sys::Reply::Encapsulation, &bytes),
        Content::Raised(bytes) => incoming.reply(ice_sys::Reply::Exception, &bytes),
        Content::Failed(error) => {
            let (refusal, reason) = refusal(&error);
            incoming.refuse(refusal, &reason)
        }
    };
    if let Err(failure) = written {
        let (refusal, reason) = refusal(&failure.into());
        // Where even that is impossible, the runtime answers that there was no answer.
        let _ = incoming.refuse(refusal, &reason);
    }
}
