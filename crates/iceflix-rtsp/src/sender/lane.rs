//! What the rest of the crate holds of a sender thread and of a stream in it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use iceflix_index::Index;
use tokio::sync::oneshot;

use super::disk::{Disk, Disks};
use super::stream::{NORMAL, Opening};
use crate::Error;
use crate::event::End;
use crate::rtp::Batch;

/// How long a viewer who seeks in a film that is still being indexed is kept waiting; some 800 MB
/// of film are indexed in that time.
const INDEXING: Duration = Duration::from_secs(2);

/// How long a disk may take to show where a film begins.
const DISK: Duration = Duration::from_secs(3);

/// Between two looks at how far the index has come.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What a stream tells its owner.
#[derive(Debug)]
pub(crate) enum Notice {
    /// The film was sent to its end; the stream is parked there.
    Finished,
    /// The stream is over and no longer in its thread.
    Gone(End),
}

/// Where a stream is to go on from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum From {
    /// Where it is; from the beginning if the film was sent to its end.
    Here,
    /// The last keyframe at or before this moment.
    At(Duration),
}

/// A stream that is ready to roll.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cued {
    /// The moment of the film that it goes on from.
    pub(crate) from: Duration,
    /// Where it stops; at the title's end at the latest.
    pub(crate) to: Duration,
    /// The speed that it really goes at: film time for each unit of the wall clock's, negative
    /// backwards.
    pub(crate) scale: f64,
    /// Of each track that is sent: its position in the title, its next sequence number, and the RTP
    /// time of `from`.
    pub(crate) tracks: Vec<(usize, u16, u32)>,
}

/// What a thread is told.
pub(super) enum Command {
    Open(u64, Box<Opening>, Disk),
    Cue(
        u64,
        From,
        Option<Duration>,
        f64,
        oneshot::Sender<Result<Cued, Error>>,
    ),
    Roll(u64),
    Halt(u64, oneshot::Sender<()>),
    /// A batch was filled, or cannot be.
    Fetched(u64, u64, Result<Box<Batch>, Error>),
    /// The stream cannot go on.
    Failed(u64, Error),
    /// The TCP connection that the stream waited for takes bytes again.
    Writable(u64),
    Close(u64, Option<oneshot::Sender<()>>),
    Stop,
}

impl Command {
    /// The stream that it is about.
    pub(super) fn key(&self) -> Option<u64> {
        match *self {
            Self::Open(key, ..)
            | Self::Cue(key, ..)
            | Self::Roll(key)
            | Self::Halt(key, _)
            | Self::Fetched(key, ..)
            | Self::Failed(key, _)
            | Self::Writable(key)
            | Self::Close(key, _) => Some(key),
            Self::Stop => None,
        }
    }
}

/// The way to a sender thread.
#[derive(Debug)]
pub(crate) struct Lane {
    commands: mpsc::Sender<Command>,
    waker: mio::Waker,
    ports: (u16, u16),
    streams: AtomicUsize,
    disks: Arc<Disks>,
}

impl Lane {
    pub(super) fn new(
        commands: mpsc::Sender<Command>,
        waker: mio::Waker,
        ports: (u16, u16),
        disks: Arc<Disks>,
    ) -> Self {
        Self {
            commands,
            waker,
            ports,
            streams: AtomicUsize::new(0),
            disks,
        }
    }

    /// The UDP ports that its RTP and RTCP leave from.
    pub(crate) fn ports(&self) -> (u16, u16) {
        self.ports
    }

    /// How many streams it has.
    pub(crate) fn load(&self) -> usize {
        self.streams.load(Ordering::Relaxed)
    }

    /// Hands a stream to the thread. It stays there, parked, until the ticket is dropped or it ends
    /// by itself.
    pub(crate) fn open(self: &Arc<Self>, key: u64, opening: Opening) -> Ticket {
        self.streams.fetch_add(1, Ordering::Relaxed);
        let index = Arc::clone(&opening.index);
        let disk = self.disk(&index);
        self.tell(Command::Open(key, Box::new(opening), disk.clone()));
        Ticket {
            lane: Arc::clone(self),
            key,
            index,
            disk,
        }
    }

    /// The disk that a film lies on.
    pub(super) fn disk(&self, index: &Index) -> Disk {
        self.disks.of(index)
    }

    /// Gives back the batch `number` of the stream `key`.
    pub(super) fn fetched(&self, key: u64, number: u64, outcome: Result<Box<Batch>, Error>) {
        self.tell(Command::Fetched(key, number, outcome));
    }

    /// Says that the stream `key` cannot go on.
    pub(super) fn failed(&self, key: u64, error: Error) {
        self.tell(Command::Failed(key, error));
    }

    /// Says that the stream `key` may write to its TCP connection again.
    pub(super) fn writable(&self, key: u64) {
        self.tell(Command::Writable(key));
    }

    pub(super) fn stop(&self) {
        self.tell(Command::Stop);
    }

    fn tell(&self, command: Command) {
        // A thread that is gone has ended its streams, so nobody misses what it is no longer told.
        if self.commands.send(command).is_ok()
            && let Err(error) = self.waker.wake()
        {
            tracing::error!(%error, "a sender thread could not be woken");
        }
    }
}

/// A stream in a sender thread. Dropped, it ends the stream with a goodbye to the viewer.
#[derive(Debug)]
pub(crate) struct Ticket {
    lane: Arc<Lane>,
    key: u64,
    index: Arc<Index>,
    disk: Disk,
}

impl Ticket {
    /// Moves the stream to where it shall go on, and parks it there; `From::Here` leaves it rolling
    /// if it does and has that speed already. `to` is where to stop: the title's end, or the
    /// beginning if it goes backwards, if it is `None` and the stream is moved. `scale` is the
    /// speed that is wished for, finite and not 0; see [`Cued::scale`]. Where the index is still
    /// being made it is waited for, some seconds at most.
    ///
    /// # Errors
    ///
    /// The index's, [`Error::NotIndexed`] where it has not come so far, [`Error::Disk`] where the
    /// disk does not answer, and [`Error::Stopped`] where the stream is already over. Safe to
    /// cancel.
    pub(crate) async fn cue(
        &self,
        from: From,
        to: Option<Duration>,
        scale: f64,
    ) -> Result<Cued, Error> {
        if let From::At(moment) = from {
            self.indexed(moment).await?;
        }
        self.warm_up(from).await?;
        let (reply, cued) = oneshot::channel();
        self.lane
            .tell(Command::Cue(self.key, from, to, scale, reply));
        cued.await.unwrap_or(Err(Error::Stopped))
    }

    /// Waits until the index has come to this moment of the film.
    async fn indexed(&self, moment: Duration) -> Result<(), Error> {
        // The beginning is there, or comes before anything else.
        if moment.is_zero() {
            return Ok(());
        }
        let begun = Instant::now();
        while !self.index.knows(moment)? {
            if begun.elapsed() > INDEXING {
                return Err(Error::NotIndexed { moment });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    /// Has what the stream will read first read by somebody who may wait for it. What goes wrong
    /// there, the stream will come to as well.
    async fn warm_up(&self, from: From) -> Result<(), Error> {
        let moment = match from {
            From::Here => Duration::ZERO,
            From::At(moment) => moment,
        };
        let index = Arc::clone(&self.index);
        let (reply, done) = oneshot::channel();
        self.disk.run(move || {
            for point in [Duration::ZERO, moment].map(|moment| index.seek(moment)) {
                let mut cursor = match point {
                    Ok(Some(point)) => index.cursor_at(&point),
                    _ => index.cursor(),
                };
                let _the_stream_will_see = cursor.next(&index).is_ok();
            }
            let _nobody_waits = reply.send(());
        });
        match tokio::time::timeout(DISK, done).await {
            Ok(_done) => Ok(()),
            Err(_) => Err(Error::Disk),
        }
    }

    /// As [`cue`](Self::cue), for somebody who need not know what comes of it.
    pub(crate) fn move_to(&self, to: Duration) {
        let (reply, _nobody_waits) = oneshot::channel();
        self.lane
            .tell(Command::Cue(self.key, From::At(to), None, NORMAL, reply));
    }

    /// Lets packets flow from where the stream was cued.
    pub(crate) fn roll(&self) {
        self.lane.tell(Command::Roll(self.key));
    }

    /// Parks the stream where it is. When this returns, nothing is sent any more.
    pub(crate) async fn halt(&self) {
        let (reply, halted) = oneshot::channel();
        self.lane.tell(Command::Halt(self.key, reply));
        let _over_already = halted.await;
    }

    /// Ends the stream, and returns when its goodbye is sent.
    pub(crate) async fn close(self) {
        let (reply, closed) = oneshot::channel();
        self.lane.tell(Command::Close(self.key, Some(reply)));
        let _over_already = closed.await;
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.lane.streams.fetch_sub(1, Ordering::Relaxed);
        self.lane.tell(Command::Close(self.key, None));
    }
}
