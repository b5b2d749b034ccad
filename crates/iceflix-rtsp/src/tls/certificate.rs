//! The certificate that players are shown, and its key.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::{self, PemObject as _};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::config::Secure;
use crate::{Error, Sourced};

/// The certificate of the configuration, read anew whenever its files have changed: whoever renews
/// certificates need not tell anybody, and no stream ends for it.
#[derive(Debug)]
pub(crate) struct Certificate {
    files: Secure,
    loaded: Mutex<Loaded>,
}

#[derive(Debug)]
struct Loaded {
    config: Arc<ServerConfig>,
    seen: Stamps,
}

/// Length and time of the last change of both files; `None` where they cannot be told.
type Stamps = [Option<(u64, SystemTime)>; 2];

impl Certificate {
    /// Reads the certificate and the key. Blocks for the disk.
    ///
    /// # Errors
    ///
    /// [`Error::Certificate`] where one of the files cannot be read, or they do not fit together.
    pub(crate) fn load(files: &Secure) -> Result<Self, Error> {
        let seen = stamps(files);
        let config = read(files)?;
        Ok(Self {
            files: files.clone(),
            loaded: Mutex::new(Loaded { config, seen }),
        })
    }

    /// What a new connection is to be served with. Asks the disk whether the files have changed;
    /// where what they hold now is of no use, the old certificate goes on.
    pub(crate) fn current(&self) -> Arc<ServerConfig> {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = stamps(&self.files);
        if seen != loaded.seen {
            // Once for each change, however it turns out.
            loaded.seen = seen;
            match read(&self.files) {
                Ok(config) => {
                    loaded.config = config;
                    tracing::info!("the certificate of RTSP over TLS was read anew");
                }
                Err(error) => tracing::error!(
                    error = %error.in_full(),
                    "the certificate of RTSP over TLS was changed and is of no use; the one of before goes on"
                ),
            }
        }
        Arc::clone(&loaded.config)
    }
}

fn stamps(files: &Secure) -> Stamps {
    [&files.certificate, &files.key].map(|path| {
        let data = fs::metadata(path).ok()?;
        Some((data.len(), data.modified().ok()?))
    })
}

fn read(files: &Secure) -> Result<Arc<ServerConfig>, Error> {
    let Secure {
        certificate, key, ..
    } = files;
    let chain = CertificateDer::pem_file_iter(certificate)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| failed("certificate", certificate, in_words(error)))?;
    if chain.is_empty() {
        let none =
            "it holds none; a PEM file with the whole chain is wanted, the server's own first";
        return Err(failed("certificate", certificate, none.into()));
    }
    let secret = PrivateKeyDer::from_pem_file(key)
        .map_err(|error| failed("private key", key, in_words(error)))?;
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| failed("certificate", certificate, error.into()))?
        .with_no_client_auth()
        .with_single_cert(chain, secret)
        .map_err(|error| failed("private key", key, error.into()))?;
    Ok(Arc::new(config))
}

fn failed(what: &'static str, path: &Path, source: Sourced) -> Error {
    Error::Certificate {
        what,
        path: path.to_owned(),
        source,
    }
}

/// The reader of PEM files says little about what is wrong.
fn in_words(error: pem::Error) -> Sourced {
    match error {
        pem::Error::Io(error) => error.into(),
        pem::Error::NoItemsFound => io::Error::new(
            io::ErrorKind::InvalidData,
            "it holds none in the form of PEM",
        )
        .into(),
        error => error.to_string().into(),
    }
}
