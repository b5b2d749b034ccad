//! The server: its door, and its life from binding to the last goodbye.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use iceflix_index::Index;
use rtsp_types::StatusCode;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinHandle;

use crate::mount::{Mount, Mounts};
use crate::push::Push;
use crate::rtsp;
use crate::sender::Pool;
use crate::statistics::{Counters, Statistics};
use crate::tls::{Certificate, Channel};
use crate::{Config, Error};

/// How long the door stays shut when the system has no descriptor left for another connection.
const OUT_OF_DESCRIPTORS: Duration = Duration::from_millis(100);

/// How many connections may wait to be accepted, as far as the system allows: one for which there is
/// no room waits for a second or more, among a crowd.
const BACKLOG: u32 = 4_096;

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
    doors: Vec<JoinHandle<()>>,
    /// Closed when the last connection is gone.
    gone: mpsc::Receiver<()>,
}

/// What connections, mounts and pushes have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) config: Config,
    pub(crate) local: SocketAddr,
    /// Where RTSP is spoken over TLS.
    pub(crate) secure: Option<SocketAddr>,
    pub(crate) mounts: Mounts,
    pub(crate) strangers: rtsp::Strangers,
    /// One for each token that is being asked about.
    pub(crate) admissions: Semaphore,
    pub(crate) pool: Pool,
    pub(crate) counters: Arc<Counters>,
}

impl Server {
    /// Binds the endpoint, starts the sender threads, and begins to answer.
    ///
    /// # Errors
    ///
    /// [`Error::Bind`] where an endpoint cannot be listened on, [`Error::Certificate`] where that
    /// for TLS is of no use, [`Error::Sender`] where the threads cannot start.
    ///
    /// # Panics
    ///
    /// Outside of a Tokio runtime with time and I/O enabled.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        let (listener, local) = listen(config.endpoint)?;
        let mut secure = None;
        if let Some(files) = &config.secure {
            let certificate = Arc::new(Certificate::load(files)?);
            let (listener, local) = listen(files.endpoint)?;
            secure = Some((listener, local, certificate));
        }
        let counters = Arc::default();
        let pool = Pool::start(config.sender_threads, local.ip(), &counters)?;
        let shared = Arc::new(Shared {
            config,
            local,
            secure: secure.as_ref().map(|(_, local, _)| *local),
            mounts: Mounts::default(),
            strangers: rtsp::Strangers::default(),
            admissions: Semaphore::new(rtsp::ADMISSIONS),
            pool,
            counters,
        });
        let (stop, stopped) = watch::channel(false);
        let (present, gone) = mpsc::channel(1);
        let open = |listener, certificate| {
            let (shared, stop, present) = (Arc::clone(&shared), stopped.clone(), present.clone());
            let door = Door {
                listener,
                certificate,
                shared,
                stop,
                present,
            };
            tokio::spawn(door.open())
        };
        let mut doors = vec![open(listener, None)];
        tracing::info!(%local, threads = shared.config.sender_threads, "RTSP is served");
        if let Some((listener, local, certificate)) = secure {
            doors.push(open(listener, Some(certificate)));
            tracing::info!(%local, "RTSP is served over TLS");
        }
        drop(present);
        Ok(Self {
            shared,
            stop,
            doors,
            gone,
        })
    }

    /// Where RTSP is spoken, with the port that was really taken.
    pub fn local_addr(&self) -> SocketAddr {
        self.shared.local
    }

    /// Where RTSP is spoken over TLS, if it is, with the port that was really taken.
    pub fn secure_addr(&self) -> Option<SocketAddr> {
        self.shared.secure
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
        for door in &mut self.doors {
            // Either it has ended as it was told, or it had panicked before; it is gone.
            let _ = door.await;
        }
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

/// Takes an endpoint, and tells where that really is.
fn listen(endpoint: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    let failed = |source| Error::Bind { endpoint, source };
    let socket = match endpoint {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let listener = socket.and_then(|socket| {
        // A server that comes back at once must get its port back.
        socket.set_reuseaddr(true)?;
        socket.bind(endpoint)?;
        socket.listen(BACKLOG)
    });
    let listener = listener.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// Where connections come in.
struct Door {
    listener: TcpListener,
    /// For those that are to be secure.
    certificate: Option<Arc<Certificate>>,
    shared: Arc<Shared>,
    stop: watch::Receiver<bool>,
    /// Held by every connection as long as it lives.
    present: mpsc::Sender<()>,
}

impl Door {
    /// Accepts connections until told to stop.
    async fn open(mut self) {
        loop {
            let accepted = tokio::select! {
                _ = self.stop.wait_for(|stop| *stop) => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((socket, peer)) => self.admit(socket, peer),
                Err(error) => wait_out(&error).await,
            }
        }
    }

    fn admit(&self, socket: TcpStream, peer: SocketAddr) {
        let (shared, present) = (Arc::clone(&self.shared), self.present.clone());
        let most = shared.config.max_connections;
        let counted = Counted::new(&shared);
        if counted.number > most && !shared.strangers.send_one_away() {
            tracing::warn!(%peer, most, "refused: as many RTSP connections as are allowed");
            // Those that are told so at once are bounded as well; beyond that, and before a handshake,
            // silence must do.
            if counted.number <= most + REFUSALS && self.certificate.is_none() {
                tokio::spawn(async move {
                    rtsp::refuse(socket, StatusCode::ServiceUnavailable).await;
                    drop((counted, present));
                });
            }
            return;
        }
        let channel = self.certificate.as_ref();
        let channel = match channel
            .map(|known| Channel::new(known.current()))
            .transpose()
        {
            Ok(channel) => channel,
            Err(error) => return tracing::error!(%peer, %error, "TLS cannot begin"),
        };
        let stranger = shared.strangers.arrive(most);
        let stop = self.stop.clone();
        tokio::spawn(async move {
            rtsp::serve(socket, channel, peer, shared, stranger, stop).await;
            drop((counted, present));
        });
    }
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
