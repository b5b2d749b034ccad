//! `iceflix media check`: what files hold, and how they would be served.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use iceflix_index::Kind;
use iceflix_media::{Found, Probe};
use iceflix_service::log::shown;
use serde::Serialize;

use super::bytes;
use crate::command::{age, local};

/// A file, as a script reads it.
#[derive(Serialize)]
struct Entry<'a> {
    path: &'a Path,
    /// Whether it would be offered.
    served: bool,
    /// Why it would not.
    reason: Option<String>,
    container: Option<&'static str>,
    bytes: Option<u64>,
    seconds: Option<f64>,
    tracks: Vec<Track>,
}

/// A track of a file.
#[derive(Serialize)]
struct Track {
    /// `video`, `audio` or `other`.
    kind: &'static str,
    codec: String,
    /// As it is, transcoded to something, or left out with the reason.
    way: String,
    width: Option<u32>,
    height: Option<u32>,
    frame_rate: Option<f64>,
    channels: Option<u32>,
    /// Samples a second.
    sample_rate: Option<u32>,
    /// By how many degrees a player turns the picture clockwise.
    rotation: Option<u32>,
    language: Option<String>,
    name: Option<String>,
}

/// Looks into files one after the other, and prints what each is at once.
///
/// # Errors
///
/// Where a path is not there, or GStreamer does not work.
pub(super) fn run(paths: &[PathBuf], json: bool) -> anyhow::Result<()> {
    iceflix_media::init()?;
    let (mut served, mut left_out) = (0, 0);
    let mut entries = Vec::new();
    for top in paths {
        // What was named is looked into whatever it is called.
        top.metadata()
            .with_context(|| format!("cannot look at {}", top.display()))?;
        for file in iceflix_streaming::files(top) {
            let probe = iceflix_media::probe(&file);
            match &probe {
                Ok(_) => served += 1,
                Err(_) => left_out += 1,
            }
            if json {
                entries.push(serde_json::to_value(entry(&file, &probe))?);
            } else if !local::print(&block(&file, &probe))? {
                return Ok(());
            }
        }
    }
    if json {
        local::print(&(serde_json::to_string_pretty(&entries)? + "\n"))?;
        return Ok(());
    }
    local::print(&format!("{served} would be served, {left_out} left out.\n"))?;
    Ok(())
}

fn block(file: &Path, probe: &Result<Probe, iceflix_media::Error>) -> String {
    let mut lines = vec![shown(&file.display().to_string())];
    match probe {
        Ok(probe) => {
            let length = probe.duration.map(age::told);
            let length = length.unwrap_or_else(|| "of unknown length".to_owned());
            lines.push(format!(
                "    {}, {length}, {}",
                probe.container,
                bytes(probe.len)
            ));
            lines.extend(probe.tracks.iter().map(line));
        }
        Err(error) => lines.push(format!("    left out: {}", shown(&error.to_string()))),
    }
    lines.push(String::new());
    lines.join("\n")
}

fn line(found: &Found) -> String {
    let Track {
        kind,
        codec,
        way,
        width,
        height,
        frame_rate,
        channels,
        sample_rate,
        rotation,
        language,
        name,
    } = track(found);
    let size = width
        .zip(height)
        .map(|(width, height)| format!("{width}x{height}"));
    let rate = frame_rate.map(|rate| format!("{} a second", (rate * 1e3).round() / 1e3));
    let channels = channels.map(|count| match count {
        1 => "mono".to_owned(),
        2 => "stereo".to_owned(),
        count => format!("{count} channels"),
    });
    let samples = sample_rate.map(|rate| format!("{rate} Hz"));
    let turned = rotation.map(|degrees| format!("turned by {degrees} degrees"));
    let name = name.map(|name| format!("\"{name}\""));
    let details = [
        Some(codec),
        size,
        rate,
        turned,
        channels,
        samples,
        language,
        name,
    ];
    let details: Vec<_> = details.into_iter().flatten().collect();
    format!(
        "    {kind}  {}: {}",
        shown(&details.join(", ")),
        shown(&way)
    )
}

fn entry<'a>(path: &'a Path, probe: &Result<Probe, iceflix_media::Error>) -> Entry<'a> {
    let found = probe.as_ref().ok();
    Entry {
        path,
        served: found.is_some(),
        reason: probe.as_ref().err().map(ToString::to_string),
        container: found.map(|probe| probe.container),
        bytes: found.map(|probe| probe.len),
        seconds: found.and_then(|probe| Some(probe.duration?.as_secs_f64())),
        tracks: found.map_or_else(Vec::new, |probe| probe.tracks.iter().map(track).collect()),
    }
}

fn track(found: &Found) -> Track {
    Track {
        kind: match found.kind {
            Some(Kind::Video) => "video",
            Some(Kind::Audio) => "audio",
            None => "other",
        },
        codec: found.codec.clone(),
        way: found.way.to_string(),
        width: found.size.map(|(width, _)| width),
        height: found.size.map(|(_, height)| height),
        frame_rate: found.frame_rate,
        channels: found.channels,
        sample_rate: found.sample_rate,
        rotation: found.rotation,
        language: found.language.clone(),
        name: found.name.clone(),
    }
}
