//! Three short films for those who have none at hand: drawn and composed here, encoded by
//! GStreamer.
//!
//! They are recognised at a glance and by ear, each by its picture, its title, and its tune; a
//! clock that runs in the picture shows whether playing and seeking are where they should be.

mod encode;
mod picture;
mod sound;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::{Cancel, Error, Progress};

use encode::Encoders;

/// How long each film is, in seconds.
const LENGTH: u64 = 24;

/// One of the films.
struct Sample {
    /// Its title, which is in the picture and is the name of its file.
    title: &'static str,
    picture: picture::Picture,
    tune: sound::Tune,
}

static SAMPLES: [Sample; 3] = [
    Sample {
        title: "Northern Lights",
        picture: picture::northern_lights,
        tune: sound::NORTHERN_LIGHTS,
    },
    Sample {
        title: "High Tide",
        picture: picture::high_tide,
        tune: sound::HIGH_TIDE,
    },
    Sample {
        title: "Carousel",
        picture: picture::carousel,
        tune: sound::CAROUSEL,
    },
];

/// Makes the films that are not yet in `dir`, and returns the paths of all three. Takes a few
/// seconds a film.
///
/// The directory is made if it is not there. A film takes its name only when it is complete; until
/// then it is a hidden file, which goes when this ends early.
///
/// # Errors
///
/// [`Error::MissingPlugin`] where GStreamer lacks an encoder, [`Error::Unwritable`] where the disk
/// refuses, [`Error::Cancelled`].
pub fn make(
    dir: &Path,
    progress: &mut dyn FnMut(Progress),
    cancel: &Cancel,
) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(dir).map_err(Error::unwritable(dir))?;
    let encoders = Encoders::find()?;
    let one = LENGTH * 1_000;
    let total = one * SAMPLES.len() as u64;
    let mut paths = Vec::new();
    for (sample, before) in SAMPLES.iter().zip((0..).step_by(one as usize)) {
        let path = dir.join(format!("{}.mp4", sample.title));
        if !path.exists() {
            let mut progress = |done: Duration| {
                progress(Progress {
                    done: before + done.as_millis() as u64,
                    total,
                })
            };
            encode::film(sample, LENGTH, &encoders, &path, &mut progress, cancel)?;
        }
        progress(Progress {
            done: before + one,
            total,
        });
        paths.push(path);
    }
    Ok(paths)
}
