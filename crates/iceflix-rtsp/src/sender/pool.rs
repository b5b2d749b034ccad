//! All sender threads of a server.

use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::{self, JoinHandle};

use super::disk::Disks;
use super::lane::Lane;
use super::udp::Ports;
use super::worker::{COMMANDS, Worker};
use crate::Error;
use crate::statistics::Counters;

/// The threads. Dropped, they end their streams with a goodbye and stop by themselves.
#[derive(Debug)]
pub(crate) struct Pool {
    lanes: Vec<Arc<Lane>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    next_key: AtomicU64,
}

impl Pool {
    /// Starts `threads` of them, each with a pair of ports on `address`.
    ///
    /// # Errors
    ///
    /// [`Error::Sender`] where the system has no ports, descriptors or threads left.
    pub(crate) fn start(
        threads: usize,
        address: IpAddr,
        counters: &Arc<Counters>,
    ) -> Result<Self, Error> {
        let disks = Arc::default();
        let mut pool = Self {
            lanes: Vec::new(),
            threads: Mutex::default(),
            next_key: AtomicU64::new(1),
        };
        for number in 0..threads.max(1) {
            let (lane, thread) =
                start_one(number, address, Arc::clone(counters), Arc::clone(&disks))?;
            pool.lanes.push(lane);
            pool.threads
                .get_mut()
                .unwrap_or_else(PoisonError::into_inner)
                .push(thread);
        }
        Ok(pool)
    }

    /// The thread with the fewest streams.
    pub(crate) fn lightest(&self) -> &Arc<Lane> {
        self.lanes
            .iter()
            .min_by_key(|lane| lane.load())
            .expect("there is at least one thread")
    }

    /// A name for a stream that no other has or had.
    pub(crate) fn next_key(&self) -> u64 {
        self.next_key.fetch_add(1, Ordering::Relaxed)
    }

    /// Ends all streams with a goodbye, and waits until the threads are gone: milliseconds. Blocks.
    pub(crate) fn stop(&self) {
        self.lanes.iter().for_each(|lane| lane.stop());
        let threads =
            std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            if thread.join().is_err() {
                tracing::error!("a sender thread had panicked");
            }
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.lanes.iter().for_each(|lane| lane.stop());
    }
}

fn start_one(
    number: usize,
    address: IpAddr,
    counters: Arc<Counters>,
    disks: Arc<Disks>,
) -> Result<(Arc<Lane>, JoinHandle<()>), Error> {
    let failed = |what| move |source: io::Error| Error::Sender { what, source };
    let ports = Ports::bind(address).map_err(failed("open a pair of UDP ports"))?;
    let poll = mio::Poll::new().map_err(failed("open a poll descriptor"))?;
    let waker =
        mio::Waker::new(poll.registry(), COMMANDS).map_err(failed("open an event descriptor"))?;
    let (commands, orders) = mpsc::channel();
    let lane = Arc::new(Lane::new(commands, waker, ports.numbers(), disks));
    let worker = Worker::new(poll, orders, Arc::clone(&lane), ports, counters)
        .map_err(failed("watch its UDP ports"))?;
    let thread = thread::Builder::new()
        .name(format!("rtp-{number}"))
        .spawn(move || worker.run());
    Ok((lane, thread.map_err(failed("start a thread"))?))
}
