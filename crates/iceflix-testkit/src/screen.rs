//! A screen without a screen.

use std::{path::Path, process::Command};

use crate::Process;

/// An X server that shows its windows to nobody but the test.
#[derive(Debug)]
pub struct Screen {
    _server: Process,
    display: String,
}

/// Its size, as X and ffmpeg write it.
const SIZE: &str = "640x480";

impl Screen {
    /// Starts it; `directory` is for its log.
    ///
    /// # Panics
    ///
    /// Where it does not start.
    pub fn start(directory: &Path) -> Self {
        let screen = format!("{SIZE}x24");
        let arguments = [
            "-displayfd",
            "1",
            "-screen",
            "0",
            &screen,
            "-nolisten",
            "tcp",
            // Between two clients it would start anew, and refuse a third that comes then.
            "-noreset",
        ];
        let server = Process::start("Xvfb", Path::new("Xvfb"), arguments, directory);
        let display = format!(":{}", server.line());
        Self {
            _server: server,
            display,
        }
    }

    /// What a program needs in its variable `DISPLAY` to show itself here.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// How many shades of grey there are on the screen now: one where it is
    /// empty, many where a picture is shown.
    ///
    /// # Panics
    ///
    /// Where the screen cannot be read.
    pub fn shades(&self) -> usize {
        let output = Command::new("ffmpeg")
            .args([
                "-nostdin",
                "-v",
                "error",
                "-f",
                "x11grab",
                "-draw_mouse",
                "0",
                "-video_size",
                SIZE,
            ])
            .args(["-i", &self.display, "-frames:v", "1"])
            .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mut seen = [false; 256];
        for &shade in &output.stdout {
            seen[usize::from(shade)] = true;
        }
        seen.iter().filter(|&&seen| seen).count()
    }
}
