//! Titles that can be watched, each under a secret path.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use iceflix_index::Index;
use sha2::{Digest, Sha256};
use tokio::sync::{broadcast, mpsc};

use crate::event::{End, Event, Events};
use crate::random;
use crate::rtsp::Word;
use crate::server::Shared;

/// A title that can be watched under a secret URL, until this is dropped: then its sessions end
/// with an RTCP goodbye, and the path is unknown again.
pub struct Mount {
    shared: Arc<Shared>,
    entry: Arc<Entry>,
    secret: String,
    events: Events,
}

impl Mount {
    pub(crate) fn new(shared: Arc<Shared>, index: Arc<Index>) -> Self {
        // 128 bits: beyond guessing, however many mounts there are.
        let secret = random::hex::<16>();
        let entry = shared.mounts.insert(&secret, index);
        let events = Events::new(entry.events.subscribe());
        Self {
            shared,
            entry,
            secret,
            events,
        }
    }

    /// The secret path: a slash and 32 hexadecimal digits. Whoever knows it can watch, so it
    /// belongs into no log.
    pub fn path(&self) -> String {
        format!("/{}", self.secret)
    }

    /// The URL for a viewer who reaches this server as `host`: a name, or an address (that of IPv6
    /// in brackets). As secret as the path.
    pub fn url(&self, host: &str) -> String {
        format!("rtsp://{host}:{}/{}", self.shared.local.port(), self.secret)
    }

    /// The same over TLS, if the server speaks that.
    pub fn secure_url(&self, host: &str) -> Option<String> {
        let port = self.shared.secure?.port();
        Some(format!("rtsps://{host}:{port}/{}", self.secret))
    }

    /// A number that names this mount in logs, where the path must not stand.
    pub fn number(&self) -> u64 {
        self.entry.number
    }

    /// How many sessions there are now, from their SETUP to their end, whether they play or not. One
    /// whose [`Event::Ended`] was told is no longer among them.
    pub fn viewers(&self) -> usize {
        self.entry.guests().words.len()
    }

    /// What happens to this mount's sessions, from now on; independent of
    /// [`next_event`](Self::next_event).
    pub fn events(&self) -> Events {
        Events::new(self.entry.events.subscribe())
    }

    /// The next thing that happens to this mount's sessions. Waits for it; safe to cancel.
    pub async fn next_event(&mut self) -> Option<Event> {
        self.events.next().await
    }
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the path: what is written for debugging ends up in logs.
        f.debug_struct("Mount")
            .field("number", &self.number())
            .field("viewers", &self.viewers())
            .finish_non_exhaustive()
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        self.shared.mounts.remove(&self.secret);
        self.entry.close();
    }
}

/// What a path leads to.
#[derive(Debug)]
pub(crate) struct Entry {
    number: u64,
    index: Arc<Index>,
    events: broadcast::Sender<Event>,
    guests: Mutex<Guests>,
}

/// The sessions that are to be told when the mount goes.
#[derive(Debug, Default)]
struct Guests {
    closed: bool,
    words: HashMap<u64, mpsc::UnboundedSender<Word>>,
}

impl Entry {
    pub(crate) fn index(&self) -> &Arc<Index> {
        &self.index
    }

    /// Its number in logs and in SDP.
    pub(crate) fn number(&self) -> u64 {
        self.number
    }

    /// A seat for the session `key`, which will be told by `words` when the mount goes; `None`
    /// where all `most` seats are taken.
    pub(crate) fn seat(
        self: &Arc<Self>,
        key: u64,
        words: mpsc::UnboundedSender<Word>,
        most: usize,
    ) -> Option<Seat> {
        let mut guests = self.guests();
        if guests.closed || guests.words.len() >= most {
            return None;
        }
        guests.words.insert(key, words);
        Some(Seat {
            entry: Arc::clone(self),
            key,
        })
    }

    fn close(&self) {
        let mut guests = self.guests();
        guests.closed = true;
        for (key, words) in &guests.words {
            let _connection_is_gone = words.send(Word::Unmounted(*key));
        }
    }

    fn guests(&self) -> MutexGuard<'_, Guests> {
        self.guests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session's place at a mount; free again when dropped.
#[derive(Debug)]
pub(crate) struct Seat {
    entry: Arc<Entry>,
    key: u64,
}

impl Seat {
    pub(crate) fn index(&self) -> &Arc<Index> {
        &self.entry.index
    }

    /// The mount's number in logs.
    pub(crate) fn mount(&self) -> u64 {
        self.entry.number
    }

    pub(crate) fn is_at(&self, entry: &Arc<Entry>) -> bool {
        Arc::ptr_eq(&self.entry, entry)
    }

    /// Tells the mount's owner, who need not listen.
    pub(crate) fn tell(&self, event: Event) {
        let _nobody_listens = self.entry.events.send(event);
    }

    /// Gives the seat back, and then tells the mount's owner why: who hears of it finds it free.
    pub(crate) fn leave(self, end: End) {
        let entry = Arc::clone(&self.entry);
        drop(self);
        let _nobody_listens = entry.events.send(Event::Ended(end));
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.entry.guests().words.remove(&self.key);
    }
}

/// All mounts. They are found by the SHA-256 of their secret, so that the time of a look-up tells a
/// guesser nothing about how much of a guess was right.
#[derive(Debug, Default)]
pub(crate) struct Mounts {
    entries: RwLock<HashMap<[u8; 32], Arc<Entry>>>,
    numbers: AtomicUsize,
}

impl Mounts {
    /// What this path leads to.
    pub(crate) fn find(&self, secret: &str) -> Option<Arc<Entry>> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        entries.get(&digest(secret)).cloned()
    }

    fn insert(&self, secret: &str, index: Arc<Index>) -> Arc<Entry> {
        let number = self.numbers.fetch_add(1, Ordering::Relaxed) as u64 + 1;
        let entry = Arc::new(Entry {
            number,
            index,
            events: Events::channel(),
            guests: Mutex::default(),
        });
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        entries.insert(digest(secret), Arc::clone(&entry));
        entry
    }

    fn remove(&self, secret: &str) {
        self.entries
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&digest(secret));
    }
}

fn digest(secret: &str) -> [u8; 32] {
    Sha256::digest(secret.as_bytes()).into()
}
