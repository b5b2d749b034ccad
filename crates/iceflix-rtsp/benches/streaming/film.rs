//! The films that are measured with, made once and kept in the build's directory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use iceflix_media::Cancel;

/// A kind of film.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    size: &'static str,
    /// Bits a second of the video; the sound has 128,000 more.
    video: u32,
    /// Seconds.
    length: u32,
}

/// 2.65 Mbit/s in all.
pub(crate) const HD: Kind = Kind {
    name: "720p30, 2.65 Mbit/s",
    size: "1280x720",
    video: 2_490_000,
    length: 90,
};

/// 6 Mbit/s in all.
pub(crate) const FULL_HD: Kind = Kind {
    name: "1080p30, 6 Mbit/s",
    size: "1920x1080",
    video: 5_840_000,
    length: 60,
};

/// A film and its index.
#[derive(Clone)]
pub(crate) struct Film {
    pub(crate) path: PathBuf,
    pub(crate) index: PathBuf,
}

impl Kind {
    /// How many seconds a title plays, at least.
    pub(crate) fn length(&self) -> u32 {
        self.length
    }

    /// This many titles: the same pictures, each from another moment on, in files of their own.
    pub(crate) fn titles(&self, number: u32) -> Vec<Film> {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("streaming");
        fs::create_dir_all(&dir).unwrap();
        let whole = dir.join(format!("{}.mp4", self.size));
        if !whole.exists() {
            self.encode(&whole);
        }
        (0..number)
            .map(|title| {
                let path = dir.join(format!("{}-{title}.mp4", self.size));
                let index = path.with_extension("index");
                if !path.exists() {
                    cut(&whole, &path, title % 10);
                }
                if !index.join("title.json").exists() {
                    compile(&path, &index);
                }
                Film { path, index }
            })
            .collect()
    }

    fn encode(&self, path: &Path) {
        eprintln!("making a film of {} ...", self.name);
        let source = format!("testsrc2=size={}:rate=30,noise=alls=12:allf=t", self.size);
        let length = (self.length + 10).to_string();
        let rate = self.video.to_string();
        run(Command::new("ffmpeg")
            .args([
                "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", &source,
            ])
            .args(["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=48000"])
            .args([
                "-t", &length, "-map", "0:v", "-map", "1:a", "-pix_fmt", "yuv420p",
            ])
            .args([
                "-c:v",
                "libx264",
                "-preset",
                "superfast",
                "-bf",
                "0",
                "-g",
                "30",
            ])
            .args([
                "-b:v", &rate, "-minrate", &rate, "-maxrate", &rate, "-bufsize", &rate,
            ])
            .args(["-x264-params", "nal-hrd=cbr:force-cfr=1", "-c:a", "aac"])
            .args(["-b:a", "128k", "-ac", "2", "-movflags", "+faststart"])
            .arg(path));
    }
}

/// A film of about this many bytes: others, one behind the other.
pub(crate) fn long(bytes: u64) -> PathBuf {
    let whole = HD.titles(1).remove(0).path;
    let path = whole.with_file_name(format!("long-{bytes}.mp4"));
    if !path.exists() {
        eprintln!("making a film of {} MB ...", bytes / 1_000_000);
        let times = (bytes / fs::metadata(&whole).unwrap().len()).to_string();
        run(Command::new("ffmpeg")
            .args([
                "-nostdin",
                "-v",
                "error",
                "-y",
                "-stream_loop",
                &times,
                "-i",
            ])
            .arg(&whole)
            .args(["-map", "0", "-c", "copy"])
            .arg(&path));
    }
    path
}

/// Makes the index of a film.
pub(crate) fn compile(film: &Path, index: &Path) {
    iceflix_media::init().unwrap();
    iceflix_media::compile(film, index, &mut |_| {}, &Cancel::default()).unwrap();
}

fn cut(whole: &Path, path: &Path, from: u32) {
    run(Command::new("ffmpeg")
        .args([
            "-nostdin",
            "-v",
            "error",
            "-y",
            "-ss",
            &from.to_string(),
            "-i",
        ])
        .arg(whole)
        .args(["-map", "0", "-c", "copy", "-movflags", "+faststart"])
        .arg(path));
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
