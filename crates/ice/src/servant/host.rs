//! From a request on a thread of Ice to its servant, and on to tokio where the servant waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use ice_sys::{Incoming, Responder};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use super::reply::{Content, Dispatch, Reply, refusal};
use super::{Request, Servant, builtin};
use crate::current::Current;
use crate::error::Error;

/// Where dispatches that wait go on, and what ends them.
#[derive(Clone)]
pub(crate) struct Dispatches {
    runtime: Handle,
    ended: CancellationToken,
}

impl Dispatches {
    pub(crate) fn new(runtime: Handle) -> Self {
        Self {
            runtime,
            ended: CancellationToken::new(),
        }
    }

    /// Those of one adapter, which end with the others or before.
    pub(crate) fn child(&self) -> Self {
        Self {
            runtime: self.runtime.clone(),
            ended: self.ended.child_token(),
        }
    }

    /// Drops every dispatch that waits still: its caller is told that it was not answered.
    pub(crate) fn end(&self) {
        self.ended.cancel();
    }

    pub(crate) fn runtime(&self) -> &Handle {
        &self.runtime
    }
}

/// A servant in its adapter.
pub(crate) struct Host {
    servant: Arc<dyn Servant>,
    dispatches: Dispatches,
}

impl Host {
    pub(crate) fn new(servant: Arc<dyn Servant>, dispatches: Dispatches) -> Self {
        Self {
            servant,
            dispatches,
        }
    }

    /// The answer, where it can be given without waiting; else what is left of the dispatch.
    fn begin(&self, incoming: &Incoming<'_>) -> Result<Begun, Error> {
        let communicator = incoming.communicator()?;
        let current = Current::new(incoming.current()?);
        let encoding = current.encoding();
        let request = Request::new(incoming, &communicator, current);
        if let Some(reply) = builtin::answer(&*self.servant, encoding, &request) {
            return Ok(Begun::Answered(reply));
        }
        // Timers and sockets that the servant makes need the runtime about them.
        let _runtime = self.dispatches.runtime.enter();
        let mut dispatch = self.servant.dispatch(request);
        // Polled here and not on a task, so that requests reach their servants in the order in which they came.
        // The waker may do nothing: what waits is polled again once it is a task.
        Ok(
            match dispatch
                .as_mut()
                .poll(&mut Context::from_waker(Waker::noop()))
            {
                Poll::Ready(reply) => Begun::Answered(reply),
                Poll::Pending => Begun::Waiting(dispatch),
            },
        )
    }
}

enum Begun {
    Answered(Reply),
    Waiting(Dispatch),
}

impl ice_sys::Dispatch for Host {
    fn dispatch(&self, mut incoming: Incoming<'_>) {
        match self
            .begin(&incoming)
            .unwrap_or_else(|error| Begun::Answered(Reply::failed(error)))
        {
            Begun::Answered(reply) => answer(reply, &mut incoming),
            Begun::Waiting(dispatch) => match incoming.defer() {
                Ok(responder) => self.go_on(dispatch, responder),
                Err(failure) => {
                    tracing::error!(target: "ice", "a request could not be put off: {failure}")
                }
            },
        }
    }
}

impl Host {
    fn go_on(&self, dispatch: Dispatch, responder: Responder) {
        let ended = self.dispatches.ended.clone();
        self.dispatches.runtime.spawn(async move {
            // Where the dispatch is ended before, the responder answers as it is dropped.
            if let Some(reply) = ended.run_until_cancelled(Contained(dispatch)).await {
                answer_late(reply, responder);
            }
        });
    }
}

/// A dispatch that ends with an error where it panics, instead of taking its task along.
struct Contained(Dispatch);

impl Future for Contained {
    type Output = Reply;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        // What a panic leaves half done is dropped with the dispatch.
        match catch_unwind(AssertUnwindSafe(|| self.0.as_mut().poll(context))) {
            Ok(poll) => poll,
            Err(_) => Poll::Ready(Reply::failed(Error::unknown("the servant panicked"))),
        }
    }
}

fn answer(reply: Reply, incoming: &mut Incoming<'_>) {
    let written = match &reply.0 {
        Content::Returned(body) => incoming.reply(true, body),
        Content::Raised(bytes) => incoming.reply(false, bytes),
        Content::Failed(error) => {
            let (refusal, reason) = refusal(error);
            incoming.refuse(refusal, &reason)
        }
    };
    if let Err(failure) = written {
        let (refusal, reason) = refusal(&failure.into());
        // Where even that is impossible, the runtime answers that there was no answer.
        let _ = incoming.refuse(refusal, &reason);
    }
    reply.recycle();
}

fn answer_late(reply: Reply, responder: Responder) {
    let written = match &reply.0 {
        Content::Returned(body) => responder.reply(true, body),
        Content::Raised(bytes) => responder.reply(false, bytes),
        Content::Failed(error) => {
            let (refusal, reason) = refusal(error);
            responder.refuse(refusal, &reason)
        }
    };
    if let Err(failure) = written {
        tracing::warn!(target: "ice", "an answer could not be sent: {failure}");
    }
    reply.recycle();
}
