//! Dispatches that wait: continued on tokio, in order where order is asked for, and never more than there is room for.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use ice_sys::{Incoming, Responder};

use super::Order;
use super::dispatches::Dispatches;
use super::host::{Host, answer};
use super::reply::{Content, Dispatch, Reply, refusal};
use super::waiting::{Lane, Place, Turn};
use crate::current::Current;
use crate::error::Error;

/// What the caller of a request expects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Caller {
    /// An answer.
    Twoway,
    /// No answer, and that the next one waits for the end of this one.
    Oneway,
    /// No answer.
    Unordered,
}

impl Caller {
    pub(super) fn of(current: &Current, order: Order) -> Self {
        match (current.request_id(), order) {
            (0, Order::Connection) => Self::Oneway,
            (0, Order::None) => Self::Unordered,
            _ => Self::Twoway,
        }
    }
}

/// A dispatch that goes on without its request.
pub(super) struct Deferred {
    dispatch: Dispatch,
    responder: Responder,
}

impl Deferred {
    /// Answers, in its own time. Where that is ended before, the responder answers as it is dropped.
    async fn run(self, dispatches: &Dispatches) {
        let dispatch = Contained(self.dispatch);
        if let Some(reply) = dispatches.ended().run_until_cancelled(dispatch).await {
            answer_late(reply, self.responder);
        }
    }
}

impl Host {
    /// Lets a dispatch go on without its request.
    pub(super) fn put_off(&self, dispatch: Dispatch, caller: Caller, mut incoming: Incoming<'_>) {
        let bytes = incoming.params().len();
        let key = incoming.connection_key();
        if !self.waiting.take(key, bytes) && !self.make_room(caller, &incoming, bytes) {
            return answer(overloaded(caller), &mut incoming);
        }
        let responder = match incoming.defer() {
            Ok(responder) => responder,
            Err(failure) => {
                self.waiting.give(key, bytes);
                return tracing::error!(target: "ice", "a request could not be put off: {failure}");
            }
        };
        let deferred = Deferred {
            dispatch,
            responder,
        };
        let (waiting, dispatches) = (Arc::clone(&self.waiting), self.dispatches.clone());
        let runtime = self.dispatches.runtime();
        if caller != Caller::Oneway {
            let place = Place::new(waiting, key, bytes);
            runtime.spawn(async move {
                let _place = place;
                deferred.run(&dispatches).await;
            });
        } else if let Turn::Now(first) = waiting.enter(key, bytes, deferred) {
            let mut lane = Lane::new(waiting, key, bytes);
            runtime.spawn(async move {
                let mut under_way = Some(first);
                while let Some(deferred) = under_way {
                    deferred.run(&dispatches).await;
                    // So that a long queue of short work leaves the thread to others now and then.
                    tokio::task::consume_budget().await;
                    under_way = lane.next();
                }
            });
        }
    }

    /// Waits for room for a oneway request, as long as patience lasts. Where it does not, the connection is closed.
    fn make_room(&self, caller: Caller, incoming: &Incoming<'_>, bytes: usize) -> bool {
        if caller == Caller::Twoway {
            return false;
        }
        let key = incoming.connection_key();
        let Some(connection) = incoming.connection() else {
            let has_room = self.waiting.take_waiting(key, bytes);
            if !has_room {
                tracing::warn!(
                    target: "ice",
                    "a oneway request from within the process is dropped: its servant does not keep up",
                );
            }
            return has_room;
        };
        let traits = connection.traits().unwrap_or_default();
        if traits.datagram {
            tracing::debug!(target: "ice", "a datagram is dropped: its servant does not keep up");
            return false;
        }
        // A connection that this side has opened is read by the thread that reads the answers to calls of this side, for
        // one of which the servant may be waiting.
        if traits.incoming && self.waiting.take_waiting(key, bytes) {
            return true;
        }
        let dropped = self.waiting.clear(key).len() + 1;
        tracing::warn!(
            target: "ice",
            "closing {}: its servant does not keep up, {dropped} oneway requests are dropped",
            connection.to_text().unwrap_or_default().replace('\n', ", "),
        );
        // What is closed already needs no closing.
        let _ = connection.close(ice_sys::Close::Forcefully);
        false
    }
}

fn overloaded(caller: Caller) -> Reply {
    match caller {
        Caller::Twoway => Reply::failed(Error::unknown("too many requests wait for this object")),
        // An exception would be a line in the log for each of a flood.
        Caller::Oneway | Caller::Unordered => {
            Reply(Content::Returned(ice_sys::Buffer::for_reply()))
        }
    }
}

/// A dispatch that ends with an error where it panics, instead of taking its task along.
pub(super) struct Contained(pub(super) Dispatch);

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

fn answer_late(reply: Reply, responder: Responder) {
    let written = match reply.0 {
        Content::Returned(buffer) => responder.results(buffer),
        Content::Encapsulated(bytes) => responder.reply(ice_sys::Reply::Encapsulation, &bytes),
        Content::Raised(bytes) => responder.reply(ice_sys::Reply::Exception, &bytes),
        Content::Failed(error) => {
            let (refusal, reason) = refusal(&error);
            responder.refuse(refusal, &reason)
        }
    };
    if let Err(failure) = written {
        tracing::warn!(target: "ice", "an answer could not be sent: {failure}");
    }
}
