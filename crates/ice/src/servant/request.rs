use crate::current::Current;
use crate::encoding::{Decoder, open_encapsulation};
use crate::error::Error;

/// A request, while its bytes are there to be read.
pub struct Request<'a> {
    incoming: &'a ice_sys::Incoming<'a>,
    communicator: &'a ice_sys::Communicator,
    current: Current,
}

impl<'a> Request<'a> {
    pub(super) fn new(
        incoming: &'a ice_sys::Incoming<'a>,
        communicator: &'a ice_sys::Communicator,
        current: Current,
    ) -> Self {
        Self {
            incoming,
            communicator,
            current,
        }
    }

    /// The name of the operation: any bytes, from anybody.
    #[must_use]
    pub fn operation(&self) -> &[u8] {
        self.incoming.operation()
    }

    /// Reads the parameters, to the last byte.
    ///
    /// # Errors
    ///
    /// Of the group `Marshal`, where they do not decode.
    pub fn params<T>(
        &self,
        decode: impl FnOnce(&mut Decoder<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (encoding, body) = open_encapsulation(self.incoming.params())?;
        let mut decoder = Decoder::with_proxies(body, encoding, self.communicator);
        let params = decode(&mut decoder)?;
        decoder.finish()?;
        Ok(params)
    }

    /// The circumstances, to keep.
    #[must_use]
    pub fn current(self) -> Current {
        self.current
    }
}

impl std::fmt::Debug for Request<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request")
            .field("current", &self.current)
            .finish_non_exhaustive()
    }
}
