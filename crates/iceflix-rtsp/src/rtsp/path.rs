//! The path of an RTSP URL: whose stream, and which track of it.

use rtsp_types::Url;

/// What the last segment of a track's URL begins with; the number behind it counts from 1.
const TRACK: &str = "track";

/// What the path of a film that is asked for by its name begins with.
const MEDIA: &str = "media";

/// The longest name of a film, in bytes.
const MAX_NAME: usize = 128;

/// How a request gets at its film.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Door {
    /// By the secret that names a mount, the first segment of the path. Whoever knows it may watch.
    Secret(String),
    /// By the name that stands behind `/media/`. Who may watch is another question.
    Media(String),
}

/// Where a request is aimed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The way to the film.
    pub(crate) door: Door,
    /// The track, as a position among the title's tracks, if the URL goes on to one.
    pub(crate) track: Option<usize>,
    /// The URL of the whole presentation as the player sees this server, with a slash at its end.
    pub(crate) base: String,
}

impl Target {
    /// Reads a URL; `None` where it has not the form of one of ours.
    pub(crate) fn read(url: &Url) -> Option<Self> {
        let mut segments = url.path_segments()?.filter(|segment| !segment.is_empty());
        let first = segments.next()?;
        let (door, presentation) = if first == MEDIA {
            let name = segments.next().filter(|name| name.len() <= MAX_NAME)?;
            (Door::Media(name.to_owned()), format!("{MEDIA}/{name}"))
        } else {
            (Door::Secret(first.to_owned()), first.to_owned())
        };
        let track = match segments.next() {
            None => None,
            Some(segment) => Some(
                segment
                    .strip_prefix(TRACK)?
                    .parse::<usize>()
                    .ok()?
                    .checked_sub(1)?,
            ),
        };
        if segments.next().is_some() {
            return None;
        }
        let host = url.host_str()?;
        let port = url
            .port()
            .map(|port| format!(":{port}"))
            .unwrap_or_default();
        let base = format!("{}://{host}{port}/{presentation}/", url.scheme());
        Some(Self { door, track, base })
    }

    /// The URL of a track.
    pub(crate) fn track_url(&self, track: usize) -> String {
        format!("{}{}", self.base, control(track))
    }
}

/// What the SDP document calls a track, relative to the URL of the presentation.
pub(crate) fn control(track: usize) -> String {
    format!("{TRACK}{}", track + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Option<Target> {
        Target::read(&Url::parse(url).expect("a URL"))
    }

    #[test]
    fn a_url_names_the_presentation_or_one_of_its_tracks() {
        let whole = read("rtsp://h:8554/abc").expect("ours");
        assert!(whole.door == Door::Secret("abc".to_owned()));
        assert_eq!(whole.track, None);
        assert_eq!(whole.track_url(1), "rtsp://h:8554/abc/track2");
        assert_eq!(read("rtsp://h:8554/abc/").expect("ours").track, None);
        assert_eq!(
            read("rtsp://h:8554/abc/track2").expect("ours").track,
            Some(1)
        );
        assert_eq!(
            read("rtsp://h:8554/abc/track1/").expect("ours").track,
            Some(0)
        );
    }

    #[test]
    fn a_film_can_be_asked_for_by_its_name() {
        let track = read("rtsp://h/media/abc/track1").expect("ours");
        assert!(track.door == Door::Media("abc".to_owned()));
        assert_eq!(
            (track.track, track.base.as_str()),
            (Some(0), "rtsp://h/media/abc/")
        );
        assert!(read("rtsp://h/media/").is_none());
        assert!(read(&format!("rtsp://h/media/{}", "a".repeat(129))).is_none());
    }

    #[test]
    fn what_is_echoed_holds_neither_login_nor_query() {
        let target = read("rtsp://user:word@h/abc/track1?x=y").expect("ours");
        assert_eq!(target.base, "rtsp://h/abc/");
        assert_eq!(
            read("rtsp://[::1]:554/abc").expect("ours").base,
            "rtsp://[::1]:554/abc/"
        );
    }

    #[test]
    fn other_paths_are_nobodys() {
        for url in [
            "rtsp://h",
            "rtsp://h/",
            "rtsp://h/a/b",
            "rtsp://h/a/track",
            "rtsp://h/a/track0",
            "rtsp://h/a/track1/x",
            "mailto:a",
        ] {
            assert!(read(url).is_none(), "{url}");
        }
    }
}
