//! Sample films, made once by ffmpeg and kept beside the test programs.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

/// What a sample film is like. All have a moving test picture of 30 frames a
/// second, H.264 with B-frames, a keyframe a second, and an AAC tone.
#[derive(Clone, Copy, Debug)]
pub struct Film {
    /// Its name, without an extension; two films of different names differ.
    pub name: &'static str,
    /// `mp4` or `mkv`.
    pub container: &'static str,
    /// Its length in seconds.
    pub seconds: u32,
    /// The tone, in hertz.
    pub tone: u32,
}

impl Film {
    /// A film in an mp4 of 320x180.
    pub const fn mp4(name: &'static str, seconds: u32, tone: u32) -> Self {
        Self {
            name,
            container: "mp4",
            seconds,
            tone,
        }
    }

    /// A film in an mkv of 320x180.
    pub const fn mkv(name: &'static str, seconds: u32, tone: u32) -> Self {
        Self {
            name,
            container: "mkv",
            seconds,
            tone,
        }
    }

    /// Puts the film into a directory and returns its path.
    ///
    /// # Panics
    ///
    /// Where ffmpeg or the directory does not do its part.
    pub fn copy_to(&self, directory: &Path) -> PathBuf {
        let file = format!("{}.{}", self.name, self.container);
        let target = directory.join(&file);
        std::fs::copy(self.made(&file), &target).unwrap();
        target
    }

    /// Puts so many films into a directory, all of the same picture and sound
    /// and each another one: `name 0`, `name 1` and so on. The directory is made.
    ///
    /// # Panics
    ///
    /// Where ffmpeg or the directory does not do its part.
    pub fn copies_to(&self, directory: &Path, count: usize) {
        let Self {
            name, container, ..
        } = self;
        std::fs::create_dir_all(directory).unwrap();
        let bytes = std::fs::read(self.made(&format!("{name}.{container}"))).unwrap();
        for number in 0..count {
            // A byte behind the end makes it another film.
            let different = [bytes.as_slice(), &number.to_le_bytes()].concat();
            let file = directory.join(format!("{name} {number}.{container}"));
            std::fs::write(file, different).unwrap();
        }
    }

    fn made(&self, file: &str) -> PathBuf {
        static MAKING: Mutex<()> = Mutex::new(());
        let _one_at_a_time = MAKING
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        let store = std::env::current_exe()
            .unwrap()
            .parent()
            .unwrap()
            .join("sample-films");
        std::fs::create_dir_all(&store).unwrap();
        let kept = store.join(format!("{}s-{}Hz-{file}", self.seconds, self.tone));
        if !kept.exists() {
            let unfinished = store.join(format!("{}-{file}", std::process::id()));
            self.make(&unfinished);
            std::fs::rename(&unfinished, &kept).unwrap();
        }
        kept
    }

    fn make(&self, path: &Path) {
        let Self { seconds, tone, .. } = self;
        let output = Command::new("ffmpeg")
            .args(["-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i"])
            .arg(format!("testsrc2=size=320x180:rate=30:duration={seconds}"))
            .args(["-f", "lavfi", "-i"])
            .arg(format!(
                "sine=frequency={tone}:sample_rate=48000:duration={seconds}"
            ))
            .args([
                "-c:v", "libx264", "-preset", "veryfast", "-bf", "2", "-g", "30", "-pix_fmt",
                "yuv420p",
            ])
            .args(["-c:a", "aac", "-ac", "2", "-b:a", "96k"])
            .arg(path)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "ffmpeg: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
