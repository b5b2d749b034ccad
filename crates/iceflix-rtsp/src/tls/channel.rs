//! One connection's TLS, without any input or output of its own.

use std::io::{self, ErrorKind, Read, Write};
use std::sync::Arc;

use rustls::{ServerConfig, ServerConnection};

/// What stands between a connection's messages and its socket. It stores no more than what it is
/// given at once.
#[derive(Debug)]
pub(crate) struct Channel(Box<ServerConnection>);

impl Channel {
    /// A channel whose handshake is yet to come.
    ///
    /// # Errors
    ///
    /// What rustls has against the configuration.
    pub(crate) fn new(config: Arc<ServerConfig>) -> io::Result<Self> {
        let mut connection = ServerConnection::new(config).map_err(io::Error::other)?;
        // Whoever sends, sends a batch and then waits: a bound in here would only tear it apart.
        connection.set_buffer_limit(None);
        Ok(Self(Box::new(connection)))
    }

    /// Encrypts a message; [`pull`](Self::pull) has it then.
    pub(crate) fn encrypt(&mut self, message: &[u8]) -> io::Result<()> {
        self.0.writer().write_all(message)
    }

    /// Moves what is to be sent behind the other bytes that wait.
    pub(crate) fn pull(&mut self, to: &mut Vec<u8>) -> io::Result<()> {
        while self.0.wants_write() {
            self.0.write_tls(to)?;
        }
        Ok(())
    }

    /// Takes bytes that have arrived, and appends what was in them. Returns whether the player has
    /// said that there is no more.
    ///
    /// # Errors
    ///
    /// What is no TLS, or no longer; [`pull`](Self::pull) has what to say to it.
    pub(crate) fn decrypt(&mut self, mut arrived: &[u8], to: &mut Vec<u8>) -> io::Result<bool> {
        while !arrived.is_empty() {
            if self.0.read_tls(&mut arrived)? == 0 {
                break;
            }
            self.0
                .process_new_packets()
                .map_err(|error| io::Error::new(ErrorKind::InvalidData, error))?;
            match self.0.reader().read_to_end(to) {
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }

    /// Says that there is no more.
    pub(crate) fn close(&mut self) {
        self.0.send_close_notify();
    }
}
