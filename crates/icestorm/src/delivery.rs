use ice::Prx;

/// How events travel: from a publisher to the broker, or from the broker to a subscriber.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// Each is answered.
    #[default]
    Twoway,
    /// None is answered: an event is lost unnoticed where the connection breaks with it.
    Oneway,
    /// As oneway, many in one message.
    BatchOneway,
    /// Each is a datagram, which may be lost, or come twice, or too early. Wants a `udp` endpoint at the receiver.
    Datagram,
    /// As datagram, many in one.
    BatchDatagram,
}

impl Delivery {
    pub(crate) fn of<P: Prx>(self, proxy: &P) -> P {
        match self {
            Self::Twoway => proxy.with_twoway(),
            Self::Oneway => proxy.with_oneway(),
            Self::BatchOneway => proxy.with_batch_oneway(),
            Self::Datagram => proxy.with_datagram(),
            Self::BatchDatagram => proxy.with_batch_datagram(),
        }
    }
}
