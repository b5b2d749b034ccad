//! Opening a library: what is known is there at once, the rest follows.

use std::{
    fs,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, RwLock,
        atomic::AtomicUsize,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
};

use futures_util::future::try_join_all;
use iceflix_media::{Cancel, MediaId};
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::{Semaphore, mpsc, oneshot, watch as signal},
    task::spawn_blocking,
};
use tracing::info;

use super::{
    Error, Library, ask,
    keeper::{Keeper, Message, State},
    known::Known,
    line::Line,
    reading::{Media, Reader},
    root::{Root, Shared},
    scan,
    shelf::Shelf,
    watch::{Eyes, Watch},
};

/// How a library is kept.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    /// What is kept about the films lies here.
    pub(crate) cache: PathBuf,
    /// How many bytes the indexes in there may take; `None`: a tenth of the disk.
    pub(crate) cache_size: Option<u64>,
    /// How changes are noticed.
    pub(crate) eyes: Eyes,
}

impl Library {
    /// Opens the library of these directories. What is known from before is there
    /// when it returns, for 100,000 files in about a second; the rest follows as
    /// it is read. The ids of films that come and go are sent to the receiver:
    /// whether one is there is asked of the library. May be cancelled.
    ///
    /// # Errors
    ///
    /// Where one of the directories cannot be read.
    pub(crate) async fn open(
        directories: &[PathBuf],
        config: Config,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let cancel = Cancel::new();
        let reader = Media {
            cancel: cancel.clone(),
        };
        Self::with_reader(directories, config, Arc::new(reader), cancel).await
    }

    /// The same, with another way to read files; `cancel` ends what is under way.
    pub(super) async fn with_reader(
        directories: &[PathBuf],
        config: Config,
        reader: Arc<dyn Reader>,
        cancel: Cancel,
    ) -> Result<(Self, mpsc::UnboundedReceiver<MediaId>), Error> {
        let (changes, changed) = mpsc::unbounded_channel();
        let shelf = Arc::new(Shelf::new(config.cache.join("index"), config.cache_size));
        let directories = each_once(directories.to_vec()).await?;
        let roots = directories.into_iter().map(|directory| {
            let shared = Arc::new(Shared {
                films: RwLock::default(),
                shelf: Arc::clone(&shelf),
                changes: changes.clone(),
                unread: AtomicUsize::new(0),
            });
            open_root(
                directory,
                config.clone(),
                shared,
                Arc::clone(&reader),
                cancel.clone(),
            )
        });
        let roots = try_join_all(roots).await?;
        // Nobody waits for it: to count many thousands takes a while.
        let tidied = thread::Builder::new().name("index-shelf".to_owned());
        tidied.spawn(move || shelf.tidy()).map_err(Error::Thread)?;
        Ok((Self { roots, cancel }, changed))
    }
}

/// Leaves out directories that lie below others, or are the same: their files
/// would be found twice.
async fn each_once(directories: Vec<PathBuf>) -> Result<Vec<PathBuf>, Error> {
    let found = spawn_blocking(move || {
        let real = |path: PathBuf| match fs::canonicalize(&path) {
            Ok(real) => Ok((path, real)),
            Err(source) => Err(Error::Directory { path, source }),
        };
        directories
            .into_iter()
            .map(real)
            .collect::<Result<Vec<_>, _>>()
    });
    let found = found.await.map_err(|_| Error::Panicked)??;
    let is_within = |at: usize| {
        let (_, real) = &found[at];
        found.iter().enumerate().any(|(other, (_, above))| {
            other != at && real.starts_with(above) && (real != above || other < at)
        })
    };
    let mut kept = Vec::new();
    for (at, (directory, _)) in found.iter().enumerate() {
        if is_within(at) {
            info!(
                ?directory,
                "it lies within another directory that is named: it is not looked at twice"
            );
        } else {
            kept.push(directory.clone());
        }
    }
    Ok(kept)
}

/// Opens one directory.
async fn open_root(
    directory: PathBuf,
    config: Config,
    shared: Arc<Shared>,
    reader: Arc<dyn Reader>,
    cancel: Cancel,
) -> Result<Arc<Root>, Error> {
    let (messages, inbox) = channel();
    let (end, ended) = signal::channel(());
    let (opened, is_open) = oneshot::channel();
    let plan = Plan {
        directory: directory.clone(),
        config,
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
    let root = Arc::new(Root {
        directory,
        shared,
        messages,
        cancel,
        ended,
        questions: Arc::new(Semaphore::new(ask::AT_ONCE)),
    });
    is_open.await.unwrap_or(Err(Error::Panicked))?;
    Ok(root)
}

/// What the keeper's thread begins with.
struct Plan {
    directory: PathBuf,
    config: Config,
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
            config: Config { cache, eyes, .. },
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
            watch: Watch::new(&root, &eyes, move || {
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
