//! Other servers, beside which ours is measured.

use std::path::Path;
use std::process::Command;
use std::sync::Once;

use crate::film::Film;
use crate::process::Process;

/// What it needs.
const PACKAGES: &str = "python3-gi gir1.2-gst-rtsp-server-1.0";

/// Debian's own, which its packages are installed for.
const PYTHON: &str = "/usr/bin/python3";

/// gst-rtsp-server, by way of its Python bindings.
pub(crate) struct GstRtspServer {
    pub(crate) process: Process,
    pub(crate) urls: Vec<String>,
}

impl GstRtspServer {
    /// Starts it; `None` where it is not installed.
    pub(crate) fn start(films: &[Film]) -> Option<Self> {
        const NEEDED: &str = "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer";
        let installed = Command::new(PYTHON).args(["-c", NEEDED]).output();
        if !installed.is_ok_and(|output| output.status.success()) {
            static SAID: Once = Once::new();
            SAID.call_once(|| println!("gst-rtsp-server is left out: apt-get install {PACKAGES}"));
            return None;
        }
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/streaming/peer.py");
        let mut command = Command::new(PYTHON);
        command.arg(script);
        let mut process = Process::start(command);
        let mut urls = Vec::new();
        for film in films {
            process.tell(&film.path.display().to_string());
            urls.push(process.hear());
        }
        Some(Self { process, urls })
    }
}

/// A pipeline that decodes and encodes for a single viewer, as the original system does.
pub(crate) fn transcoder(film: &Film, port: u16) -> Process {
    let mut command = Command::new("gst-launch-1.0");
    let source = format!("location={}", film.path.display());
    let to = format!("port={port}");
    command.args([
        "-q",
        "filesrc",
        &source,
        "!",
        "decodebin",
        "!",
        "videoconvert",
        "!",
    ]);
    command.args([
        "openh264enc",
        "bitrate=2500000",
        "!",
        "rtph264pay",
        "config-interval=1",
        "!",
    ]);
    command.args(["udpsink", "host=127.0.0.1", &to, "sync=true"]);
    Process::start(command)
}
