//! How many streams there may be: in all, and for each user.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// How many streams there may be at the same time.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) in_all: usize,
    pub(crate) of_user: usize,
}

/// Whose a stream is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Viewer {
    /// `None` where nobody could say whose the token is: then all who call from
    /// one address count as one user.
    pub(crate) user: Option<Arc<str>>,
    /// Where the call came from; `None` for this very process.
    pub(crate) address: Option<IpAddr>,
}

/// Who counts as one user.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Party {
    User(Arc<str>),
    Address(Option<IpAddr>),
}

/// The seats that are taken.
#[derive(Debug)]
pub(crate) struct Seats {
    limits: Limits,
    taken: Mutex<Taken>,
}

#[derive(Debug, Default)]
struct Taken {
    in_all: usize,
    by_party: HashMap<Party, usize>,
}

/// One seat; free again when it is dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    seats: Arc<Seats>,
    party: Party,
}

impl Seats {
    /// All are free.
    pub(crate) fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            taken: Mutex::default(),
        })
    }

    /// A seat for a viewer.
    ///
    /// # Errors
    ///
    /// Why there is none, for the viewer.
    pub(crate) fn take(self: &Arc<Self>, viewer: &Viewer) -> Result<Seat, String> {
        let party = match (&viewer.user, viewer.address) {
            (Some(user), _) => Party::User(Arc::clone(user)),
            (None, address) => Party::Address(address),
        };
        let mut taken = self.lock();
        let Limits { in_all, of_user } = self.limits;
        if taken.in_all >= in_all {
            return Err(format!(
                "this server is full: it has {in_all} streams, as many as it may (IceFlix.Streaming.MaxStreams); try again later"
            ));
        }
        let mine = taken.by_party.get(&party).copied().unwrap_or(0);
        if mine >= of_user {
            let who = match party {
                Party::User(_) => "you have",
                Party::Address(_) => "your address has",
            };
            return Err(format!(
                "{who} {of_user} streams at this server, as many as one user may \
                 (IceFlix.Streaming.MaxStreamsPerUser); stop one of them"
            ));
        }
        taken.in_all += 1;
        taken.by_party.insert(party.clone(), mine + 1);
        drop(taken);
        Ok(Seat {
            seats: Arc::clone(self),
            party,
        })
    }

    /// How many are taken.
    pub(crate) fn taken(&self) -> usize {
        self.lock().in_all
    }

    /// What a panicking holder leaves behind is at worst one seat too few.
    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.seats.lock();
        taken.in_all = taken.in_all.saturating_sub(1);
        if let Some(mine) = taken.by_party.get_mut(&self.party) {
            *mine = mine.saturating_sub(1);
            if *mine == 0 {
                taken.by_party.remove(&self.party);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        in_all: 4,
        of_user: 2,
    };

    fn of(user: &str) -> Viewer {
        Viewer {
            user: Some(user.into()),
            address: Some([192, 0, 2, 1].into()),
        }
    }

    #[test]
    fn one_user_leaves_seats_to_others_from_the_same_address() {
        let seats = Seats::new(LIMITS);
        let _ana: Vec<_> = (0..2)
            .map(|_| seats.take(&of("ana")).expect("free"))
            .collect();
        let refusal = seats.take(&of("ana")).expect_err("she has two");
        assert!(refusal.contains("MaxStreamsPerUser"), "{refusal}");
        let _bea: Vec<_> = (0..2)
            .map(|_| seats.take(&of("bea")).expect("free"))
            .collect();
        let refusal = seats.take(&of("eva")).expect_err("all are taken");
        assert!(refusal.contains("MaxStreams)"), "{refusal}");
    }

    #[test]
    fn where_nobody_knows_the_user_the_address_counts() {
        let seats = Seats::new(LIMITS);
        let at = |last| Viewer {
            user: None,
            address: Some([192, 0, 2, last].into()),
        };
        let _one: Vec<_> = (0..2).map(|_| seats.take(&at(1)).expect("free")).collect();
        let refusal = seats.take(&at(1)).expect_err("it has two");
        assert!(refusal.contains("your address"), "{refusal}");
        seats.take(&at(2)).expect("free");
    }

    #[test]
    fn nothing_is_left_of_seats_that_were_given_back() {
        let seats = Seats::new(LIMITS);
        for round in 0..100 {
            seats.take(&of(&round.to_string())).expect("free");
        }
        assert_eq!(seats.taken(), 0);
        assert!(seats.lock().by_party.is_empty());
    }
}
