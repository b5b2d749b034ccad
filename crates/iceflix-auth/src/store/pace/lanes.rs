//! The pure rules: lanes with a burst, a pace, and a fair queue.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::hash::Hash;
use std::time::Duration;

/// How fast a lane lets attempts through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// So many turns at once after a rest.
    pub burst: u32,
    /// Then one turn in so much time.
    pub interval: Duration,
}

/// The longest wait in one lane: an Ice client may give up soon after.
const PATIENCE: Duration = Duration::from_secs(1);

/// So many attempts wait in one lane at most; the least deserving of more are turned away.
const WAITING: usize = 64;

/// So many origins are remembered in one lane for going round.
const ORIGINS: usize = 64;

/// So many lanes are kept. Should that many be in use at once, newcomers pass uncounted rather than be kept out:
/// it takes thousands of remote addresses, and the slow hash is bounded by itself.
const LANES: usize = 10_000;

/// A lane for each `K`, in which attempts from different `F` go round.
#[derive(Debug)]
pub(super) struct Lanes<K, F> {
    rules: Rules,
    lanes: HashMap<K, Lane<F>>,
    tickets: u64,
    swept: Duration,
}

#[derive(Debug)]
struct Lane<F> {
    /// When the lane is at rest again: each turn moves that on by an interval (the generic cell rate algorithm,
    /// ITU-T I.371, annex A).
    rest: Duration,
    waiting: Vec<Waiter<F>>,
    served: HashMap<F, Duration>,
}

#[derive(Debug)]
struct Waiter<F> {
    ticket: u64,
    from: F,
    since: Duration,
}

/// One attempt in a queue.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// What an attempt that arrives is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// It has its turn.
    Go,
    /// It is to ask with this ticket.
    Queue(Ticket),
}

/// What an attempt that asks is told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It has its turn.
    Go,
    /// It is to ask again after so much time.
    Wait(Duration),
    /// It will have none.
    Never,
}

impl<K: Clone + Eq + Hash, F: Clone + Eq + Hash> Lanes<K, F> {
    pub(super) fn new(rules: Rules) -> Self {
        Self {
            rules,
            lanes: HashMap::new(),
            tickets: 0,
            swept: Duration::ZERO,
        }
    }

    /// Takes a turn in the lane of `key`, or a place in its queue.
    pub(super) fn arrive(&mut self, key: &K, from: &F, now: Duration) -> Arrival {
        if !self.lanes.contains_key(key) && !self.room(now) {
            return Arrival::Go;
        }
        let rules = self.rules;
        let lane = self.lanes.entry(key.clone()).or_insert_with(|| Lane {
            rest: now,
            waiting: Vec::new(),
            served: HashMap::new(),
        });
        if lane.waiting.is_empty() && lane.next_turn(&rules) <= now {
            lane.take(&rules, from.clone(), now);
            return Arrival::Go;
        }
        self.tickets += 1;
        lane.queue(Waiter {
            ticket: self.tickets,
            from: from.clone(),
            since: now,
        });
        Arrival::Queue(Ticket(self.tickets))
    }

    /// Asks whether it is the turn of `ticket` in the lane of `key`.
    pub(super) fn ask(&mut self, key: &K, ticket: &Ticket, now: Duration) -> Turn {
        let Some(lane) = self.lanes.get_mut(key) else {
            return Turn::Never;
        };
        let Some(place) = lane.place(ticket) else {
            return Turn::Never;
        };
        let turn = lane.next_turn(&self.rules);
        if turn <= now && lane.first() == Some(place) {
            let waiter = lane.waiting.swap_remove(place);
            lane.take(&self.rules, waiter.from, now);
            return Turn::Go;
        }
        if lane.waiting[place].since + PATIENCE < now {
            return Turn::Never;
        }
        // Where another comes first, that one is about to ask, too.
        Turn::Wait(if turn > now {
            turn - now
        } else {
            self.rules.interval
        })
    }

    /// Leaves the queue; harmless where the place was left before.
    pub(super) fn leave(&mut self, key: &K, ticket: &Ticket) {
        if let Some(lane) = self.lanes.get_mut(key)
            && let Some(place) = lane.place(ticket)
        {
            lane.waiting.swap_remove(place);
        }
    }

    /// Undoes a turn that was taken in the lane of `key`.
    pub(super) fn give_back(&mut self, key: &K) {
        if let Some(lane) = self.lanes.get_mut(key) {
            lane.rest = lane.rest.saturating_sub(self.rules.interval);
        }
    }

    /// Whether there is room for another lane; sweeps those at rest out for it, once a second at most.
    fn room(&mut self, now: Duration) -> bool {
        if self.lanes.len() >= LANES && self.swept + Duration::from_secs(1) <= now {
            self.swept = now;
            self.lanes
                .retain(|_, lane| lane.rest > now || !lane.waiting.is_empty());
        }
        self.lanes.len() < LANES
    }
}

impl<F: Clone + Eq + Hash> Lane<F> {
    /// When a turn can be taken.
    fn next_turn(&self, rules: &Rules) -> Duration {
        self.rest
            .saturating_sub(rules.interval * rules.burst.saturating_sub(1))
    }

    fn take(&mut self, rules: &Rules, from: F, now: Duration) {
        self.rest = self.rest.max(now) + rules.interval;
        self.served.insert(from, now);
        if self.served.len() > ORIGINS
            && let Some(oldest) = self.served.iter().min_by_key(|(_, at)| **at)
        {
            let oldest = oldest.0.clone();
            self.served.remove(&oldest);
        }
    }

    fn queue(&mut self, waiter: Waiter<F>) {
        self.waiting.push(waiter);
        if self.waiting.len() > WAITING
            && let Some(last) = (0..self.waiting.len()).max_by_key(|&place| self.rank(place))
        {
            self.waiting.swap_remove(last);
        }
    }

    fn place(&self, ticket: &Ticket) -> Option<usize> {
        self.waiting.iter().position(|one| one.ticket == ticket.0)
    }

    fn first(&self) -> Option<usize> {
        (0..self.waiting.len()).min_by_key(|&place| self.rank(place))
    }

    /// The lower, the sooner: whose origin was served longest ago, then who came last.
    fn rank(&self, place: usize) -> (Option<Duration>, Reverse<u64>) {
        let waiter = &self.waiting[place];
        let served = self.served.get(&waiter.from).copied();
        (served, Reverse(waiter.ticket))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules {
        burst: 3,
        interval: Duration::from_secs(1),
    };
    const MILLI: Duration = Duration::from_millis(1);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(1_000 + seconds)
    }

    fn lanes() -> Lanes<&'static str, u32> {
        Lanes::new(RULES)
    }

    fn queue(arrival: Arrival) -> Ticket {
        match arrival {
            Arrival::Queue(ticket) => ticket,
            Arrival::Go => panic!("it went at once"),
        }
    }

    /// Lanes in which origin 1 has used the burst up.
    fn exhausted() -> Lanes<&'static str, u32> {
        let mut lanes = lanes();
        for _ in 0..RULES.burst {
            assert_eq!(lanes.arrive(&"ana", &1, at(0)), Arrival::Go);
        }
        lanes
    }

    #[test]
    fn after_a_burst_one_attempt_an_interval_goes() {
        let mut lanes = exhausted();
        let ticket = queue(lanes.arrive(&"ana", &1, at(0)));
        assert_eq!(lanes.ask(&"ana", &ticket, at(0)), Turn::Wait(at(1) - at(0)));
        assert_eq!(lanes.ask(&"ana", &ticket, at(1) - MILLI), Turn::Wait(MILLI));
        assert_eq!(lanes.ask(&"ana", &ticket, at(1)), Turn::Go);

        queue(lanes.arrive(&"ana", &1, at(1)));
        assert_eq!(lanes.arrive(&"eva", &1, at(1)), Arrival::Go, "another lane");
    }

    #[test]
    fn a_lane_that_rested_has_its_burst_again_and_no_more() {
        let mut lanes = exhausted();
        for _ in 0..RULES.burst {
            assert_eq!(lanes.arrive(&"ana", &1, at(1_000)), Arrival::Go);
        }
        queue(lanes.arrive(&"ana", &1, at(1_000)));
    }

    #[test]
    fn right_logins_never_wait() {
        let mut lanes = lanes();
        for _ in 0..1_000 {
            assert_eq!(lanes.arrive(&"ana", &1, at(0)), Arrival::Go);
            lanes.give_back(&"ana");
        }
    }

    #[test]
    fn whoever_was_served_longest_ago_comes_first_however_many_others_wait() {
        let mut lanes = exhausted();
        let right = queue(lanes.arrive(&"ana", &2, at(0)));
        let wrong = (0..100).map(|_| queue(lanes.arrive(&"ana", &1, at(0))));
        let wrong = wrong.collect::<Vec<_>>();
        for ticket in &wrong {
            assert_ne!(lanes.ask(&"ana", ticket, at(1)), Turn::Go);
        }
        assert_eq!(lanes.ask(&"ana", &right, at(1)), Turn::Go);
    }

    #[test]
    fn of_one_origin_the_newest_attempt_comes_first() {
        let mut lanes = exhausted();
        let old = (0..50).map(|_| queue(lanes.arrive(&"ana", &1, at(0))));
        let old = old.collect::<Vec<_>>();
        let new = queue(lanes.arrive(&"ana", &1, at(0)));
        assert_eq!(
            lanes.ask(&"ana", &old[0], at(1)),
            Turn::Wait(RULES.interval)
        );
        assert_eq!(lanes.ask(&"ana", &new, at(1)), Turn::Go);
    }

    #[test]
    fn who_gives_up_holds_nobody_up() {
        let mut lanes = exhausted();
        let old = queue(lanes.arrive(&"ana", &1, at(0)));
        let new = queue(lanes.arrive(&"ana", &1, at(0)));
        lanes.leave(&"ana", &new);
        lanes.leave(&"ana", &new);
        assert_eq!(lanes.ask(&"ana", &old, at(1)), Turn::Go);
    }

    #[test]
    fn nobody_waits_for_ever() {
        let mut lanes = exhausted();
        let old = queue(lanes.arrive(&"ana", &1, at(0)));
        for second in 1..=2 {
            let new = queue(lanes.arrive(&"ana", &1, at(second)));
            assert_eq!(lanes.ask(&"ana", &new, at(second)), Turn::Go);
        }
        assert_eq!(lanes.ask(&"ana", &old, at(2)), Turn::Never);
    }

    #[test]
    fn queues_and_lanes_are_bounded() {
        let mut lanes = Lanes::<u32, u32>::new(RULES);
        for n in 0..1_000 {
            lanes.arrive(&0, &n, at(0));
        }
        assert_eq!(lanes.lanes[&0].waiting.len(), WAITING);
        assert!(lanes.lanes[&0].served.len() <= ORIGINS);
        for key in 0..2 * LANES as u32 {
            assert_eq!(lanes.arrive(&(key + 1), &0, at(0)), Arrival::Go);
        }
        assert_eq!(lanes.lanes.len(), LANES);
        assert_eq!(lanes.arrive(&u32::MAX, &0, at(1_000)), Arrival::Go);
        assert_eq!(lanes.lanes.len(), 2, "the busy one and the new one");
    }
}
