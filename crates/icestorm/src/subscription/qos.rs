use std::collections::BTreeMap;

/// What a subscriber asks of the broker, beyond the mode of its proxy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Qos {
    /// Each event only after the one before was answered. Wants a twoway proxy.
    pub ordered: bool,
    /// How many failed deliveries in a row the broker forgives before it drops the subscriber; -1 for any number. `None` is
    /// the broker's default, which is 0.
    pub retry_count: Option<i32>,
}

impl Qos {
    /// Each event only after the one before was answered.
    #[must_use]
    pub fn ordered(mut self) -> Self {
        self.ordered = true;
        self
    }

    /// Forgives so many failed deliveries in a row; -1 for any number. A subscriber that never comes back is kept for
    /// ever then, and so are its events.
    #[must_use]
    pub fn retry_count(mut self, count: i32) -> Self {
        self.retry_count = Some(count);
        self
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
}
