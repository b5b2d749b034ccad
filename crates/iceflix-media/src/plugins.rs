//! What this crate needs of GStreamer.

use gstreamer as gst;

use crate::{Error, container, format};

const BASE: &str = "gstreamer1.0-plugins-base";

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
    let demuxers = container::TABLE
        .iter()
        .map(|container| (container.demuxer, container.package));
    let payloaders = format::TABLE
        .iter()
        .map(|format| (format.payloader, format.package));
    demuxers
        .chain(payloaders)
        .chain([("appsink", BASE)])
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

#[cfg(test)]
mod tests {
    use super::*;

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
