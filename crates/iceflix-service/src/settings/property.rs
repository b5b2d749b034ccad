//! Every property of IceFlix: its name, its type, its default, what it is for.
//!
//! One list for all services, so that one file may configure all of them, and
//! so that a misspelt name is found wherever it stands.

use std::{marker::PhantomData, net::SocketAddr, path::PathBuf, time::Duration};

use super::duration;

/// One property with values of type `T`.
#[derive(Debug)]
pub struct Property<T> {
    /// Its whole name, `IceFlix.` included.
    pub name: &'static str,
    /// What it is where nobody sets it, written as a user would; empty for a
    /// value that is worked out (see `about`) or simply absent.
    pub default: &'static str,
    /// One line for a person.
    pub about: &'static str,
    value: PhantomData<fn() -> T>,
}

/// A property, whatever its type: what help and checks go through.
#[derive(Clone, Copy, Debug)]
pub struct Described {
    /// Its whole name.
    pub name: &'static str,
    /// See [`Property::default`].
    pub default: &'static str,
    /// One line for a person.
    pub about: &'static str,
    /// Says what is wrong with a value, if anything is.
    pub check: fn(&str) -> Result<(), &'static str>,
}

/// What the value of a property can be.
pub trait Value: Sized {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// What would have been right, to complete "expected …".
    fn read(text: &str) -> Result<Self, &'static str>;
}

impl Value for String {
    fn read(text: &str) -> Result<Self, &'static str> {
        Ok(text.to_owned())
    }
}

impl Value for PathBuf {
    fn read(text: &str) -> Result<Self, &'static str> {
        if text.is_empty() || text.contains('\0') {
            return Err("the path of a directory or file");
        }
        Ok(text.into())
    }
}

impl Value for Duration {
    fn read(text: &str) -> Result<Self, &'static str> {
        duration::parse(text)
            .filter(|length| !length.is_zero())
            .ok_or("a length of time above zero, such as 2 (seconds), 500ms or 1min")
    }
}

/// Several paths, with commas between them. One that has a comma in it is
/// written in double quotes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Paths(pub Vec<PathBuf>);

impl Value for Paths {
    fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "paths of directories, with commas between them (one that has a comma in it in double quotes)";
        let mut paths = vec![String::new()];
        let mut quoted = false;
        for letter in text.chars() {
            match letter {
                '"' => quoted = !quoted,
                ',' if !quoted => paths.push(String::new()),
                letter => paths.last_mut().ok_or(EXPECTED)?.push(letter),
            }
        }
        let paths = paths.iter().map(|path| PathBuf::read(path.trim()));
        match paths.collect::<Result<_, _>>() {
            Ok(paths) if !quoted => Ok(Self(paths)),
            _ => Err(EXPECTED),
        }
    }
}

/// An amount of memory or disk, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Value for Bytes {
    fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str = "a number of bytes above zero, such as 20GB, 1.5TB or 512MiB";
        let text = text.trim();
        let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
        let unit: u64 = match unit.trim() {
            "" | "B" => 1,
            "kB" | "KB" => 1_000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "TB" => 1_000_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "TiB" => 1 << 40,
            _ => return Err(EXPECTED),
        };
        let number: f64 = number.parse().map_err(|_| EXPECTED)?;
        // Beyond a million terabytes somebody has mistyped.
        match number * unit as f64 {
            bytes if (1.0..=1e18).contains(&bytes) => Ok(Self(bytes as u64)),
            _ => Err(EXPECTED),
        }
    }
}

impl Value for SocketAddr {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse()
            .map_err(|_| "an IP address and a port, such as 127.0.0.1:8554 or [::1]:8554")
    }
}

impl Value for u32 {
    fn read(text: &str) -> Result<Self, &'static str> {
        text.parse().map_err(|_| "a whole number, zero or more")
    }
}

macro_rules! properties {
    ($($constant:ident: $type:ty = $name:literal, $default:literal, $about:literal;)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $about)]
            pub const $constant: Property<$type> =
                Property { name: $name, default: $default, about: $about, value: PhantomData };
        )*

        /// All of them, in the order of their names.
        pub const ALL: &[Described] = &[$(Described {
            name: $name,
            default: $default,
            about: $about,
            check: |text| <$type as Value>::read(text).map(|_| ()),
        }),*];
    };
}

properties! {
    ANNOUNCE_INTERVAL: Duration = "IceFlix.Announce.Interval", "2s",
        "How often a service announces itself.";
    TOKEN_LIFETIME: Duration = "IceFlix.Authentication.TokenLifetime", "30s",
        "How long a token is valid.";
    USER_DATABASE: String = "IceFlix.Authentication.Database", "",
        "Where users are kept: the path of an SQLite file, or postgres://USER@HOST/DATABASE (its password in PGPASSWORD or ~/.pgpass). Default: users.db in the data directory.";
    CACHE_DIR: PathBuf = "IceFlix.CacheDir", "",
        "What can be made anew, packet indexes above all. Default: $XDG_CACHE_HOME/iceflix.";
    TITLE_DATABASE: String = "IceFlix.Catalog.Database", "",
        "Where titles are kept: as for users. Default: titles.db in the data directory.";
    MOST_TITLES: u32 = "IceFlix.Catalog.MaxTitles", "2000000",
        "How many titles a catalogue takes in: a million with five tags each take some 400 MB of memory.";
    CLIENT_RETRIES: u32 = "IceFlix.Client.Retries", "3",
        "How often a client tries a connection again.";
    CLIENT_RETRY_DELAY: Duration = "IceFlix.Client.RetryDelay", "10s",
        "How long a client waits between two tries.";
    DATA_DIR: PathBuf = "IceFlix.DataDir", "",
        "What has to be kept: databases, the broker's state. Default: $XDG_DATA_HOME/iceflix.";
    LOG_FORMAT: LogFormat = "IceFlix.Log.Format", "text",
        "How log lines are written, to standard error: text or json.";
    LOG_LEVEL: LogLevel = "IceFlix.Log.Level", "info",
        "What is logged: error, warn, info, debug or trace, also per part as in info,ice=debug.";
    METRICS_ENDPOINT: SocketAddr = "IceFlix.Metrics.Endpoint", "",
        "Where a service tells its metrics and health by HTTP: an address and a port, 0 for any. Default: nowhere.";
    CACHE_SIZE: Bytes = "IceFlix.Streaming.Cache.Size", "",
        "How much disk the packet indexes may take, such as 20GB; those that were not played for longest make room. Default: a tenth of the disk.";
    FILM_DIRECTORY: Paths = "IceFlix.Streaming.Directory", "",
        "The films that a Streaming service offers: a directory, or several with commas between them; arguments of `iceflix streaming` go before.";
    STREAM_GRACE: Duration = "IceFlix.Streaming.Grace", "10s",
        "How long a stream goes on after its token has expired.";
    MOST_STREAMS: u32 = "IceFlix.Streaming.MaxStreams", "2000",
        "How many streams a Streaming service has at the same time.";
    MOST_STREAMS_OF_USER: u32 = "IceFlix.Streaming.MaxStreamsPerUser", "100",
        "How many of them one user may have.";
    REPORT_INTERVAL: Duration = "IceFlix.Streaming.Report.Interval", "1min",
        "How often a Streaming service that has streams says in its log what it sends.";
    RTSP_ENDPOINT: SocketAddr = "IceFlix.Streaming.Rtsp.Endpoint", "127.0.0.1:8554",
        "Where a Streaming service listens for RTSP.";
    RTSPS_CERTIFICATE: PathBuf = "IceFlix.Streaming.Rtsps.Certificate", "",
        "What players are shown there: a PEM file with the chain of certificates, the server's own first. It is read again when it changes.";
    RTSPS_ENDPOINT: SocketAddr = "IceFlix.Streaming.Rtsps.Endpoint", "",
        "Where a Streaming service listens for RTSP over TLS, such as 0.0.0.0:8322. Default: nowhere.";
    RTSPS_KEY: PathBuf = "IceFlix.Streaming.Rtsps.Key", "",
        "The private key of that certificate, a PEM file.";
}

/// How log lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Value for LogFormat {
    fn read(text: &str) -> Result<Self, &'static str> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("text or json"),
        }
    }
}

/// Which log lines are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLevel(pub String);

impl Value for LogLevel {
    fn read(text: &str) -> Result<Self, &'static str> {
        const EXPECTED: &str =
            "error, warn, info, debug or trace, also per part as in info,ice=debug";
        // The filter takes any word for the name of a part: a lone one has to be a level.
        let level_like = |word: &str| {
            !word.is_empty() && word.parse::<tracing::level_filters::LevelFilter>().is_ok()
        };
        let sound = text
            .split(',')
            .all(|part| part.contains('=') || level_like(part));
        if !sound || tracing_subscriber::EnvFilter::try_new(text).is_err() {
            return Err(EXPECTED);
        }
        Ok(Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_a_value_that_the_property_takes() {
        for property in ALL.iter().filter(|property| !property.default.is_empty()) {
            assert_eq!(
                (property.check)(property.default),
                Ok(()),
                "{}",
                property.name
            );
        }
    }

    #[test]
    fn all_begin_with_the_prefix() {
        assert!(
            ALL.iter()
                .all(|property| property.name.starts_with("IceFlix."))
        );
    }

    #[test]
    fn several_directories_stand_behind_each_other() {
        let read = |text| Paths::read(text).map(|Paths(paths)| paths);
        let paths = |paths: &[&str]| Ok(paths.iter().map(PathBuf::from).collect());
        assert_eq!(read("/srv/my films"), paths(&["/srv/my films"]));
        assert_eq!(read("/a, /b,/c"), paths(&["/a", "/b", "/c"]));
        assert_eq!(read("\"/a,b\",/c"), paths(&["/a,b", "/c"]));
        for wrong in ["/a,,/b", ",", "\"/a", "/a,"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn amounts_are_read_with_and_without_a_unit() {
        let read = |text| Bytes::read(text).map(|Bytes(bytes)| bytes);
        assert_eq!(read("1000"), Ok(1_000));
        assert_eq!(read("1.5 GB"), Ok(1_500_000_000));
        assert_eq!(read("512MiB"), Ok(512 << 20));
        for wrong in ["", "0", "GB", "-1GB", "1e30", "10 parsecs", "9999999TB"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_misspelt_level_is_refused() {
        assert!(LogLevel::read("info,ice=debug").is_ok());
        assert!(LogLevel::read("inof").is_err());
        assert!(LogLevel::read("ice=loud").is_err());
        assert!(LogLevel::read("").is_err());
    }
}
