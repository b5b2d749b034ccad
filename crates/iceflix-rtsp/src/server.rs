//! The server: its door, and its life from binding to the last goodbye.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iceflix_index::Index;
use rtsp_types::StatusCode;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::mount::{Mount, Mounts};
use crate::push::Push;
use crate::rtsp;
use crate::sender::Pool;
use crate::statistics::{Counters, Statistics};
use crate::{Config, Error};

/// How long the door stays shut when the system has no descriptor left for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);

/// How many connections beyond the limit are answered at once.
const REFUSALS: usize = 64;

/// An RTSP server and its RTP senders.
///
/// Nothing can be watched until it is [mounted](Self::mount) or [pushed](Self::push). Dropped, it
/// stops like [`shutdown`](Self::shutdown), but nobody waits for it.
#[derive(Debug)]
pub struct Server {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    door: JoinHandle<()>,
    /// Closed when the last connection is gone.
    gone: mpsc::Receiver<()>,
}

/// What connections, mounts and pushes have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) local: SocketAddr,
    pub(crate) mounts: Mounts,
    pub(crate) strangers: rtsp::Strangers,
    pub(crate) pool: Pool,
    pub(crate) counters: Arc<Counters>,
}

impl Server {
    /// Binds the endpoint, starts the sender threads, and begins to answer.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`] where the endpoint cannot be listened on, [`Error::Sender`] where the
    /// threads cannot start.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with time and I/O enabled.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let endpoint = config.endpoint;
        let failed = |source| Error::Bind { endpoint, source };
        let listener = TcpListener::bind(endpoint).await.map_err(failed)?;
        let local = listener.local_addr().map_err(failed)?;
        let counters = Arc::default();
        let pool = Pool::start(config.sender_threads, local.ip(), &counters)?;
        let shared = Arc::new(Shared {
            config,
            local,
            mounts: Mounts::default(),
            strangers: rtsp::Strangers::default(),
            pool,
            counters,
        });
        let (stop, stopped) = watch::channel(false);
        let (present, gone) = mpsc::channel(1);
        let door = tokio::spawn(open_door(listener, Arc::clone(&shared), stopped, present));
        tracing::info!(%local, threads = shared.config.sender_threads, "RTSP is served");
        Ok(Self {
            shared,
            stop,
            door,
            gone,
        })
    }

    /// Where RTSP is spoken, with the port that was really taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Makes a title watchable for one viewer, under a secret path that is made for it.
    ///
    /// # Panics
    ///
    /// Where the system has no random bytes to give.
    pub fn mount(&self, index: Arc<Index>) -> Mount {
        Mount::new(Arc::clone(&self.shared), index)
    }

    /// Sends a title by RTP to a viewer who does not speak RTSP: the first video track to `port`,
    /// its RTCP to the port above, the first audio track to the two ports above those. A title
    /// without video has its audio at `port`. Sending begins at once, and ends with an RTCP
    /// goodbye.
    ///
    /// The caller answers for `to` being the address of somebody who asked for it.
    ///
    /// # Errors
    ///
    /// [`Error::Port`] where the ports are not between 1 and 65,535, [`Error::Unreachable`] where
    /// no packet can get from the endpoint's address to `to`, [`Error::Index`] where the film's
    /// index cannot be read.
    ///
    /// # Panics
    ///
    /// Where the system has no random bytes to give.
    pub fn push(&self, index: Arc<Index>, to: IpAddr, port: u16) -> Result<Push, Error> {
        Push::start(&self.shared, index, to, port, Duration::ZERO)
    }

    /// Sends the rest of a pushed title to another place, beginning with the last keyframe before
    /// the picture that is due now. The old stream goes on until it is dropped.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push); the old stream is none the worse.
    ///
    /// # Panics
    ///
    /// Where the system has no random bytes to give.
    pub fn redirect(&self, push: &Push, to: IpAddr, port: u16) -> Result<Push, Error> {
        let (index, from) = (Arc::clone(push.index()), push.position());
        Push::start(&self.shared, index, to, port, from)
    }

    /// What the server has done so far.
    pub fn statistics(&self) -> Statistics {
        self.shared.counters.read()
    }

    /// Ends everything in order: no new connections, a goodbye to every viewer, the connections
    /// closed, the threads gone. Takes milliseconds as a rule, and at most about a second for
    /// players that do not close their side. Mounts and pushes that are left are good for nothing
    /// afterwards.
    pub async fn shutdown(mut self) {
        self.stop.send_replace(true);
        // Either it has ended as it was told, or it had panicked before; it is gone.
        let _ = (&mut self.door).await;
        while self.gone.recv().await.is_some() {}
        let shared = Arc::clone(&self.shared);
        if tokio::task::spawn_blocking(move || shared.pool.stop())
            .await
            .is_err()
        {
            tracing::error!("the sender threads could not be waited for");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// Accepts connections until told to stop. `present` is held by every connection as long as it
/// lives.
async fn open_door(
    listener: TcpListener,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
    present: mpsc::Sender<()>,
) {
    loop {
        let accepted = tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((socket, peer)) => admit(socket, peer, &shared, &stop, &present),
            Err(error) => wait_out(&error).await,
        }
    }
}

fn admit(
    socket: TcpStream,
    peer: SocketAddr,
    shared: &Arc<Shared>,
    stop: &watch::Receiver<bool>,
    present: &mpsc::Sender<()>,
) {
    let most = shared.config.max_connections;
    let present = present.clone();
    let counted = Counted::new(shared);
    if counted.number > most && !shared.strangers.send_one_away() {
        tracing::warn!(%peer, most, "refused: as many RTSP connections as are allowed");
        // Those that are told so at once are bounded as well; beyond that, silence must do.
        if counted.number <= most + REFUSALS {
            tokio::spawn(async move {
                rtsp::refuse(socket, StatusCode::ServiceUnavailable).await;
                drop((counted, present));
            });
        }
        return;
    }
    let stranger = shared.strangers.arrive(most);
    let (shared, stop) = (Arc::clone(shared), stop.clone());
    tokio::spawn(async move {
        rtsp::serve(socket, peer, shared, stranger, stop).await;
        drop((counted, present));
    });
}

/// One connection in the count of connections.
struct Counted {
    shared: Arc<Shared>,
    number: usize,
}

impl Counted {
    fn new(shared: &Arc<Shared>) -> Self {
        let number = shared.counters.connections.fetch_add(1, Ordering::Relaxed) + 1;
        Self {
            shared: Arc::clone(shared),
            number,
        }
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.shared
            .counters
            .connections
            .fetch_sub(1, Ordering::Relaxed);
    }
}

async fn wait_out(error: &io::Error) {
    // A connection that was reset before it was accepted is no fault of ours; without descriptors,
    // trying again at once would be a busy loop.
    if error.kind() != io::ErrorKind::ConnectionAborted {
        tracing::error!(%error, "cannot accept RTSP connections for the moment; is the limit of open files too low?");
        tokio::time::sleep(OUT_OF_DESCRIPTORS).await;
    }
}
