//! The object that is called.

use ice::{Communicator, Current, Error, Identity};

use crate::Answer;
use crate::slice::bench::{Target, TargetServant};

const LARGEST: usize = 1_000_000;

struct Film(Vec<u8>);

impl Target for Film {
    async fn empty(&self, _: &Current) -> Result<(), Error> {
        Ok(())
    }

    async fn get(&self, size: i32, _: &Current) -> Result<Vec<u8>, Error> {
        let part = usize::try_from(size)
            .ok()
            .and_then(|size| self.0.get(..size));
        part.map(<[u8]>::to_vec)
            .ok_or_else(|| Error::unknown("the film is not that long"))
    }

    async fn put(&self, _: Vec<u8>, _: &Current) -> Result<(), Error> {
        Ok(())
    }
}

/// Serves it, and tells its proxy.
pub(crate) fn serve(communicator: &Communicator) -> Answer {
    let adapter = communicator.create_adapter_with_endpoints("Bench", "tcp -h 127.0.0.1")?;
    let servant = TargetServant::new(Film(vec![7; LARGEST]));
    let proxy = adapter.add(servant, Identity::new("target"))?;
    adapter.activate()?;
    Ok(proxy.to_string())
}
