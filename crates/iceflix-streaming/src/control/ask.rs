//! The side of the administrator.

use std::{
    io::{self, BufRead as _, BufReader, Read as _, Write as _},
    os::unix::net::UnixStream,
    path::Path,
    time::Duration,
};

use super::{
    Answer, Question,
    place::{Error, Place},
};

/// How long a service may take to answer.
const WITHIN: Duration = Duration::from_secs(10);

/// The longest answer, in bytes: a million files with long names.
const LONGEST: u64 = 1 << 30;

/// A Streaming service that runs on this machine, for this user.
#[derive(Debug)]
pub struct Service {
    /// Its service id.
    pub id: String,
    stream: UnixStream,
}

/// The services that keep this cache directory, by their ids. Blocks.
///
/// # Errors
///
/// Where the directory cannot be read, or is another user's.
pub fn services(cache: &Path) -> Result<Vec<Service>, Error> {
    let (living, _) = Place::in_cache(cache)?.knock();
    let services = living.into_iter();
    Ok(services
        .map(|(id, stream)| Service { id, stream })
        .collect())
}

/// Asks one of them. Blocks for ten seconds at the most.
///
/// # Errors
///
/// Where it does not answer, or answers something else.
pub fn ask(service: Service, question: &Question) -> Result<Answer, Error> {
    let Service { id, stream } = service;
    talk(stream, question).map_err(|source| Error::Silent {
        service: id,
        source,
    })
}

fn talk(mut stream: UnixStream, question: &Question) -> io::Result<Answer> {
    stream.set_read_timeout(Some(WITHIN))?;
    stream.set_write_timeout(Some(WITHIN))?;
    let mut text = serde_json::to_vec(question)?;
    text.push(b'\n');
    stream.write_all(&text)?;
    let mut line = Vec::new();
    BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut line)?;
    if line.is_empty() {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(serde_json::from_slice(&line)?)
}
