//! Where the sockets lie: in a directory of the cache, one for each service.

use std::{
    fs::{self, DirBuilder, File, Permissions},
    io,
    os::{
        fd::AsRawFd as _,
        unix::{
            fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _},
            net::{UnixListener, UnixStream},
        },
    },
    path::{Path, PathBuf},
};

use nix::fcntl::OFlag;
use sha2::{Digest as _, Sha256};
use tracing::debug;

/// How the names of sockets begin; what stands for this machine follows, and
/// the service id.
const PREFIX: &str = "streaming-";

/// Why there is no way to a service, or from one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The directory of the sockets cannot be used.
    #[error("cannot use {}: {source}", path.display())]
    Directory {
        /// The directory.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Somebody else could enter the directory.
    #[error("{} belongs to another user: name a cache directory of your own with IceFlix.CacheDir", path.display())]
    Foreign {
        /// The directory.
        path: PathBuf,
    },
    /// A service is there and does not answer as it should.
    #[error("the streaming service {service} does not answer: {source}")]
    Silent {
        /// Its id.
        service: String,
        /// What came in place of an answer.
        source: io::Error,
    },
}

/// The directory of the sockets of all services that share a cache. Its path is
/// the kernel's for an open directory, because that of a socket must be short.
#[derive(Debug)]
pub(super) struct Place {
    directory: File,
    /// How the names of this machine's sockets begin. Those of another one, in a
    /// home directory that both have, cannot be reached, and live all the same.
    prefix: String,
}

/// The ids of services that were killed: their sockets are there, and nobody
/// listens. A socket stays until [`Dead::buried`] says that nothing else is left.
#[derive(Debug)]
pub(crate) struct Dead {
    place: Place,
    pub(crate) services: Vec<String>,
}

/// The socket of this service; it goes when this is dropped.
#[derive(Debug)]
pub(crate) struct Door {
    place: Place,
    name: String,
    pub(super) listener: UnixListener,
}

impl Place {
    /// The directory in this cache, which is made where it is not there.
    pub(super) fn in_cache(cache: &Path) -> Result<Self, Error> {
        let path = cache.join("control");
        let failed = |source| Error::Directory {
            path: path.clone(),
            source,
        };
        match DirBuilder::new().mode(0o700).create(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed(error));
            }
            _ => {}
        }
        let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
        let opened = File::options()
            .read(true)
            .custom_flags(flags.bits())
            .open(&path);
        let directory = opened.map_err(failed)?;
        let found = directory.metadata().map_err(failed)?;
        if found.uid() != nix::unistd::geteuid().as_raw() && !nix::unistd::geteuid().is_root() {
            return Err(Error::Foreign { path });
        }
        if found.mode() & 0o077 != 0 {
            let mine = Permissions::from_mode(0o700);
            directory.set_permissions(mine).map_err(failed)?;
        }
        let host = nix::unistd::gethostname().unwrap_or_default();
        let host = Sha256::digest(host.as_encoded_bytes());
        Ok(Self {
            directory,
            prefix: format!("{PREFIX}{}-", hex::encode(&host[..4])),
        })
    }

    fn socket_of(&self, service: &str) -> String {
        format!("{}{service}.sock", self.prefix)
    }

    fn id_of<'a>(&self, name: &'a str) -> Option<&'a str> {
        let id = name.strip_prefix(&*self.prefix)?.strip_suffix(".sock")?;
        // Whatever else lies there: names are looked for at the broker by it.
        uuid::Uuid::try_parse(id).is_ok().then_some(id)
    }

    fn is_dead(&self, service: &str) -> bool {
        let answer = UnixStream::connect(self.path(&self.socket_of(service)));
        answer.is_err_and(|error| error.kind() == io::ErrorKind::ConnectionRefused)
    }

    fn path(&self, name: &str) -> PathBuf {
        format!("/proc/self/fd/{}/{name}", self.directory.as_raw_fd()).into()
    }

    /// Connections to the services that live, by their ids, and the ids of those
    /// that do not.
    pub(super) fn knock(&self) -> (Vec<(String, UnixStream)>, Vec<String>) {
        let (mut living, mut dead) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(self.path("")).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let Some(id) = name.to_str().and_then(|name| self.id_of(name)) else {
                continue;
            };
            match UnixStream::connect(self.path(&self.socket_of(id))) {
                Ok(stream) => living.push((id.to_owned(), stream)),
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                    dead.push(id.to_owned());
                }
                Err(error) => debug!(id, %error, "a service cannot be reached"),
            }
        }
        living.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        (living, dead)
    }
}

impl Door {
    /// Opens the door of the service with this id. Those of services that were
    /// killed are found at the same time. Blocks for the disk.
    ///
    /// # Errors
    ///
    /// Where the socket cannot be made.
    pub(crate) fn open(cache: &Path, service: &str) -> Result<(Self, Dead), Error> {
        let dead = Place::in_cache(cache)?;
        let (_, services) = dead.knock();
        let place = Place::in_cache(cache)?;
        let name = place.socket_of(service);
        let bound = UnixListener::bind(place.path(&name));
        let listener = bound.and_then(|listener| {
            listener.set_nonblocking(true)?;
            Ok(listener)
        });
        let listener = listener.map_err(|source| Error::Directory {
            path: cache.join("control"),
            source,
        })?;
        let door = Self {
            place,
            name,
            listener,
        };
        let dead = Dead {
            place: dead,
            services,
        };
        Ok((door, dead))
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        // What stays is taken for that of a killed service, and removed by the next.
        let _ = fs::remove_file(self.place.path(&self.name));
    }
}

impl Dead {
    /// Nothing is left of any of them.
    pub(crate) fn buried(self) {
        // One that was only about to begin to listen lives.
        for service in self.services.iter().filter(|one| self.place.is_dead(one)) {
            let _ = fs::remove_file(self.place.path(&self.place.socket_of(service)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "00000000-0000-4000-8000-000000000001";
    const TWO: &str = "00000000-0000-4000-8000-000000000002";

    #[test]
    fn who_was_killed_is_known_by_the_door_that_nobody_answers() {
        let cache = tempfile::tempdir().expect("a directory");
        let (killed, dead) = Door::open(cache.path(), ONE).expect("opened");
        assert!(dead.services.is_empty());
        let name = killed.name.clone();
        let left = killed.place.path(&name);
        // As a kill leaves it: the socket is there, and its listener is not.
        let copy = cache.path().join("control/copy");
        fs::hard_link(&left, &copy).expect("linked");
        drop(killed);
        fs::rename(&copy, cache.path().join("control").join(name)).expect("renamed");

        let (door, dead) = Door::open(cache.path(), TWO).expect("opened");
        assert_eq!(dead.services, [ONE]);
        dead.buried();
        let (living, dead) = door.place.knock();
        assert_eq!(living.len(), 1);
        assert!(dead.is_empty());
        drop(door);
        assert_eq!(
            fs::read_dir(cache.path().join("control"))
                .expect("read")
                .count(),
            0
        );
    }

    #[test]
    fn a_deep_cache_has_a_door_and_nobody_else_can_enter() {
        let cache = tempfile::tempdir().expect("a directory");
        let deep = cache.path().join("d".repeat(200));
        fs::create_dir(&deep).expect("made");
        fs::create_dir(deep.join("control")).expect("made");
        fs::set_permissions(deep.join("control"), Permissions::from_mode(0o755)).expect("set");
        let (_door, _) = Door::open(&deep, ONE).expect("opened");
        let found = fs::metadata(deep.join("control")).expect("there");
        assert_eq!(found.mode() & 0o777, 0o700);
    }
}
