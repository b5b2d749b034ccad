//! One RTSP connection, from its first byte to its last.

use std::future::ready;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rtsp_types::StatusCode;
use socket2::{SockRef, TcpKeepalive};
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::sleep_until;

use super::answer::{self, Then};
use super::login::Logins;
use super::outbox::Outbox;
use super::parse::{Fault, MAX_MESSAGE, Malformed, Parsed, parse};
use super::patience::farewell;
use super::session::{Session, Word};
use super::strangers::Stranger;
use crate::event::{End, Event};
use crate::rtcp;
use crate::sender::{Notice, Place};
use crate::server::Shared;
use crate::tls::Channel;

/// No request is read while more than this waits to go out: a player that asks and asks without
/// ever reading gets no memory for it.
const MAX_BACKLOG: usize = 256 << 10;

/// How long requests are answered in a row before everything else has its turn.
const MAX_ANSWERING: Duration = Duration::from_millis(5);

/// How much of the kernel's own queue may lie unsent. The rest of what a slow viewer has not taken
/// stays in the film, where it can still be left out.
const MAX_UNSENT: u32 = 256 << 10;

/// Speaks RTSP until the player leaves, or must.
pub(crate) async fn serve(
    socket: TcpStream,
    channel: Option<Channel>,
    peer: SocketAddr,
    shared: Arc<Shared>,
    stranger: Stranger,
    mut stop: watch::Receiver<bool>,
) {
    let peer = SocketAddr::new(peer.ip().to_canonical(), peer.port());
    let mut connection = match Connection::new(socket, channel, peer, shared, stranger) {
        Ok(connection) => connection,
        Err(error) => return tracing::debug!(%peer, %error, "connection lost at once"),
    };
    let parting = tokio::select! {
        parting = connection.run() => parting,
        // Also in the middle of an answer, which others may let wait.
        () = told_to(&mut stop) => Ok(End::Withdrawn),
    };
    let end = parting.as_ref().cloned().unwrap_or(End::Closed);
    for session in std::mem::take(&mut connection.sessions) {
        session.close(end.clone()).await;
    }
    match parting {
        Ok(_) => farewell(&connection.outbox).await,
        Err(error) => tracing::debug!(%peer, %error, "connection lost"),
    }
}

/// Tells a player that there is no room, without keeping the connection.
pub(crate) async fn refuse(socket: TcpStream, status: StatusCode) {
    let outbox = Outbox::new(socket, None);
    if outbox
        .send(&answer::bytes(&answer::plain(status, None)))
        .is_ok()
    {
        farewell(&outbox).await;
    }
}

/// The connection's own state; its sessions end with it.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) outbox: Arc<Outbox>,
    /// Nobody can read along.
    pub(super) is_secure: bool,
    pub(super) peer: SocketAddr,
    /// Our end, as the player reached it.
    pub(super) local: SocketAddr,
    pub(super) sessions: Vec<Session>,
    pub(super) logins: Logins,
    /// For others, to tell this connection something about its sessions.
    pub(super) words: mpsc::UnboundedSender<Word>,
    pub(super) heard: mpsc::UnboundedReceiver<Word>,
    /// Until it has shown a path that exists.
    pub(super) stranger: Option<Stranger>,
    pub(super) received: Vec<u8>,
    /// `received` may hold a whole message.
    pub(super) is_unread: bool,
    /// Since when the message at the beginning of `received` has been incomplete.
    pub(super) incomplete_since: Option<Instant>,
    /// Since when there has been no session and no request.
    pub(super) idle_since: Instant,
    /// When the server ended the last session.
    pub(super) bereft_since: Option<Instant>,
}

impl Connection {
    fn new(
        socket: TcpStream,
        channel: Option<Channel>,
        peer: SocketAddr,
        shared: Arc<Shared>,
        stranger: Stranger,
    ) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        let options = SockRef::from(&socket);
        options.set_tcp_notsent_lowat(MAX_UNSENT)?;
        let silence = shared.config.enforced_timeout();
        options.set_tcp_user_timeout(Some(silence))?;
        options.set_tcp_keepalive(&TcpKeepalive::new().with_time(silence))?;
        let local = socket.local_addr()?;
        let (words, heard) = mpsc::unbounded_channel();
        Ok(Self {
            shared,
            is_secure: channel.is_some(),
            outbox: Arc::new(Outbox::new(socket, channel)),
            peer,
            local,
            sessions: Vec::new(),
            logins: Logins::default(),
            words,
            heard,
            stranger: Some(stranger),
            received: Vec::new(),
            is_unread: false,
            incomplete_since: None,
            idle_since: Instant::now(),
            bereft_since: None,
        })
    }

    /// Reads, answers and waits; returns why the sessions that are left end.
    async fn run(&mut self) -> io::Result<End> {
        let outbox = Arc::clone(&self.outbox);
        loop {
            let clear = outbox.is_clear();
            let deadline = self.deadline();
            let has_room = outbox.backlog() < MAX_BACKLOG;
            let (answering, listening) = (self.is_unread && has_room, !self.is_unread && has_room);
            tokio::select! {
                // Whatever a player sends, and however much of it, comes last: the rest must have its
                // turn.
                biased;
                () = Stranger::sent_away(self.stranger.as_ref()) => {
                    tracing::debug!(peer = %self.peer, "sent away to make room");
                    return Err(ErrorKind::QuotaExceeded.into());
                }
                Some(word) = self.heard.recv() => self.hear(word).await,
                () = outbox.stored(), if clear => {}
                ready = outbox.socket().writable(), if !clear => {
                    ready?;
                    outbox.flush()?;
                }
                () = sleep_until(deadline.into()) => {
                    if !self.expire().await? {
                        return Ok(End::Silent);
                    }
                }
                () = ready(()), if answering => {
                    if !self.read_messages().await? {
                        return Ok(End::Closed);
                    }
                }
                ready = outbox.socket().readable(), if listening => {
                    ready?;
                    if !self.receive()? && !self.is_unread {
                        return Ok(End::Closed);
                    }
                }
            }
        }
    }

    /// Takes what has arrived. Returns whether the player's side is still open.
    fn receive(&mut self) -> io::Result<bool> {
        let before = self.received.len();
        let most = MAX_MESSAGE.saturating_sub(before);
        let is_open = self.outbox.receive(&mut self.received, most)?;
        self.is_unread |= self.received.len() > before;
        Ok(is_open)
    }

    /// Answers the messages that are whole, as many as there is time for. Returns whether to go on.
    async fn read_messages(&mut self) -> io::Result<bool> {
        let received = std::mem::take(&mut self.received);
        let mut rest = received.as_slice();
        let mut go_on = true;
        let begun = Instant::now();
        self.is_unread = false;
        while go_on {
            if self.outbox.backlog() >= MAX_BACKLOG || begun.elapsed() > MAX_ANSWERING {
                self.is_unread = true;
                break;
            }
            let used = match parse(rest) {
                Parsed::Incomplete => break,
                Parsed::Nothing(used) => used,
                Parsed::Frame(channel, used) => {
                    self.frame(channel, &rest[4..used]);
                    used
                }
                Parsed::Request(request, used) => {
                    self.heartbeat();
                    let answer = self.answer(&request).await;
                    tracing::debug!(peer = %self.peer, method = ?request.method(), status = %answer.response.status(), "answered");
                    self.outbox.send(&answer::bytes(&answer))?;
                    go_on = !self.logins.is_hopeless();
                    if let Then::Roll(id) = answer.then {
                        self.roll(&id);
                    }
                    used
                }
                Parsed::Malformed(malformed) => {
                    self.complain(&malformed)?;
                    go_on = malformed.skip.is_some();
                    malformed.skip.unwrap_or(rest.len())
                }
            };
            rest = &rest[used..];
            self.incomplete_since = None;
        }
        if !rest.is_empty() {
            self.incomplete_since.get_or_insert_with(Instant::now);
            self.received = rest.to_vec();
        }
        Ok(go_on)
    }

    fn complain(&self, malformed: &Malformed) -> io::Result<()> {
        let status = match malformed.fault {
            Fault::Syntax => StatusCode::BadRequest,
            Fault::Version => StatusCode::RTSPVersionNotSupported,
            Fault::LongHead | Fault::LongBody => StatusCode::RequestMessageBodyTooLarge,
        };
        tracing::debug!(peer = %self.peer, fault = ?malformed.fault, "a request that cannot be understood");
        self.outbox
            .send(&answer::bytes(&answer::plain(status, malformed.cseq)))
    }

    fn roll(&mut self, id: &str) {
        if let Some(session) = self.sessions.iter().find(|session| session.id == id)
            && let Some(ticket) = session.ticket()
        {
            ticket.roll();
            tracing::info!(mount = session.seat.mount(), session = session.key, peer = %self.peer, "playing");
            session.seat.tell(Event::Started);
        }
    }

    /// An interleaved frame: a receiver's report, if anything.
    fn frame(&mut self, channel: u8, payload: &[u8]) {
        let session = self.sessions.iter().find(|session| {
            session
                .places()
                .any(|place| matches!(place, Place::Channels { rtcp, .. } if rtcp == channel))
        });
        if let Some(session) = session.filter(|_| rtcp::is_from_receiver(payload)) {
            session.pulse.beat(Instant::now());
        }
    }

    /// A request is a sign of life for all sessions of the connection.
    fn heartbeat(&mut self) {
        let now = Instant::now();
        self.idle_since = now;
        self.sessions
            .iter()
            .for_each(|session| session.pulse.beat(now));
    }

    async fn hear(&mut self, word: Word) {
        let (Word::Notice(key, _) | Word::Unmounted(key)) = word;
        let Some(position) = self.sessions.iter().position(|session| session.key == key) else {
            return;
        };
        match word {
            Word::Notice(_, Notice::Finished) => self.sessions[position].seat.tell(Event::Finished),
            Word::Notice(_, Notice::Gone(end)) => self.dismiss(position, end).await,
            Word::Unmounted(_) => self.dismiss(position, End::Withdrawn).await,
        }
    }

    /// Ends a session that the viewer did not end.
    pub(super) async fn dismiss(&mut self, position: usize, end: End) {
        let session = self.sessions.swap_remove(position);
        session.close(end).await;
        if self.sessions.is_empty() {
            self.bereft_since = Some(Instant::now());
        }
    }
}

/// Waits until the server stops, or is gone.
async fn told_to(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
