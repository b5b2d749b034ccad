use std::time::Duration;

/// How much may wait for a servant: requests that it was given and has not answered, and those that wait for their turn.
///
/// One connection may use a quarter of that. A request with an answer is refused beyond it: its caller sees
/// `UnknownException`. A oneway request beyond it holds up the thread that read it, so that nothing more is read and its
/// sender is slowed down, until there is room. So a sender may be faster than the servant for any time and loses nothing;
/// where there is no room for as long as [`Backlog::patience`], its connection is closed and its queue dropped, with a line in
/// the log. Datagrams beyond it are dropped, and requests over a connection that this side has opened close it at once:
/// the thread that reads those must not wait.
///
/// The thread that waits reads nothing else, either. An adapter with a slow servant may have threads to spare:
/// `NAME.ThreadPool.SizeMax=4` with `NAME.ThreadPool.Serialize=1`, which keeps the order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Backlog {
    /// Requests; 16,384 by default.
    pub requests: usize,
    /// Bytes of their parameters, encoded; 64 MiB by default.
    pub bytes: usize,
    /// How long a oneway request waits for room, counted from when the first found none and anew whenever a request of
    /// the servant ends; 5 seconds by default.
    pub patience: Duration,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            requests: 16_384,
            bytes: 64 << 20,
            patience: Duration::from_secs(5),
        }
    }
}

impl Backlog {
    /// Room for so many requests, and otherwise as by default.
    #[must_use]
    pub fn of_requests(requests: usize) -> Self {
        Self {
            requests,
            ..Self::default()
        }
    }
}
