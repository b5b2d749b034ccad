//! A sender thread: sleep until a packet is due or somebody says something, then do that.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant, SystemTime};

use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::lane::{Command, Lane, Notice};
use super::route::Place;
use super::stream::{Next, Stream};
use super::udp::{Ports, canonical};
use crate::event::End;
use crate::rtcp::{self, NtpTime};
use crate::rtp::Batch;
use crate::statistics::Counters;

/// What the poll calls the command channel.
pub(super) const COMMANDS: Token = Token(2);

/// Packets that are read from a port before streams get their turn again: nobody's flood of reports
/// may stop a film.
const MAX_RECEIVED: usize = 256;

/// What a stream's turn needs of its thread.
pub(super) struct Surroundings<'a> {
    pub(super) batch: &'a mut Batch,
    pub(super) ports: &'a Ports,
    pub(super) counters: &'a Counters,
    pub(super) lane: &'a Arc<Lane>,
    /// The stream's own name in this thread.
    pub(super) key: u64,
    clock: &'a Clock,
}

impl Surroundings<'_> {
    /// A moment of the monotonic clock on the wall.
    pub(super) fn wall(&self, now: Instant) -> NtpTime {
        NtpTime::new(
            self.clock.wall,
            now.saturating_duration_since(self.clock.monotonic),
        )
    }
}

/// Both clocks at one moment. Reports go by the monotonic one from there, so that a step of the
/// wall clock does not tear a stream's tracks apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    monotonic: Instant,
    wall: SystemTime,
}

impl Clock {
    pub(super) fn now() -> Self {
        Self {
            monotonic: Instant::now(),
            wall: SystemTime::now(),
        }
    }
}

pub(super) struct Worker {
    poll: Poll,
    commands: mpsc::Receiver<Command>,
    lane: Arc<Lane>,
    ports: Ports,
    counters: Arc<Counters>,
    clock: Clock,
    batch: Batch,
    streams: HashMap<u64, Entry>,
    /// The moments at which streams want a turn. An entry whose stream has changed its mind is
    /// passed over.
    turns: BinaryHeap<Reverse<(Instant, u64)>>,
    /// Whose ports these are, of viewers by UDP.
    viewers: HashMap<SocketAddr, u64>,
    stopping: bool,
}

struct Entry {
    stream: Stream,
    turn: Option<Instant>,
}

impl Worker {
    pub(super) fn new(
        poll: Poll,
        commands: mpsc::Receiver<Command>,
        lane: Arc<Lane>,
        ports: Ports,
        counters: Arc<Counters>,
    ) -> io::Result<Self> {
        for (number, descriptor) in ports.descriptors().iter().enumerate() {
            poll.registry().register(
                &mut SourceFd(descriptor),
                Token(number),
                Interest::READABLE,
            )?;
        }
        Ok(Self {
            poll,
            commands,
            lane,
            ports,
            counters,
            clock: Clock::now(),
            batch: Batch::default(),
            streams: HashMap::new(),
            turns: BinaryHeap::new(),
            viewers: HashMap::new(),
            stopping: false,
        })
    }

    /// Works until it is told to stop, then says goodbye to every viewer.
    pub(super) fn run(mut self) {
        // What fails in a stream ends that one. If anything else does, all of them end, and the
        // thread begins anew for those that come.
        while catch_unwind(AssertUnwindSafe(|| self.work())).is_err() {
            tracing::error!("a sender thread panicked; its streams end. This is a defect of it");
            self.close_all(&panicked());
        }
        self.close_all(&End::Withdrawn);
    }

    fn close_all(&mut self, end: &End) {
        let keys: Vec<u64> = self.streams.keys().copied().collect();
        for key in keys {
            self.close(key, end.clone());
        }
    }

    fn work(&mut self) {
        let mut events = Events::with_capacity(16);
        while !self.stopping {
            let sleep = self
                .turns
                .peek()
                .map(|Reverse((turn, _))| turn.saturating_duration_since(Instant::now()));
            match self.poll.poll(&mut events, sleep) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    tracing::error!(%error, "a sender thread cannot wait; its streams end");
                    return;
                }
            }
            if events.iter().any(|event| event.token() != COMMANDS) {
                self.listen();
            }
            while let Ok(command) = self.commands.try_recv() {
                let key = command.key();
                // A fault of ours in one stream must not end the others.
                if catch_unwind(AssertUnwindSafe(|| self.obey(command))).is_err()
                    && let Some(key) = key
                {
                    self.close(key, panicked());
                }
            }
            self.take_turns();
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Open(key, opening, disk) => {
                let stream = Stream::new(*opening, disk, now);
                for leg in stream.legs() {
                    if let Place::Ports { rtp, rtcp } = leg.place {
                        self.viewers.insert(canonical(rtp), key);
                        self.viewers.insert(canonical(rtcp), key);
                    }
                }
                self.counters.streams.fetch_add(1, Ordering::Relaxed);
                self.streams.insert(key, Entry { stream, turn: None });
            }
            Command::Cue(key, from, to, scale, reply) => {
                if let Some(entry) = self.streams.get_mut(&key) {
                    let _nobody_waits = reply.send(entry.stream.cue(from, to, scale, now));
                }
            }
            Command::Roll(key) => self.with(key, |stream| stream.roll(now)),
            Command::Halt(key, reply) => {
                self.with(key, |stream| {
                    stream.halt(now);
                    Next::Parked
                });
                let _nobody_waits = reply.send(());
            }
            Command::Fetched(key, number, outcome) => {
                let entry = self.streams.get_mut(&key);
                let next = entry.and_then(|entry| entry.stream.fetched(number, outcome, now));
                if let Some(next) = next {
                    self.plan(key, next);
                }
            }
            Command::Failed(key, error) => self.close(key, End::Failed(error.in_full())),
            Command::Writable(key) => self.with(key, |stream| stream.unblock(now)),
            Command::Close(key, reply) => {
                self.close(key, End::Withdrawn);
                if let Some(reply) = reply {
                    let _nobody_waits = reply.send(());
                }
            }
            Command::Stop => self.stopping = true,
        }
    }

    fn with(&mut self, key: u64, change: impl FnOnce(&mut Stream) -> Next) {
        if let Some(entry) = self.streams.get_mut(&key) {
            let next = change(&mut entry.stream);
            self.plan(key, next);
        }
    }

    fn plan(&mut self, key: u64, next: Next) {
        let turn = match next {
            Next::At(turn) => Some(turn),
            Next::Parked => None,
            Next::Gone(end) => return self.close(key, end),
        };
        if let Some(entry) = self.streams.get_mut(&key) {
            entry.turn = turn;
            self.turns.extend(turn.map(|turn| Reverse((turn, key))));
        }
    }

    /// Gives a turn to every stream that is due, each at most once: what is due again at once waits
    /// for the commands.
    fn take_turns(&mut self) {
        let now = Instant::now();
        while let Some(&Reverse((turn, key))) = self.turns.peek() {
            if turn > now {
                return;
            }
            self.turns.pop();
            let Some(entry) = self
                .streams
                .get_mut(&key)
                .filter(|entry| entry.turn == Some(turn))
            else {
                continue;
            };
            let mut around = Surroundings {
                batch: &mut self.batch,
                ports: &self.ports,
                counters: &self.counters,
                lane: &self.lane,
                key,
                clock: &self.clock,
            };
            let stream = &mut entry.stream;
            // Read anew: the turns before this one took their time. A fault of ours in one stream
            // must not end the others.
            let turn = catch_unwind(AssertUnwindSafe(|| {
                stream.turn(Instant::now(), &mut around)
            }));
            let next = match turn {
                Ok(Next::At(again)) => Next::At(again.max(now + Duration::from_nanos(1))),
                Ok(next) => next,
                Err(_) => Next::Gone(panicked()),
            };
            self.plan(key, next);
        }
    }

    fn close(&mut self, key: u64, end: End) {
        let Some(mut entry) = self.streams.remove(&key) else {
            return;
        };
        self.counters.streams.fetch_sub(1, Ordering::Relaxed);
        for leg in entry.stream.legs() {
            if let Place::Ports { rtp, rtcp } = leg.place {
                for port in [canonical(rtp), canonical(rtcp)] {
                    if self.viewers.get(&port) == Some(&key) {
                        self.viewers.remove(&port);
                    }
                }
            }
        }
        let mut around = Surroundings {
            batch: &mut self.batch,
            ports: &self.ports,
            counters: &self.counters,
            lane: &self.lane,
            key,
            clock: &self.clock,
        };
        let last_words = || {
            let _cannot_be_told = entry.stream.goodbye(Instant::now(), &mut around);
        };
        if catch_unwind(AssertUnwindSafe(last_words)).is_err() {
            tracing::error!("saying goodbye to a viewer panicked; this is a defect of the sender");
        }
        entry.stream.notify(Notice::Gone(end));
    }

    /// Hears what viewers and the network have to say.
    fn listen(&mut self) {
        let now = Instant::now();
        let mut buffer = [0; 2_048];
        for _ in 0..MAX_RECEIVED {
            let Some((len, from)) = self.ports.receive(&mut buffer) else {
                break;
            };
            let Some(entry) = self
                .viewers
                .get(&from)
                .and_then(|key| self.streams.get_mut(key))
            else {
                continue;
            };
            if rtcp::is_from_receiver(&buffer[..len]) {
                entry.stream.hear(now);
            }
        }
        for _ in 0..MAX_RECEIVED {
            let Some(viewer) = self.ports.undelivered() else {
                break;
            };
            let Some(&key) = self.viewers.get(&viewer) else {
                continue;
            };
            if self
                .streams
                .get_mut(&key)
                .is_some_and(|entry| entry.stream.undelivered(now))
            {
                self.close(key, End::Unreachable);
            }
        }
        self.ports.discard(&mut buffer, MAX_RECEIVED);
    }
}

fn panicked() -> End {
    End::Failed("the sender panicked; this is a defect of it".into())
}
