//! The sending half of an RTSP connection, which answers and interleaved packets share.
//!
//! Two threads write to it: the connection's task its answers, and a sender thread the packets of
//! its streams. A lock around each whole message keeps one from landing in the middle of the other.
//! A sender thread never waits for a slow reader: what the socket did not take of a message is kept
//! here, and the sender is told when it may go on. So no more than one batch is ever stored; the
//! queue of a slow viewer is the film itself.

use std::io::{self, ErrorKind};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::net::TcpStream;
use tokio::sync::Notify;

use crate::tls::Channel;

/// How many bytes that have gone out may still be kept with those that have not.
const MAX_SENT: usize = 64 << 10;

/// Told once when all that was stored has gone out.
pub(crate) type OnceFlushed = Box<dyn FnOnce() + Send>;

pub(crate) struct Outbox {
    socket: TcpStream,
    kept: Mutex<Kept>,
    stored: Notify,
}

#[derive(Default)]
struct Kept {
    rest: Vec<u8>,
    sent: usize,
    waiting: Vec<OnceFlushed>,
    /// What encrypts, on a connection that is secure.
    channel: Option<Channel>,
}

impl Outbox {
    pub(crate) fn new(socket: TcpStream, channel: Option<Channel>) -> Self {
        let kept = Kept {
            channel,
            ..Kept::default()
        };
        Self {
            socket,
            kept: Mutex::new(kept),
            stored: Notify::new(),
        }
    }

    /// The connection, for waiting. Reading and writing go through this type alone.
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// Whether everything has gone out. If not, `once_flushed` is called when it has, by whoever
    /// calls [`flush`](Self::flush).
    pub(crate) fn is_clear_or(&self, once_flushed: impl FnOnce() -> OnceFlushed) -> bool {
        let mut kept = self.lock();
        let clear = kept.is_empty();
        if !clear {
            kept.waiting.push(once_flushed());
        }
        clear
    }

    /// Whether everything has gone out.
    pub(crate) fn is_clear(&self) -> bool {
        self.backlog() == 0
    }

    /// How many bytes wait to go out.
    pub(crate) fn backlog(&self) -> usize {
        let kept = self.lock();
        kept.rest.len() - kept.sent
    }

    /// Sends a whole message, or stores what the socket does not take at once.
    ///
    /// # Errors
    ///
    /// The socket's: the connection is broken.
    pub(crate) fn send(&self, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.lock();
        if let Some(channel) = &mut kept.channel {
            channel.encrypt(bytes)?;
            return self.send_encrypted(kept);
        }
        let taken = if kept.is_empty() {
            self.write(bytes)?
        } else {
            0
        };
        if taken < bytes.len() {
            kept.rest.extend_from_slice(&bytes[taken..]);
            drop(kept);
            self.stored.notify_one();
        }
        Ok(())
    }

    /// Takes what has arrived, into bytes that are behind one another: at most `most` of them, and on
    /// a secure connection those of one record more. Returns whether there can be more to come.
    ///
    /// # Errors
    ///
    /// The socket's: the connection is broken. So it is where a player does not keep to TLS.
    pub(crate) fn receive(&self, to: &mut Vec<u8>, most: usize) -> io::Result<bool> {
        let mut chunk = [0; 4_096];
        let room = chunk.len().min(most);
        let len = match self.socket.try_read(&mut chunk[..room]) {
            Ok(0) => return Ok(false),
            Ok(len) => len,
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        let mut kept = self.lock();
        let Some(channel) = &mut kept.channel else {
            to.extend_from_slice(&chunk[..len]);
            return Ok(true);
        };
        let ended = channel.decrypt(&chunk[..len], to);
        // The handshake goes on, or an alert tells what is wrong.
        let sent = self.send_encrypted(kept);
        let ended = ended?;
        sent.map(|()| !ended)
    }

    /// Says that this was the last word, as far as there are words for that.
    ///
    /// # Errors
    ///
    /// The socket's: the connection is broken.
    pub(crate) fn end(&self) -> io::Result<()> {
        let mut kept = self.lock();
        match &mut kept.channel {
            Some(channel) => {
                channel.close();
                self.send_encrypted(kept)
            }
            None => Ok(()),
        }
    }

    /// Sends what has been encrypted, or stores what the socket does not take at once.
    fn send_encrypted(&self, mut kept: MutexGuard<'_, Kept>) -> io::Result<()> {
        // Who waits for what is stored is told by whoever flushes it.
        let clear = kept.is_empty();
        let Kept { rest, channel, .. } = &mut *kept;
        if let Some(channel) = channel {
            channel.pull(rest)?;
        }
        if !clear || !self.flush_kept(&mut kept)? {
            drop(kept);
            self.stored.notify_one();
        }
        Ok(())
    }

    /// Waits until something is stored that [`flush`](Self::flush) must send. May wake up without a
    /// cause. Safe to cancel.
    pub(crate) async fn stored(&self) {
        self.stored.notified().await;
    }

    /// Sends of what is stored as much as the socket takes, and returns whether that was all.
    ///
    /// # Errors
    ///
    /// The socket's: the connection is broken.
    pub(crate) fn flush(&self) -> io::Result<bool> {
        let mut kept = self.lock();
        if !self.flush_kept(&mut kept)? {
            return Ok(false);
        }
        let waiting = std::mem::take(&mut kept.waiting);
        drop(kept);
        waiting.into_iter().for_each(|once_flushed| once_flushed());
        Ok(true)
    }

    fn flush_kept(&self, kept: &mut Kept) -> io::Result<bool> {
        let sent = self.write(&kept.rest[kept.sent..])?;
        kept.sent += sent;
        if !kept.is_empty() {
            // Whoever reads so that there is always something left must not have all kept.
            if kept.sent >= MAX_SENT {
                kept.rest.drain(..kept.sent);
                kept.sent = 0;
            }
            return Ok(false);
        }
        // Given back as a whole: a viewer who was slow once should not cost a batch's memory for
        // ever.
        (kept.rest, kept.sent) = (Vec::new(), 0);
        Ok(true)
    }

    fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        let mut sent = 0;
        while sent < bytes.len() {
            match self.socket.try_write(&bytes[sent..]) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(some) => sent += some,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(sent)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        // Nothing in here panics half-way, and a broken count of sent bytes would only break this
        // connection.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn is_empty(&self) -> bool {
        self.sent == self.rest.len()
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outbox")
            .field("socket", &self.socket)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use socket2::SockRef;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn who_reads_so_that_something_is_always_left_has_no_more_kept_for_it() {
        const PART: usize = 64 << 10;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let mut reader = std::net::TcpStream::connect(address).expect("a server");
        let (socket, _) = listener.accept().await.expect("a client");
        // The kernel takes less at once than there is.
        let small = SockRef::from(&socket).set_send_buffer_size(PART / 4);
        small.expect("a socket");
        let reading =
            std::thread::spawn(move || std::io::copy(&mut reader.by_ref(), &mut std::io::sink()));
        let outbox = Outbox::new(socket, None);
        let part = vec![0; PART];
        let mut sent = 0;
        while sent < 60 * PART {
            while outbox.backlog() < 4 * PART {
                outbox.send(&part).expect("a connection");
                sent += PART;
            }
            outbox.socket().writable().await.expect("a connection");
            outbox.flush().expect("a connection");
            let kept = outbox.lock().rest.len();
            assert!(kept <= 8 * PART, "{kept} bytes");
        }
        drop(outbox);
        reading.join().expect("no panic").expect("read to the end");
    }
}
