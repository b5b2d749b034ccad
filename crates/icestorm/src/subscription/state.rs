/// How a subscription stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// The broker has the subscription, as far as is known: what is published now arrives.
    pub subscribed: bool,
    /// Grows whenever events may have been lost before now. Whoever lives from events asks for the state of things then,
    /// or tells its own again.
    ///
    /// It grows with the first subscription, and after each gap, when the subscription stands again. A gap is a time in
    /// which events that the broker took from publishers may not have reached this subscriber:
    ///
    /// - the connection to the broker ended: it stopped, or died with what was queued. Of a replicated broker every replica
    ///   counts, since each delivers what was published there;
    /// - the broker did not answer in time;
    /// - the broker had dropped the subscriber, for a delivery failed, its queue was full, or somebody unsubscribed it;
    /// - the topic was destroyed, or the broker came back without its memory.
    ///
    /// It grows too often rather than too seldom: that something was lost is possible, not sure. A broker drops a subscriber that
    /// failed with the next event, and not before, so that a gap becomes known when there is something to know again.
    ///
    /// What the broker itself does not notice, or tells nobody, cannot be seen here: an event as a datagram, or without an
    /// answer on a connection that breaks; what it discards under [`Qos::retry_count`](super::Qos::retry_count), or under
    /// `IceStorm.Send.QueueSizeMaxPolicy=DropEvents`; what is lost on a link from another broker, or before it came to
    /// this one. Where that matters, subscribe [`ordered`](super::Qos::ordered), without a retry count, and let publishers
    /// number their events.
    pub generation: u64,
}
