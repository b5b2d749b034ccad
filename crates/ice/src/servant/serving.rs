//! Servants with other habits of taking requests.

use super::{Backlog, Order, Servant};

/// A servant that takes the oneway requests of a connection all at once; see [`Servant::concurrent`].
#[derive(Clone, Debug)]
pub struct Concurrent<S> {
    servant: S,
}

impl<S> Concurrent<S> {
    pub(super) fn new(servant: S) -> Self {
        Self { servant }
    }
}

impl<S: Servant> Servant for Concurrent<S> {
    super::forward!(servant: types, handle, backlog);

    fn order(&self) -> Order {
        Order::None
    }
}

/// A servant with another bound for what may wait; see [`Servant::with_backlog`].
#[derive(Clone, Debug)]
pub struct WithBacklog<S> {
    servant: S,
    backlog: Backlog,
}

impl<S> WithBacklog<S> {
    pub(super) fn new(servant: S, backlog: Backlog) -> Self {
        Self { servant, backlog }
    }
}

impl<S: Servant> Servant for WithBacklog<S> {
    super::forward!(servant: types, handle, order);

    fn backlog(&self) -> Backlog {
        self.backlog
    }
}
