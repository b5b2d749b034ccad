//! Opening a library: what is known is there at once, the rest follows.

use std::{
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, RwLock,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use iceflix_media::{Cancel, MediaId};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, mpsc, oneshot, watch as signal};

use super::{
    Error, Library, Shared, ask,
    keeper::{Keeper, Message, State},
    known::Known,
    line::Line,
    reading::{Media, Reader},
    scan,
    shelf::Shelf,
    watch::Watch,
};

impl Library {
    /// Opens the library of a directory; what is kept about it lies in
    /// `cache`. What is known from before is there when it returns, for 100,000
    /// files in about a second; the rest follows as it is read. The ids of films that
    /// come and go are sent to the receiver: whether one is there is asked of
    /// the library. May be cancelled.
    ///
    /// # Errors
    ///
    /// Where the directory cannot be read.
    pub(crate) async fn open(
        directory: &Path,
        cache: &Path,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let cancel = Cancel::new();
        let reader = Media {
            cancel: cancel.clone(),
        };
        Self::with_reader(directory, cache, Arc::new(reader), cancel).await
    }

    /// The same, with another way to read files; `cancel` ends what is under way.
    pub(super) async fn with_reader(
        directory: &Path,
        cache: &Path,
        reader: Arc<dyn Reader>,
        cancel: Cancel,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let (messages, inbox) = channel();
        let (changes, changed) = mpsc::unbounded_channel();
        let (end, ended) = signal::channel(());
        let (opened, is_open) = oneshot::channel();
        let shared = Arc::new(Shared {
            films: RwLock::default(),
            shelf: Shelf::new(cache.join("index")),
            open: Mutex::default(),
            changes,
        });
        let plan = Plan {
            directory: directory.to_owned(),
            cache: cache.to_owned(),
            shared: Arc::clone(&shared),
            reader,
            messages: messages.clone(),
        };
        // Whatever waits for the disk, this thread does.
        thread::Builder::new()
            .name("library".to_owned())
            .spawn(move || {
                plan.carry_out(opened, &inbox);
                drop(end);
            })
            .map_err(Error::Thread)?;
        let library = Self {
            directory: directory.to_owned(),
            shared,
            messages,
            cancel,
            ended,
            questions: Arc::new(Semaphore::new(ask::AT_ONCE)),
        };
        is_open.await.unwrap_or(Err(Error::Panicked))?;
        Ok((library, changed))
    }
}

/// What the keeper's thread begins with.
struct Plan {
    directory: PathBuf,
    cache: PathBuf,
    shared: Arc<Shared>,
    reader: Arc<dyn Reader>,
    messages: Sender<Message>,
}

impl Plan {
    /// Opens the library, says so, and keeps it until told to stop.
    fn carry_out(self, opened: oneshot::Sender<Result<(), Error>>, inbox: &Receiver<Message>) {
        match self.keeper() {
            Ok(mut keeper) => {
                keeper.begin();
                // Nobody waits any more where the service stops already, and then it is told to stop.
                let _ = opened.send(Ok(()));
                keeper.run(inbox);
            }
            Err(error) => {
                let _ = opened.send(Err(error));
            }
        }
    }

    fn keeper(self) -> Result<Keeper, Error> {
        let Self {
            directory,
            cache,
            shared,
            reader,
            messages,
        } = self;
        let unusable = |source| Error::Directory {
            path: directory.clone(),
            source,
        };
        let root = fs::canonicalize(&directory).map_err(unusable)?;
        fs::read_dir(&root).map_err(unusable)?;
        shared.shelf.sweep();
        let wake = messages.clone();
        let workers = thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Ok(Keeper {
            cache: fs::metadata(&cache)
                .ok()
                .map(|cache| scan::inode_of(&cache)),
            known: Known::open(journal(&cache, &root)),
            watch: Watch::new(&root, move || {
                let _ = wake.send(Message::Changed);
            }),
            line: Line::new(reader, Arc::clone(&shared), workers, messages),
            indexed: shared.shelf.titles(),
            state: State::default(),
            shared,
            root,
        })
    }
}

/// Where what is known about a directory is kept: under a name of fixed length.
fn journal(cache: &Path, root: &Path) -> PathBuf {
    let name = Sha256::digest(root.as_os_str().as_bytes());
    cache.join("known").join(hex::encode(&name[..16]))
}
