use std::borrow::Cow;

use crate::current::Current;
use crate::encoding::{Decoder, EncodingVersion, open_encapsulation};
use crate::error::Error;

/// A request, while its bytes are there to be read.
pub struct Request<'a> {
    params: Cow<'a, [u8]>,
    current: Current,
}

impl<'a> Request<'a> {
    /// `params` is the encapsulation of the parameters.
    pub(super) fn new(params: &'a [u8], current: Current) -> Self {
        Self {
            params: Cow::Borrowed(params),
            current,
        }
    }

    /// The name of the operation: any bytes, from anybody.
    #[must_use]
    pub fn operation(&self) -> &[u8] {
        self.current.operation_bytes()
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
        let (encoding, body) = open_encapsulation(&self.params)?;
        let mut decoder = Decoder::with_proxies(body, encoding, &self.current);
        let params = decode(&mut decoder)?;
        decoder.finish()?;
        Ok(params)
    }

    /// The encoding that it is answered in.
    pub(super) fn encoding(&self) -> EncodingVersion {
        self.current.encoding()
    }

    /// The encapsulation of the parameters.
    pub(super) fn encapsulation(&self) -> &[u8] {
        &self.params
    }

    /// The circumstances, for who does not answer it.
    pub(super) fn shared_current(&self) -> Current {
        self.current.clone()
    }

    /// A copy of its own of the parameters, for who has to wait before it can be answered.
    pub(super) fn into_owned(self) -> Request<'static> {
        Request {
            params: Cow::Owned(self.params.into_owned()),
            current: self.current,
        }
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
