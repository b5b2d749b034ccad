//! The library on real files and directories.

mod changes;
mod films;
mod indexes;
mod restarts;
mod several;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use iceflix_index::{Index, Kind, Title, Track, Writer};
use iceflix_media::{Begun, Cancel, Error, MediaId};
use tempfile::TempDir;
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};

use super::{Config, Eyes, Library, Missing, reading::Reader};

/// Longer than anything here takes, so that a test that fails ends.
const AT_MOST: Duration = Duration::from_secs(20);

/// How often a test looks for what nobody tells it.
const LOOK: Duration = Duration::from_millis(20);

/// Takes every file for a film that begins with "film", and counts.
#[derive(Debug, Default)]
struct Counting {
    identified: AtomicUsize,
    indexed: AtomicUsize,
    /// How often files cannot be read at first.
    unreadable: AtomicUsize,
    /// How often indexes cannot be made at first.
    broken: AtomicUsize,
    /// Whether indexes can be played for long before they are made.
    slow: AtomicBool,
}

impl Reader for Counting {
    fn identify(&self, film: &Path, _: &dyn Fn(u64)) -> Result<MediaId, Error> {
        self.identified.fetch_add(1, SeqCst);
        let unreadable = |source| Error::Unreadable {
            path: film.to_owned(),
            source,
        };
        if used_up(&self.unreadable) {
            return Err(unreadable(std::io::ErrorKind::PermissionDenied.into()));
        }
        let bytes = fs::read(film).map_err(unreadable)?;
        if !bytes.starts_with(b"film") {
            return Err(Error::NotVideo {
                path: film.to_owned(),
                found: "it does not begin with \"film\"".into(),
            });
        }
        Ok(id_of(&bytes))
    }

    fn index(&self, film: &Path, into: &Path, begun: Begun, _: &dyn Fn(u64)) -> Result<(), Error> {
        self.indexed.fetch_add(1, SeqCst);
        if used_up(&self.broken) {
            return Err(Error::Engine {
                reason: "the test said so".into(),
            });
        }
        let title = Title {
            source_len: fs::metadata(film).expect("metadata").len(),
            duration: Duration::from_secs(1),
            tracks: vec![Track {
                kind: Kind::Video,
                encoding: "H264".into(),
                clock_rate: 90_000,
                channels: None,
                payload_type: 96,
                fmtp: vec![],
                language: None,
                name: None,
                bit_rate: None,
            }],
        };
        let mut writer = Writer::create(into, title).expect("begun");
        if self.slow.load(SeqCst) {
            begun(writer.share(film).expect("shared"));
            while self.slow.load(SeqCst) {
                std::thread::sleep(LOOK);
            }
        }
        writer.finish().expect("finished");
        Ok(())
    }
}

/// Counts down; whether there was something left.
fn used_up(left: &AtomicUsize) -> bool {
    left.fetch_update(SeqCst, SeqCst, |left| left.checked_sub(1))
        .is_ok()
}

fn id_of(bytes: &[u8]) -> MediaId {
    use sha2::Digest as _;
    hex::encode(sha2::Sha256::digest(bytes))
        .parse()
        .expect("an id")
}

/// A directory of films, and a cache for it.
struct Place {
    top: TempDir,
    reader: Arc<Counting>,
}

impl Place {
    fn new() -> Self {
        let top = tempfile::tempdir().expect("a directory");
        fs::create_dir_all(top.path().join("films")).expect("a directory");
        Self {
            top,
            reader: Arc::default(),
        }
    }

    fn films(&self) -> PathBuf {
        self.top.path().join("films")
    }

    fn cache(&self) -> PathBuf {
        self.top.path().join("cache")
    }

    /// Writes a file among the films, and returns the id that it has if it is one.
    fn put(&self, name: &str, content: &str) -> MediaId {
        let path = self.films().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("directories");
        fs::write(path, content).expect("written");
        id_of(content.as_bytes())
    }

    fn config(&self) -> Config {
        Config {
            cache: self.cache(),
            cache_size: None,
            eyes: Eyes::default(),
        }
    }

    async fn open(&self) -> Running {
        self.open_with(&[self.films()], self.config()).await
    }

    async fn open_with(&self, directories: &[PathBuf], config: Config) -> Running {
        let opened =
            Library::with_reader(directories, config, self.reader.clone(), Cancel::new()).await;
        let (library, changes) = opened.expect("opened");
        Running {
            library: Arc::new(library),
            changes,
        }
    }

    fn identified(&self) -> usize {
        self.reader.identified.load(SeqCst)
    }

    fn indexed(&self) -> usize {
        self.reader.indexed.load(SeqCst)
    }
}

struct Running {
    library: Arc<Library>,
    changes: UnboundedReceiver<MediaId>,
}

impl Running {
    /// Waits until a film is there, and nothing is being read any more.
    async fn comes(&mut self, id: MediaId) {
        self.until(|library| library.name(id).is_some() && library.unread() == 0)
            .await;
    }

    async fn has(&self, id: MediaId) -> bool {
        self.library.has(id).await
    }

    async fn take(&self, id: MediaId) -> Result<Arc<Index>, Missing> {
        self.library.take(id).await
    }

    /// Waits until a film is not there.
    async fn goes(&mut self, id: MediaId) {
        self.until(|library| library.name(id).is_none()).await;
    }

    /// Waits, from one change to the next; what is told by none is looked for
    /// in between.
    async fn until(&mut self, holds: impl Fn(&Library) -> bool) {
        let end = Instant::now() + AT_MOST;
        while !holds(&self.library) {
            assert!(Instant::now() < end, "nothing changed for too long");
            let _ = timeout(LOOK, self.changes.recv()).await;
        }
    }

    /// The changes so far.
    fn told(&mut self) -> usize {
        std::iter::from_fn(|| self.changes.try_recv().ok()).count()
    }
}
