//! Picture and tune become a file.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use gstreamer as gst;
use gstreamer::prelude::*;
use gstreamer_app::AppSrc;

use super::Sample;
use super::picture::WIDE;
use super::sound::RATE;
use crate::{Cancel, Error, plugins};

/// Pictures a second.
const FRAMES: u64 = 25;

/// Size of the picture as it is drawn, in pixels. It is made larger by GStreamer, which costs
/// nothing: nothing in it is sharp.
const DRAWN: [usize; 2] = [160, 90];

/// How much of the picture may wait for the encoder, in bytes.
const AHEAD: u64 = 4 << 20;

/// How long the encoder may take for the pictures that wait.
const PATIENCE: gst::ClockTime = gst::ClockTime::from_seconds(60);

/// An encoder, its Debian package, and how it is set.
type Encoder = (&'static str, &'static str, &'static str);

/// Encoders of H.264, the best first; a keyframe every two seconds.
const VIDEO: [Encoder; 2] = [
    (
        "x264enc",
        "gstreamer1.0-plugins-ugly",
        "pass=qual quantizer=20 key-int-max=50 bframes=2 speed-preset=veryfast trellis=false ! video/x-h264,profile=high",
    ),
    (
        "openh264enc",
        "gstreamer1.0-plugins-bad",
        "bitrate=1200000 gop-size=50 complexity=medium",
    ),
];

/// Encoders of AAC, likewise.
const AUDIO: [Encoder; 3] = [
    ("fdkaacenc", "gstreamer1.0-plugins-bad", "bitrate=128000"),
    ("avenc_aac", "gstreamer1.0-libav", "bitrate=128000"),
    ("voaacenc", "gstreamer1.0-plugins-bad", "bitrate=128000"),
];

/// What else the pipeline is made of.
const NEEDED: [(&str, &str); 10] = [
    ("appsrc", "gstreamer1.0-plugins-base"),
    ("videoconvert", "gstreamer1.0-plugins-base"),
    ("videoscale", "gstreamer1.0-plugins-base"),
    ("audioconvert", "gstreamer1.0-plugins-base"),
    ("textoverlay", "gstreamer1.0-plugins-base"),
    ("timeoverlay", "gstreamer1.0-plugins-base"),
    ("h264parse", "gstreamer1.0-plugins-bad"),
    ("aacparse", "gstreamer1.0-plugins-good"),
    ("mp4mux", "gstreamer1.0-plugins-good"),
    ("filesink", "libgstreamer1.0-0"),
];

/// The encoders that are there, of picture and of sound.
pub(super) struct Encoders {
    video: &'static Encoder,
    audio: &'static Encoder,
}

impl Encoders {
    /// Looks for everything that the pipeline is made of.
    pub(super) fn find() -> Result<Self, Error> {
        gst::init().map_err(Error::engine)?;
        NEEDED
            .iter()
            .try_for_each(|(element, package)| plugins::need(element, package))?;
        Ok(Self {
            video: choose(&VIDEO)?,
            audio: choose(&AUDIO)?,
        })
    }
}

/// Makes the film `sample`, as the file `path`, so many seconds long.
pub(super) fn film(
    sample: &Sample,
    seconds: u64,
    encoders: &Encoders,
    path: &Path,
    progress: &mut dyn FnMut(Duration),
    cancel: &Cancel,
) -> Result<(), Error> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let partial = tempfile::Builder::new()
        .prefix(".")
        .suffix(".mp4.partial")
        .permissions(Permissions::from_mode(0o644))
        .tempfile_in(dir)
        .map_err(Error::unwritable(dir))?;
    let encoding = Encoding::start(sample.title, encoders, partial.path())?;
    let outcome = encoding
        .feed(sample, seconds, path, progress, cancel)
        .and_then(|()| encoding.finish(path));
    drop(encoding);
    outcome?;
    partial
        .as_file()
        .sync_all()
        .map_err(Error::unwritable(path))?;
    partial
        .persist(path)
        .map_err(|error| Error::unwritable(path)(error.error))?;
    Ok(())
}

/// A pipeline that encodes a film. Dropping it ends its threads.
struct Encoding {
    pipeline: gst::Pipeline,
    video: AppSrc,
    audio: AppSrc,
}

impl Encoding {
    fn start(title: &str, encoders: &Encoders, path: &Path) -> Result<Self, Error> {
        let [video, audio] = [encoders.video, encoders.audio]
            .map(|(element, _, settings)| format!("{element} {settings}"));
        let [width, height] = DRAWN;
        // All text but the title is our own; the title and the path are set as properties, where
        // they need no quoting.
        let description = format!(
            "appsrc name=video format=time block=true max-bytes={AHEAD} \
                 caps=video/x-raw,format=RGB,width={width},height={height},framerate={FRAMES}/1,pixel-aspect-ratio=1/1 \
             ! videoconvert ! videoscale method=lanczos ! video/x-raw,format=I420,width=640,height=360 \
             ! textoverlay name=title font-desc=\"Sans Bold 30\" halignment=left valignment=bottom xpad=28 ypad=20 \
             ! timeoverlay font-desc=\"Monospace Bold 14\" halignment=right valignment=top xpad=20 ypad=16 \
             ! {video} ! h264parse ! queue ! mp4mux name=mux ! filesink name=file \
             appsrc name=audio format=time max-bytes=0 \
                 caps=audio/x-raw,format=S16LE,layout=interleaved,rate={RATE},channels=2 \
             ! audioconvert ! {audio} ! aacparse ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0 ! mux."
        );
        let pipeline = gst::parse::launch(&description).map_err(Error::engine)?;
        let pipeline = pipeline
            .downcast::<gst::Pipeline>()
            .map_err(|_| Error::engine("no pipeline"))?;
        let named = |name: &str| {
            pipeline
                .by_name(name)
                .ok_or_else(|| Error::engine(format!("no element {name}")))
        };
        named("title")?.set_property("text", title);
        named("file")?.set_property("location", path);
        let source = |name: &str| {
            named(name)?
                .downcast::<AppSrc>()
                .map_err(|_| Error::engine("no source"))
        };
        let encoding = Self {
            video: source("video")?,
            audio: source("audio")?,
            pipeline: pipeline.clone(),
        };
        pipeline
            .set_state(gst::State::Playing)
            .map_err(Error::engine)?;
        Ok(encoding)
    }

    /// Draws and plays the film.
    fn feed(
        &self,
        sample: &Sample,
        seconds: u64,
        path: &Path,
        progress: &mut dyn FnMut(Duration),
        cancel: &Cancel,
    ) -> Result<(), Error> {
        let sound = sample.tune.play(seconds as usize);
        let bytes: Vec<u8> = sound.into_iter().flat_map(i16::to_le_bytes).collect();
        for (second, bytes) in (0..).zip(bytes.chunks(RATE * 4)) {
            let (start, length) = (gst::ClockTime::from_seconds(second), gst::ClockTime::SECOND);
            self.push(&self.audio, bytes.to_vec(), start, length, path)?;
        }
        self.audio.end_of_stream().map_err(Error::engine)?;
        let length = gst::ClockTime::SECOND / FRAMES;
        for frame in 0..seconds * FRAMES {
            if cancel.is_cancelled() {
                return Err(Error::Cancelled {
                    path: path.to_owned(),
                });
            }
            let start = length * frame;
            self.push(
                &self.video,
                draw(sample, start.nseconds() as f32 / 1e9),
                start,
                length,
                path,
            )?;
            progress(start.into());
        }
        self.video.end_of_stream().map_err(Error::engine)?;
        Ok(())
    }

    fn push(
        &self,
        to: &AppSrc,
        bytes: Vec<u8>,
        start: gst::ClockTime,
        length: gst::ClockTime,
        path: &Path,
    ) -> Result<(), Error> {
        let mut buffer = gst::Buffer::from_mut_slice(bytes);
        if let Some(buffer) = buffer.get_mut() {
            buffer.set_pts(start);
            buffer.set_duration(length);
        }
        // Why it is refused stands in a message on the bus.
        to.push_buffer(buffer)
            .map(|_| ())
            .map_err(|_| self.failure(path))
    }

    /// Waits until the file is complete.
    fn finish(&self, path: &Path) -> Result<(), Error> {
        let wanted = [gst::MessageType::Eos, gst::MessageType::Error];
        match self
            .pipeline
            .bus()
            .and_then(|bus| bus.timed_pop_filtered(PATIENCE, &wanted))
        {
            Some(message) if message.type_() == gst::MessageType::Eos => Ok(()),
            Some(message) => Err(refused(&message, path)),
            None => Err(Error::Stalled {
                path: path.to_owned(),
                bound: PATIENCE.into(),
            }),
        }
    }

    fn failure(&self, path: &Path) -> Error {
        let second = gst::ClockTime::SECOND;
        match self
            .pipeline
            .bus()
            .and_then(|bus| bus.timed_pop_filtered(second, &[gst::MessageType::Error]))
        {
            Some(message) => refused(&message, path),
            None => Error::engine("it takes no more pictures"),
        }
    }
}

impl Drop for Encoding {
    fn drop(&mut self) {
        // There is nobody left to tell of a failure to end.
        let _ = self.pipeline.set_state(gst::State::Null);
    }
}

/// The first encoder that is there.
fn choose(encoders: &'static [Encoder]) -> Result<&'static Encoder, Error> {
    let missing = |(element, package, _): &Encoder| Error::MissingPlugin { element, package };
    let found = encoders
        .iter()
        .find(|(element, package, _)| plugins::need(element, package).is_ok());
    found.ok_or_else(|| {
        encoders
            .first()
            .map_or_else(|| Error::engine("no encoder is known"), missing)
    })
}

/// An error on the bus: a refusal of the disk, or something that GStreamer should not have refused.
fn refused(message: &gst::Message, path: &Path) -> Error {
    let gst::MessageView::Error(error) = message.view() else {
        return Error::engine("it stopped without a reason");
    };
    let error = error.error();
    match error.matches(gst::ResourceError::NoSpaceLeft) || error.matches(gst::ResourceError::Write)
    {
        true => Error::unwritable(path)(std::io::Error::other(error.message().to_owned())),
        false => Error::engine(error.message()),
    }
}

/// The picture of a film at a time in seconds, as bytes of red, green and blue.
fn draw(sample: &Sample, t: f32) -> Vec<u8> {
    let [width, height] = DRAWN;
    let mut bytes = Vec::with_capacity(width * height * 3);
    for row in 0..height {
        let y = (row as f32 + 0.5) / height as f32;
        for column in 0..width {
            let x = (column as f32 + 0.5) / width as f32 * WIDE;
            bytes
                .extend((sample.picture)(x, y, t).map(|part| (part.clamp(0.0, 1.0) * 255.0) as u8));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::SAMPLES;

    #[test]
    fn every_encoder_that_is_there_makes_a_film_that_can_be_served() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = Encoders::find().expect("there are some");
        let is_there = |encoder: &&Encoder| plugins::need(encoder.0, encoder.1).is_ok();
        let pictures = VIDEO
            .iter()
            .filter(is_there)
            .map(|video| Encoders { video, ..first });
        let sounds = AUDIO
            .iter()
            .filter(is_there)
            .map(|audio| Encoders { audio, ..first });
        for encoders in pictures.chain(sounds) {
            let path = dir
                .path()
                .join(format!("{}-{}.mp4", encoders.video.0, encoders.audio.0));
            film(
                &SAMPLES[2],
                1,
                &encoders,
                &path,
                &mut |_| (),
                &Cancel::new(),
            )
            .expect("made");
            let found = crate::probe(&path).expect("a film");
            assert_eq!(
                found
                    .tracks
                    .iter()
                    .filter(|track| track.is_served())
                    .count(),
                2,
                "{found:?}"
            );
            assert_eq!(found.tracks[0].size, Some((640, 360)));
        }
    }

    #[test]
    fn a_film_that_cannot_be_written_leaves_nothing_and_says_where() {
        let dir = tempfile::tempdir().expect("a directory");
        let encoders = Encoders::find().expect("there are some");
        let cancel = Cancel::new();
        cancel.cancel();
        let path = dir.path().join("film.mp4");
        let error = film(&SAMPLES[0], 1, &encoders, &path, &mut |_| (), &cancel)
            .expect_err("it is cancelled");
        assert!(matches!(error, Error::Cancelled { .. }), "{error}");
        assert_eq!(std::fs::read_dir(dir.path()).expect("there").count(), 0);
        let nowhere = dir.path().join("nowhere/film.mp4");
        let error = film(
            &SAMPLES[0],
            1,
            &encoders,
            &nowhere,
            &mut |_| (),
            &Cancel::new(),
        )
        .expect_err("no directory");
        assert!(matches!(error, Error::Unwritable { .. }), "{error}");
    }
}
