//! Requests that wait for one servant: how many may, and in which order they go on.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::Backlog;

/// One connection may use the whole divided by this.
const SHARE: usize = 4;

/// What waits for one servant. `Q` is a request for which it is not the turn yet.
pub(super) struct Waiting<Q> {
    limits: Backlog,
    state: Mutex<State<Q>>,
    room: Condvar,
    /// Connections of which a oneway request is under way: what every oneway request asks for first.
    lanes: AtomicUsize,
}

struct State<Q> {
    total: Load,
    /// When a request found no room, where none has ended since.
    stuck_since: Option<Instant>,
    by_connection: HashMap<usize, Share<Q>>,
}

struct Share<Q> {
    load: Load,
    /// Oneway requests behind the one that is under way; `None` where there is none.
    lane: Option<VecDeque<(usize, Q)>>,
}

/// How much waits.
#[derive(Default)]
struct Load {
    requests: usize,
    bytes: usize,
}

impl Load {
    /// A first request is always taken, however large: the message it came in is bounded.
    fn takes(&self, bytes: usize, requests_max: usize, bytes_max: usize) -> bool {
        self.requests == 0
            || (self.requests < requests_max && self.bytes.saturating_add(bytes) <= bytes_max)
    }

    fn add(&mut self, bytes: usize) {
        self.requests += 1;
        self.bytes += bytes;
    }

    fn remove(&mut self, bytes: usize) {
        self.requests -= 1;
        self.bytes -= bytes;
    }
}

/// What a oneway request has to do.
pub(super) enum Turn<Q> {
    /// It is the one under way, and is followed by those of [`Waiting::next`].
    Now(Q),
    /// It was queued.
    Later,
}

impl<Q> Waiting<Q> {
    pub(super) fn new(limits: Backlog) -> Self {
        Self {
            limits,
            state: Mutex::new(State {
                total: Load::default(),
                stuck_since: None,
                by_connection: HashMap::new(),
            }),
            room: Condvar::new(),
            lanes: AtomicUsize::new(0),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<Q>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a oneway request of any connection is under way. Costs a load.
    pub(super) fn has_lanes(&self) -> bool {
        self.lanes.load(Ordering::Acquire) > 0
    }

    /// Whether a oneway request of this connection is under way, so that the next one has to wait.
    pub(super) fn has_lane(&self, connection: usize) -> bool {
        let state = self.lock();
        let share = state.by_connection.get(&connection);
        share.is_some_and(|share| share.lane.is_some())
    }

    /// Takes room for a request: whether there was some.
    pub(super) fn take(&self, connection: usize, bytes: usize) -> bool {
        self.take_from(&mut self.lock(), connection, bytes)
    }

    /// Takes room for a request, and blocks until there is some: whether there was before patience ended.
    pub(super) fn take_waiting(&self, connection: usize, bytes: usize) -> bool {
        let mut state = self.lock();
        if self.take_from(&mut state, connection, bytes) {
            return true;
        }
        let stuck_since = *state.stuck_since.get_or_insert_with(Instant::now);
        loop {
            let left = self.limits.patience.saturating_sub(stuck_since.elapsed());
            if left.is_zero() {
                return false;
            }
            state = self
                .room
                .wait_timeout(state, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            if self.take_from(&mut state, connection, bytes) {
                return true;
            }
        }
    }

    fn take_from(&self, state: &mut State<Q>, connection: usize, bytes: usize) -> bool {
        let limits = &self.limits;
        if !state.total.takes(bytes, limits.requests, limits.bytes) {
            return false;
        }
        match state.by_connection.entry(connection) {
            Entry::Occupied(mut share) => {
                let load = &mut share.get_mut().load;
                if !load.takes(bytes, limits.requests / SHARE, limits.bytes / SHARE) {
                    return false;
                }
                load.add(bytes);
            }
            Entry::Vacant(place) => {
                let mut load = Load::default();
                load.add(bytes);
                place.insert(Share { load, lane: None });
            }
        }
        state.total.add(bytes);
        true
    }

    /// Gives room back.
    pub(super) fn give(&self, connection: usize, bytes: usize) {
        self.give_in(&mut self.lock(), connection, bytes);
        self.room.notify_all();
    }

    fn give_in(&self, state: &mut State<Q>, connection: usize, bytes: usize) {
        state.total.remove(bytes);
        state.stuck_since = None;
        if let Entry::Occupied(mut share) = state.by_connection.entry(connection) {
            share.get_mut().load.remove(bytes);
            if share.get().load.requests == 0 {
                share.remove();
            }
        }
    }

    /// Puts a oneway request, for which there is room, behind those of its connection.
    pub(super) fn enter(&self, connection: usize, bytes: usize, request: Q) -> Turn<Q> {
        let mut state = self.lock();
        match state.by_connection.get_mut(&connection) {
            Some(Share {
                lane: Some(lane), ..
            }) => {
                lane.push_back((bytes, request));
                Turn::Later
            }
            Some(share) => {
                share.lane = Some(VecDeque::new());
                self.lanes.fetch_add(1, Ordering::Release);
                Turn::Now(request)
            }
            None => Turn::Now(request),
        }
    }

    /// Ends the oneway request under way: the next one of its connection, and its size.
    pub(super) fn next(&self, connection: usize, bytes: usize) -> Option<(usize, Q)> {
        let mut state = self.lock();
        let share = state.by_connection.get_mut(&connection)?;
        let next = share.lane.as_mut().and_then(VecDeque::pop_front);
        if next.is_none() {
            self.close(share);
        }
        self.give_in(&mut state, connection, bytes);
        drop(state);
        self.room.notify_all();
        next
    }

    fn close(&self, share: &mut Share<Q>) -> VecDeque<(usize, Q)> {
        match share.lane.take() {
            Some(lane) => {
                self.lanes.fetch_sub(1, Ordering::Release);
                lane
            }
            None => VecDeque::new(),
        }
    }

    /// Takes out what is queued of a connection, behind the request under way.
    pub(super) fn clear(&self, connection: usize) -> Vec<Q> {
        let mut state = self.lock();
        let Some(share) = state.by_connection.get_mut(&connection) else {
            return Vec::new();
        };
        let queued = share.lane.as_mut().map(std::mem::take).unwrap_or_default();
        let stuck_since = state.stuck_since;
        for (bytes, _) in &queued {
            self.give_in(&mut state, connection, *bytes);
        }
        // Those have not ended in the sense of it.
        state.stuck_since = stuck_since;
        drop(state);
        self.room.notify_all();
        queued.into_iter().map(|(_, request)| request).collect()
    }

    #[cfg(test)]
    fn is_empty(&self) -> bool {
        let state = self.lock();
        state.by_connection.is_empty()
            && (state.total.requests, state.total.bytes) == (0, 0)
            && !self.has_lanes()
    }
}

/// Room for one request, given back when it is dropped.
pub(super) struct Place<Q> {
    waiting: Arc<Waiting<Q>>,
    connection: usize,
    bytes: usize,
}

impl<Q> Place<Q> {
    /// For a request that has taken its room.
    pub(super) fn new(waiting: Arc<Waiting<Q>>, connection: usize, bytes: usize) -> Self {
        Self {
            waiting,
            connection,
            bytes,
        }
    }
}

impl<Q> Drop for Place<Q> {
    fn drop(&mut self) {
        self.waiting.give(self.connection, self.bytes);
    }
}

/// The oneway requests of one connection, of which one is under way. Dropped in the middle, it drops those behind, too.
pub(super) struct Lane<Q> {
    waiting: Arc<Waiting<Q>>,
    connection: usize,
    /// Of the one under way.
    bytes: Option<usize>,
}

impl<Q> Lane<Q> {
    pub(super) fn new(waiting: Arc<Waiting<Q>>, connection: usize, bytes: usize) -> Self {
        Self {
            waiting,
            connection,
            bytes: Some(bytes),
        }
    }

    /// Ends the one under way: the next.
    pub(super) fn next(&mut self) -> Option<Q> {
        let (bytes, next) = self.waiting.next(self.connection, self.bytes.take()?)?;
        self.bytes = Some(bytes);
        Some(next)
    }
}

impl<Q> Drop for Lane<Q> {
    fn drop(&mut self) {
        while self.next().is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Backlog, Lane, Place, Turn, Waiting};

    fn waiting(requests: usize, bytes: usize) -> Arc<Waiting<u32>> {
        Arc::new(Waiting::new(Backlog {
            requests,
            bytes,
            patience: Duration::from_millis(20),
        }))
    }

    #[test]
    fn the_oneway_requests_of_one_connection_follow_each_other_and_those_of_others_do_not_wait() {
        let waiting = waiting(100, 1000);
        assert!(!waiting.has_lanes());
        for number in 0..3 {
            assert!(waiting.take(1, 10));
            let turn = waiting.enter(1, 10, number);
            assert_eq!(matches!(turn, Turn::Now(0)), number == 0);
        }
        assert!(waiting.has_lane(1) && !waiting.has_lane(2));
        assert!(waiting.take(2, 10));
        assert!(matches!(waiting.enter(2, 10, 9), Turn::Now(9)));
        let mut lane = Lane::new(Arc::clone(&waiting), 1, 10);
        assert_eq!((lane.next(), lane.next()), (Some(1), Some(2)));
        assert!(waiting.has_lane(1));
        assert_eq!(lane.next(), None);
        assert!(!waiting.has_lane(1) && waiting.has_lanes());
        drop(lane);
        drop(Lane::new(Arc::clone(&waiting), 2, 10));
        assert!(waiting.is_empty());
    }

    #[test]
    fn a_connection_has_a_quarter_of_the_room_and_all_together_the_whole() {
        let waiting = waiting(8, 80);
        for connection in 1..=4 {
            assert!(waiting.take(connection, 10));
            assert!(waiting.take(connection, 10));
            assert!(!waiting.take(connection, 10));
        }
        assert!(!waiting.take(5, 1));
        drop(Place::new(Arc::clone(&waiting), 1, 10));
        assert!(waiting.take(5, 1));
    }

    #[test]
    fn bytes_count_as_well_but_a_single_request_always_fits() {
        let waiting = waiting(100, 400);
        assert!(waiting.take(1, 1_000));
        assert!(!waiting.take(1, 1) && !waiting.take(2, 1));
        waiting.give(1, 1_000);
        assert!(waiting.take(2, 100));
        assert!(!waiting.take(2, 1));
    }

    #[test]
    fn who_waits_for_room_gets_it_when_it_is_given_and_none_where_nothing_moves() {
        let waiting = waiting(4, 1_000);
        assert!(waiting.take(1, 1));
        assert!(!waiting.take_waiting(1, 1));
        // Patience is used up, as nothing has ended since: not once more for another connection.
        assert!(waiting.take(2, 1));
        assert_eq!(waiting.clear(1), []);
        waiting.lock().stuck_since = Instant::now().checked_sub(Duration::from_secs(1));
        let before = Instant::now();
        assert!(!waiting.take_waiting(2, 1));
        assert!(before.elapsed() < waiting.limits.patience);
        std::thread::scope(|scope| {
            let waiting = &waiting;
            waiting.give(1, 1);
            assert!(waiting.take(1, 1));
            let other = scope.spawn(|| waiting.take_waiting(1, 1));
            waiting.give(1, 1);
            assert!(other.join().expect("no panic"));
        });
    }

    #[test]
    fn what_is_dropped_in_the_middle_leaves_nothing_behind() {
        let waiting = waiting(100, 1_000);
        for number in 0..5 {
            assert!(waiting.take(1, 10));
            waiting.enter(1, 10, number);
        }
        assert_eq!(waiting.clear(1), [1, 2, 3, 4]);
        assert!(waiting.has_lane(1));
        for number in 0..5 {
            assert!(waiting.take(1, 10));
            assert!(matches!(waiting.enter(1, 10, number), Turn::Later));
        }
        drop(Lane::new(Arc::clone(&waiting), 1, 10));
        assert!(waiting.is_empty());
    }
}
