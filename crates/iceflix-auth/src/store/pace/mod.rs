//! Guessing is slowed down, and the right user is not kept out.
//!
//! Every login that has to be verified takes a turn of its remote address, then one of its user. Each of those
//! has a burst of turns at once and then one an interval; a login that proves right gives its turns back,
//! so only wrong ones use them up. While turns are short, they go round: at an address to the
//! user, and at a user to the address, that had none for longest, and there to the newest attempt. So a hundred wrong
//! logins delay a right one by about an interval, from their own address too, and a guesser gains nothing by
//! trying in parallel. A renewal takes no turn at all.
//!
//! Weighed and dropped: locking a user after so many failures lets anybody lock anybody out; delaying only
//! the answer to wrong logins does not slow those who do not wait for it.

mod lanes;

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::store::Clock;
use crate::store::user::Name;
pub use lanes::Rules;
use lanes::{Arrival, Lanes, Ticket, Turn};

/// The lanes of all users and of all remote addresses.
#[derive(Debug)]
pub(crate) struct Pace {
    clock: Arc<dyn Clock>,
    users: Mutex<Lanes<Name, IpAddr>>,
    addresses: Mutex<Lanes<IpAddr, Name>>,
}

/// Too many attempts wait already, or this one has waited for too long.
#[derive(Debug)]
pub(crate) struct Crowded;

impl Pace {
    pub(crate) fn new(user: Rules, address: Rules, clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            users: Mutex::new(Lanes::new(user)),
            addresses: Mutex::new(Lanes::new(address)),
        }
    }

    /// Waits for the turns of one attempt to log in as `user` from `address`.
    ///
    /// May be cancelled: an attempt that waits no more is forgotten.
    pub(crate) async fn turn(&self, user: &Name, address: IpAddr) -> Result<(), Crowded> {
        let address = subscriber(address);
        self.wait(&self.addresses, &address, user).await?;
        self.wait(&self.users, user, &address).await
    }

    /// Gives back the turns of an attempt that proved right.
    pub(crate) fn give_back(&self, user: &Name, address: IpAddr) {
        lock(&self.users).give_back(user);
        lock(&self.addresses).give_back(&subscriber(address));
    }

    async fn wait<K, F>(&self, lanes: &Mutex<Lanes<K, F>>, key: &K, from: &F) -> Result<(), Crowded>
    where
        K: Clone + Eq + Hash,
        F: Clone + Eq + Hash,
    {
        let ticket = match lock(lanes).arrive(key, from, self.clock.now()) {
            Arrival::Go => return Ok(()),
            Arrival::Queue(ticket) => ticket,
        };
        let place = Place { lanes, key, ticket };
        loop {
            let turn = lock(lanes).ask(key, &place.ticket, self.clock.now());
            match turn {
                Turn::Go => return Ok(()),
                Turn::Wait(time) => tokio::time::sleep(time).await,
                Turn::Never => return Err(Crowded),
            }
        }
    }
}

/// A place in the queue of a lane, left when it is dropped.
struct Place<'a, K: Clone + Eq + Hash, F: Clone + Eq + Hash> {
    lanes: &'a Mutex<Lanes<K, F>>,
    key: &'a K,
    ticket: Ticket,
}

impl<K: Clone + Eq + Hash, F: Clone + Eq + Hash> Drop for Place<'_, K, F> {
    fn drop(&mut self) {
        lock(self.lanes).leave(self.key, &self.ticket);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Who stands behind an address: of IPv6 the first 64 bits, since one host has all the rest to choose from
/// (RFC 4291, section 2.5.4).
fn subscriber(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 => v4,
    }
}

/// The rules for one user: ten wrong logins at once, then four a second.
pub(crate) const USER: Rules = Rules {
    burst: 10,
    interval: Duration::from_millis(250),
};

/// The rules for one address, which a household or a company may share: fifty wrong logins at once, then twenty a
/// second.
pub(crate) const ADDRESS: Rules = Rules {
    burst: 50,
    interval: Duration::from_millis(50),
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_host_has_one_lane_whatever_address_it_takes() {
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        assert_eq!(
            subscriber(address("2001:db8::1")),
            subscriber(address("2001:db8::ffff:2"))
        );
        assert_ne!(
            subscriber(address("2001:db8::1")),
            subscriber(address("2001:db8:0:1::1"))
        );
        assert_eq!(
            subscriber(address("::ffff:192.0.2.1")),
            address("192.0.2.1")
        );
    }
}
