use std::collections::BTreeMap;

use ice::ObjectPrx;

use crate::delivery::Delivery;

/// What a subscriber asks of the broker.
///
/// | | how the broker delivers | what is lost when a delivery fails |
/// | --- | --- | --- |
/// | [`Qos::twoway`] | up to five events are under way at a time | those five |
/// | [`Qos::ordered`] | each event after the one before was answered | one |
/// | [`Qos::oneway`] | without an answer, in order | what the connection held |
/// | [`Qos::batch_oneway`] | all of a second (`IceStorm.Flush.Timeout`) in one message | that message |
/// | [`Qos::datagram`], [`Qos::batch_datagram`] | as the network likes | any, and nobody notices |
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Qos {
    /// How events come; `None` is as the mode of the subscriber's proxy says, twoway for a servant.
    pub delivery: Option<Delivery>,
    /// Each event only after the one before was answered.
    pub ordered: bool,
    /// How many failed deliveries in a row the broker forgives before it drops the subscriber; -1 for any number. `None` is
    /// the broker's default, which is 0.
    pub retry_count: Option<i32>,
}

impl Qos {
    /// Up to five events are under way at a time: a servant that waits may have begun the next one.
    #[must_use]
    pub fn twoway(self) -> Self {
        self.delivery(Delivery::Twoway)
    }

    /// Each event only after the one before was answered.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self.delivery(Delivery::Twoway)
    }

    /// Without an answer: a slow subscriber does not hold up the broker, and a lost event is not noticed.
    #[must_use]
    pub fn oneway(self) -> Self {
        self.delivery(Delivery::Oneway)
    }

    /// As oneway, with all events of a while in one message.
    #[must_use]
    pub fn batch_oneway(self) -> Self {
        self.delivery(Delivery::BatchOneway)
    }

    /// As datagrams. The subscriber's adapter needs a `udp` endpoint.
    #[must_use]
    pub fn datagram(self) -> Self {
        self.delivery(Delivery::Datagram)
    }

    /// As datagrams, several events in each.
    #[must_use]
    pub fn batch_datagram(self) -> Self {
        self.delivery(Delivery::BatchDatagram)
    }

    fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self.ordered &= delivery == Delivery::Twoway;
        self
    }

    /// Forgives so many failed deliveries in a row; -1 for any number.
    ///
    /// After a failure that it forgives, the broker throws away what waits for the subscriber, and all events of the next minute
    /// (`IceStorm.Discard.Interval`, in seconds), then tries again. It tells nobody: such a gap does **not** show in
    /// [`State::generation`](crate::State::generation). A success sets the count back to none. Where the subscriber's object
    /// does not exist, or its queue is full, nothing is forgiven. With -1 a subscriber that never comes back is kept for ever.
    ///
    /// A [`Subscription`](crate::Subscription) needs none of this to survive a drop: without a retry count the broker drops the
    /// subscriber, which is noticed, subscribed again and told. It is of use where nobody may subscribe anew: for a
    /// subscriber that comes back at the same endpoints without having to do anything.
    #[must_use]
    pub fn retry_count(mut self, count: i32) -> Self {
        self.retry_count = Some(count);
        self
    }

    /// The subscriber's proxy in the mode that is wanted.
    pub(super) fn subscriber(self, proxy: ObjectPrx) -> ObjectPrx {
        match self.delivery {
            Some(delivery) => delivery.of(&proxy),
            None => proxy,
        }
    }

    /// As IceStorm spells it.
    pub(super) fn entries(self) -> BTreeMap<String, String> {
        let ordered = self
            .ordered
            .then(|| ("reliability".to_owned(), "ordered".to_owned()));
        let retry_count = self
            .retry_count
            .map(|count| ("retryCount".to_owned(), count.to_string()));
        ordered.into_iter().chain(retry_count).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Qos;

    #[test]
    fn the_default_leaves_everything_to_the_broker() {
        assert!(Qos::default().entries().is_empty());
    }

    #[test]
    fn what_is_asked_for_is_spelt_as_icestorm_does() {
        let entries = Qos::default().ordered().retry_count(-1).entries();
        assert_eq!(
            entries.get("reliability").map(String::as_str),
            Some("ordered")
        );
        assert_eq!(entries.get("retryCount").map(String::as_str), Some("-1"));
    }

    #[test]
    fn the_later_of_two_deliveries_that_exclude_each_other_wins() {
        assert!(!Qos::default().ordered().oneway().ordered);
        assert_eq!(Qos::default().oneway().ordered(), Qos::default().ordered());
    }
}
