use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;

use crate::adapter::Adapter;
use crate::connection::Connection;
use crate::encoding::{EncodingVersion, ProxyReader};
use crate::error::Error;
use crate::identity::Identity;
use crate::proxy::ObjectPrx;
use crate::servant::Dispatches;

/// Whether repeating a call could do harm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OperationMode {
    /// It could: the runtime never sends it twice.
    #[default]
    Normal,
    /// It could not, and the operation changes nothing (`["nonmutating"]`, of Slice from before 3.0).
    Nonmutating,
    /// It could not: `idempotent` in Slice.
    Idempotent,
}

impl OperationMode {
    pub(crate) fn wire(self) -> u8 {
        self as u8
    }

    fn from_wire(mode: u8) -> Self {
        match mode {
            1 => Self::Nonmutating,
            2 => Self::Idempotent,
            _ => Self::Normal,
        }
    }
}

/// The circumstances of a request, as its servant sees them.
///
/// Names, context and mode were said by the peer. Names that are not UTF-8 appear with replacement characters. Nothing is
/// copied before it is asked for. Cloning counts a reference.
#[derive(Clone)]
pub struct Current {
    sys: ice_sys::Current,
    dispatches: Dispatches,
}

impl Current {
    pub(crate) fn new(sys: ice_sys::Current, dispatches: Dispatches) -> Self {
        Self { sys, dispatches }
    }

    pub(crate) fn operation_bytes(&self) -> &[u8] {
        self.sys.operation()
    }

    /// A number that no other living connection has; 0 within the process.
    pub(crate) fn connection_key(&self) -> usize {
        self.sys.connection_key()
    }

    /// The identity of the object that was called.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let (name, category) = self.sys.identity();
        Identity {
            name: String::from_utf8_lossy(name).into_owned(),
            category: String::from_utf8_lossy(category).into_owned(),
        }
    }

    /// The operation that was called.
    #[must_use]
    pub fn operation(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.sys.operation())
    }

    /// The facet that was called; empty for the default one.
    #[must_use]
    pub fn facet(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.sys.facet())
    }

    /// The context that came with the request.
    #[must_use]
    pub fn context(&self) -> BTreeMap<String, String> {
        let entries = self.sys.context().unwrap_or_default();
        entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect()
    }

    /// How the caller declares the operation.
    #[must_use]
    pub fn mode(&self) -> OperationMode {
        OperationMode::from_wire(self.sys.mode())
    }

    /// The encoding of the parameters, and so of the results.
    #[must_use]
    pub fn encoding(&self) -> EncodingVersion {
        if self.sys.encoding_minor() == 0 {
            EncodingVersion::V1_0
        } else {
            EncodingVersion::V1_1
        }
    }

    /// The number of the request on its connection; 0 where the caller wants no answer.
    #[must_use]
    pub fn request_id(&self) -> i32 {
        self.sys.request_id()
    }

    /// The adapter that the request came in by.
    #[must_use]
    pub fn adapter(&self) -> Adapter {
        Adapter::new(self.sys.adapter(), self.dispatches.clone())
    }

    /// The connection that the request came over; `None` where the caller is in this process.
    #[must_use]
    pub fn connection(&self) -> Option<Connection> {
        self.sys.connection().map(Connection::new)
    }

    /// The address of the caller; `None` where it is in this process, or gone already.
    #[must_use]
    pub fn remote_address(&self) -> Option<SocketAddr> {
        self.connection()?.remote_address()
    }
}

/// Makes the proxies of a request: they belong to the communicator of the adapter.
impl ProxyReader for Current {
    fn read(
        &self,
        encoding: EncodingVersion,
        bytes: &[u8],
    ) -> Result<(Option<ObjectPrx>, usize), Error> {
        self.sys.communicator()?.read(encoding, bytes)
    }
}

impl fmt::Debug for Current {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Current")
            .field("identity", &self.identity())
            .field("facet", &self.facet())
            .field("operation", &self.operation())
            .field("remote_address", &self.remote_address())
            .finish_non_exhaustive()
    }
}
