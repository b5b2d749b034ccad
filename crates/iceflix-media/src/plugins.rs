//! What this crate needs of GStreamer.

use gstreamer as gst;
use gstreamer::prelude::*;

use crate::Error;

const BASE: &str = "gstreamer1.0-plugins-base";
const GOOD: &str = "gstreamer1.0-plugins-good";
const BAD: &str = "gstreamer1.0-plugins-bad";
const UGLY: &str = "gstreamer1.0-plugins-ugly";

/// All elements that films are compiled with, and the Debian packages that they are in. Decoders of
/// what has to be transcoded are not among them: each is needed by few films, which say so.
const NEEDED: &[(&str, &str)] = &[
    ("qtdemux", GOOD),
    ("matroskademux", GOOD),
    ("tsdemux", BAD),
    ("mpegpsdemux", BAD),
    ("avidemux", GOOD),
    ("oggdemux", BASE),
    ("flvdemux", GOOD),
    ("h264parse", BAD),
    ("h265parse", BAD),
    ("av1parse", BAD),
    ("mpegvideoparse", BAD),
    ("mpeg4videoparse", BAD),
    ("aacparse", GOOD),
    ("mpegaudioparse", GOOD),
    ("ac3parse", GOOD),
    ("rtph264pay", GOOD),
    ("rtph265pay", GOOD),
    ("rtpvp8pay", GOOD),
    ("rtpvp9pay", GOOD),
    ("rtpjpegpay", GOOD),
    ("rtpmp4gpay", GOOD),
    ("rtpmpapay", GOOD),
    ("rtpopuspay", GOOD),
    ("rtpac3pay", GOOD),
    ("rtpL16pay", GOOD),
    ("rtpL24pay", GOOD),
    ("rtppcmapay", GOOD),
    ("rtppcmupay", GOOD),
    ("videoconvert", BASE),
    ("audioconvert", BASE),
    ("audioresample", BASE),
    ("opusenc", BASE),
    ("x264enc", UGLY),
    ("decodebin", BASE),
    ("capsfilter", "libgstreamer1.0-0"),
    ("appsink", BASE),
];

/// Starts GStreamer, and checks that everything is there that films are compiled with. The first
/// call in a process takes a few milliseconds (seconds where GStreamer has to make its registry
/// first), further ones nothing; any thread may make it. The other functions of this crate make it
/// themselves.
///
/// # Errors
///
/// [`Error::MissingPlugin`] names the Debian package to install; [`Error::Engine`] where GStreamer
/// does not start.
pub fn init() -> Result<(), Error> {
    gst::init().map_err(Error::engine)?;
    NEEDED
        .iter()
        .try_for_each(|(element, package)| need(element, package))
}

/// Checks that GStreamer has an element.
pub(crate) fn need(element: &'static str, package: &'static str) -> Result<(), Error> {
    match gst::ElementFactory::find(element) {
        Some(_) => Ok(()),
        None => Err(Error::MissingPlugin { element, package }),
    }
}

/// Makes an element that [`init`] has found.
pub(crate) fn make(element: &str) -> Result<gst::Element, Error> {
    gst::ElementFactory::make(element)
        .build()
        .map_err(Error::engine)
}

/// The elements of a description, as one.
pub(crate) fn chain(description: &str) -> Result<gst::Element, Error> {
    bin(description).ok_or_else(|| Error::engine(format!("it does not make {description}")))
}

/// The elements of a pipeline description, as one with one pad on either side.
fn bin(description: &str) -> Option<gst::Element> {
    // Named, since an element that finds only later what it is to be linked to leaves other pads
    // open too.
    let (first, rest) = description.split_once(' ').unwrap_or((description, ""));
    let description = format!("{first} name=first {rest}");
    let bin = gst::parse::bin_from_description(&description, false).ok()?;
    // Decoders of several tracks that are found one after the other would wait for each other.
    bin.set_property("async-handling", true);
    let sink = bin.by_name("first")?.static_pad("sink")?;
    let source = bin.find_unlinked_pad(gst::PadDirection::Src)?;
    for (name, pad) in [("sink", sink), ("src", source)] {
        let ghost = gst::GhostPad::builder_with_target(&pad)
            .ok()?
            .name(name)
            .build();
        bin.add_pad(&ghost).ok()?;
    }
    Some(bin.upcast())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container;
    use crate::format::{Payloader, TABLE};

    #[test]
    fn every_element_of_the_tables_is_checked_for_at_the_start() {
        let through = TABLE
            .iter()
            .flat_map(|format| format.ways.iter().filter_map(|way| way.through))
            .flat_map(|elements| elements.split(" ! "))
            .filter_map(|element| element.split_whitespace().next())
            .filter(|element| !element.contains('/'));
        let payloaders = TABLE.iter().filter_map(|format| match format.payloader {
            Payloader::Element { name, .. } | Payloader::Gathering { name } => Some(name),
            Payloader::Own(_) => None,
        });
        let demuxers = container::TABLE.iter().map(|container| container.demuxer);
        for element in through.chain(payloaders).chain(demuxers) {
            assert!(
                NEEDED.iter().any(|(needed, _)| *needed == element),
                "{element}"
            );
        }
    }

    #[test]
    fn a_missing_element_is_told_with_its_package() {
        gst::init().expect("GStreamer starts");
        let error = need("rtpnosuchpay", "gstreamer1.0-plugins-good").expect_err("there is none");
        let text = error.to_string();
        assert!(
            text.contains("rtpnosuchpay")
                && text.contains("apt-get install gstreamer1.0-plugins-good"),
            "{text}"
        );
    }
}
