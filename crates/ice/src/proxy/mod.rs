//! Proxies: what stands for an object that may be anywhere.

pub(crate) mod invocation;
mod mode;
mod options;
mod prx;
mod raw;

use std::fmt;
use std::hash::{Hash, Hasher};

pub use mode::{EndpointSelection, InvocationMode};
pub use prx::Prx;

use crate::encoding::{Encoder, EncodingVersion, ProxyReader};
use crate::error::Error;

/// A proxy that says nothing of its object's type. Cloning counts a reference.
///
/// Everything that a proxy can do is in the trait [`Prx`], which typed proxies have as well.
#[derive(Clone)]
pub struct ObjectPrx {
    pub(crate) sys: ice_sys::Proxy,
}

impl ObjectPrx {
    pub(crate) fn new(sys: ice_sys::Proxy) -> Self {
        Self { sys }
    }

    /// Writes the encoded form into a message.
    pub(crate) fn encode_into(&self, to: &mut Encoder) {
        match self.sys.write(to.encoding().minor()) {
            Ok(bytes) => to.raw(&bytes),
            Err(failure) => to.fail(Error::from(failure)),
        }
    }
}

impl Prx for ObjectPrx {
    const TYPE_ID: &'static str = "::Ice::Object";

    fn from_object(object: ObjectPrx) -> Self {
        object
    }

    fn as_object(&self) -> &ObjectPrx {
        self
    }
}

/// The string form, which `Communicator::string_to_proxy` reads.
impl fmt::Display for ObjectPrx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.sys.to_text() {
            Ok(text) => f.write_str(&text),
            Err(failure) => write!(f, "({failure})"),
        }
    }
}

impl fmt::Debug for ObjectPrx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ObjectPrx({self})")
    }
}

/// Equal are proxies of the same identity, facet, options and endpoints.
impl PartialEq for ObjectPrx {
    fn eq(&self, other: &Self) -> bool {
        self.sys.same(&other.sys)
    }
}

impl Eq for ObjectPrx {}

impl Hash for ObjectPrx {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u32(self.sys.hash_value());
    }
}

/// Makes the proxies of a reply: they belong to the communicator of the proxy that was called.
impl ProxyReader for ice_sys::Call {
    fn read(
        &self,
        encoding: EncodingVersion,
        bytes: &[u8],
    ) -> Result<(Option<ObjectPrx>, usize), Error> {
        self.proxy().communicator()?.read(encoding, bytes)
    }
}

impl ProxyReader for ice_sys::Communicator {
    fn read(
        &self,
        encoding: EncodingVersion,
        bytes: &[u8],
    ) -> Result<(Option<ObjectPrx>, usize), Error> {
        let (proxy, taken) = self.read_proxy(encoding.minor(), bytes)?;
        Ok((proxy.map(ObjectPrx::new), taken))
    }
}
