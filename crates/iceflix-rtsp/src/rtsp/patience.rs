//! How long a connection waits, for what, and how it parts.

use std::io::{self, ErrorKind};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use rtsp_types::StatusCode;
use socket2::SockRef;
use tokio::time::timeout;

use super::answer;
use super::connection::Connection;
use super::outbox::Outbox;
use crate::event::End;

/// How long a connection stays after the server has ended its last session: time to read the
/// goodbye.
const AFTER_GOODBYE: Duration = Duration::from_secs(2);

/// How long, and how far, a peer is listened to after the last word: closing at once would reset
/// the connection under an answer that is still on its way.
const LINGER: (Duration, usize) = (Duration::from_millis(500), 1 << 20);

impl Connection {
    /// When something will have taken too long.
    pub(super) fn deadline(&self) -> Instant {
        let config = &self.shared.config;
        let incomplete = self
            .incomplete_since
            .map(|since| since + config.request_timeout);
        let silence = self
            .sessions
            .iter()
            .map(|session| session.pulse.last() + config.enforced_timeout())
            .min();
        let idle = self
            .sessions
            .is_empty()
            .then(|| match (self.bereft_since, &self.stranger) {
                (Some(since), _) => since.max(self.idle_since) + AFTER_GOODBYE,
                (None, None) => self.idle_since + config.enforced_timeout(),
                (None, Some(_)) => self.idle_since + config.request_timeout,
            });
        incomplete
            .into_iter()
            .chain(silence)
            .chain(idle)
            .min()
            .expect("without sessions there is the idle time")
    }

    /// Something has taken too long. Returns whether to go on.
    pub(super) async fn expire(&mut self) -> io::Result<bool> {
        let now = Instant::now();
        let config = &self.shared.config;
        if self
            .incomplete_since
            .is_some_and(|since| now >= since + config.request_timeout)
        {
            self.outbox.send(&answer::bytes(&answer::plain(
                StatusCode::RequestTimeout,
                None,
            )))?;
            return Ok(false);
        }
        let timeout = config.enforced_timeout();
        if let Some(silent) = self
            .sessions
            .iter()
            .position(|session| now >= session.pulse.last() + timeout)
        {
            self.dismiss(silent, End::Silent).await;
            return Ok(true);
        }
        Ok(now < self.deadline())
    }
}

/// Says that this was the last word, and listens until it has arrived.
pub(super) async fn farewell(outbox: &Outbox) {
    let (time, mut most) = LINGER;
    let listen = async {
        outbox.end()?;
        while !outbox.flush()? {
            outbox.socket().writable().await?;
        }
        SockRef::from(outbox.socket()).shutdown(Shutdown::Write)?;
        let mut unheard = [0; 1_024];
        while most > 0 {
            outbox.socket().readable().await?;
            match outbox.socket().try_read(&mut unheard) {
                Ok(0) => break,
                Ok(len) => most = most.saturating_sub(len),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        io::Result::Ok(())
    };
    // Whether it arrived or not, there is nobody left to tell.
    let _ = timeout(time, listen).await;
}
