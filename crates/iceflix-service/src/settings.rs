//! What a process was told: Ice properties from files and the command line.

mod duration;
mod error;
pub mod property;

use std::{fs, os::unix::fs::DirBuilderExt as _, path::PathBuf};

pub use error::Error;
use etcetera::BaseStrategy as _;
use ice::Properties;
pub use property::{Bytes, LogFormat, LogLevel, Paths, Property, Value};

/// The prefix of the properties that are ours.
const PREFIX: &str = "IceFlix.";

/// Settings of Ice itself that differ from Ice's own defaults, for every
/// process alike. With them a peer that hangs is noticed after about three
/// seconds, and a call to it ends after one and a half; a user may set others.
const ICE_DEFAULTS: &[(&str, &str)] = &[
    ("Ice.Default.InvocationTimeout", "1500"),
    ("Ice.Override.ConnectTimeout", "1000"),
    ("Ice.RetryIntervals", "-1"),
    ("Ice.ACM.Server.Timeout", "2"),
    ("Ice.ACM.Server.Heartbeat", "3"),
    ("Ice.ACM.Server.Close", "0"),
    ("Ice.ACM.Client.Timeout", "2"),
    ("Ice.ACM.Client.Heartbeat", "0"),
    ("Ice.ACM.Client.Close", "4"),
];

/// The checked properties of a process.
#[derive(Clone, Debug)]
pub struct Settings {
    properties: Properties,
}

impl Settings {
    /// Reads `--Ice.Config=FILE` and `--Name=value` (the last one wins) from
    /// the arguments, and gives back what they leave over, in order.
    ///
    /// # Errors
    ///
    /// A file that cannot be read, an unknown property that begins with
    /// `IceFlix.`, and a value that its property does not take.
    pub fn load(arguments: impl IntoIterator<Item = String>) -> Result<(Self, Vec<String>), Error> {
        let arguments: Vec<String> = arguments.into_iter().collect();
        check_config_files(&arguments)?;
        let (properties, rest) = Properties::from_args(arguments).map_err(Error::Ice)?;
        for (name, value) in ICE_DEFAULTS {
            if properties.get(name).is_none() {
                properties.set(name, value).map_err(Error::Ice)?;
            }
        }
        let settings = Self { properties };
        settings.check()?;
        Ok((settings, rest))
    }

    fn check(&self) -> Result<(), Error> {
        for (name, value) in self.properties.for_prefix(PREFIX) {
            let Some(known) = property::ALL.iter().find(|known| known.name == name) else {
                let near = nearest(&name);
                return Err(Error::Unknown { name, near });
            };
            // Setting a property to nothing is Ice's way of not setting it.
            if !value.is_empty() {
                (known.check)(&value).map_err(|expected| Error::Value {
                    name,
                    value,
                    expected,
                })?;
            }
        }
        Ok(())
    }

    /// The properties, for Ice.
    pub fn properties(&self) -> &Properties {
        &self.properties
    }

    /// The value of a property that has one, be it the default.
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] where it has neither, [`Error::Value`] where it is
    /// of the wrong kind.
    pub fn get<T: Value>(&self, property: &Property<T>) -> Result<T, Error> {
        self.find(property)?.ok_or(Error::Missing {
            name: property.name,
            about: property.about,
        })
    }

    /// The value of a property, if it has one.
    ///
    /// # Errors
    ///
    /// [`Error::Value`] where it is of the wrong kind.
    pub fn find<T: Value>(&self, property: &Property<T>) -> Result<Option<T>, Error> {
        let set = self
            .properties
            .get(property.name)
            .filter(|value| !value.is_empty());
        let value = set.unwrap_or_else(|| property.default.to_owned());
        if value.is_empty() {
            return Ok(None);
        }
        match T::read(&value) {
            Ok(value) => Ok(Some(value)),
            Err(expected) => Err(Error::Value {
                name: property.name.to_owned(),
                value,
                expected,
            }),
        }
    }

    /// The value of a property of Ice, or `default`.
    pub fn ice(&self, name: &str, default: &str) -> String {
        self.properties
            .get(name)
            .filter(|value| !value.is_empty())
            .unwrap_or_else(|| default.to_owned())
    }

    /// The directory of what has to be kept; made, for this user alone, where
    /// it does not exist.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn data_dir(&self) -> Result<PathBuf, Error> {
        self.directory(&property::DATA_DIR, |xdg| xdg.data_dir())
    }

    /// The directory of what can be made anew; made, for this user alone,
    /// where it does not exist.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn cache_dir(&self) -> Result<PathBuf, Error> {
        self.directory(&property::CACHE_DIR, |xdg| xdg.cache_dir())
    }

    fn directory(
        &self,
        property: &Property<PathBuf>,
        xdg: fn(&etcetera::base_strategy::Xdg) -> PathBuf,
    ) -> Result<PathBuf, Error> {
        let path = match self.find(property)? {
            Some(path) => path,
            None => {
                let base = etcetera::base_strategy::Xdg::new().map_err(|_| Error::Missing {
                    name: property.name,
                    about: property.about,
                })?;
                xdg(&base).join("iceflix")
            }
        };
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&path)
            .map_err(|source| Error::Directory {
                name: property.name,
                path: path.clone(),
                source,
            })?;
        Ok(path)
    }
}

/// The property that somebody is likely to have meant: one that takes a few
/// strokes of the keyboard more or less, or has a part that was left out.
fn nearest(name: &str) -> Option<&'static str> {
    let short = |name: &str| name.trim_start_matches(PREFIX).to_ascii_lowercase();
    let written = short(name);
    let strokes = |known: &'static str| {
        let known = short(known);
        let whole = strsim::damerau_levenshtein(&known, &written);
        // The last word alone, where the part before it was forgotten.
        let last = known.rsplit_once('.').map(|(_, last)| last);
        let last = last.filter(|_| !written.contains('.'));
        last.map_or(whole, |last| {
            whole.min(strsim::damerau_levenshtein(last, &written))
        })
    };
    property::ALL
        .iter()
        .map(|known| (strokes(known.name), known.name))
        .min()
        .filter(|(strokes, _)| *strokes <= written.chars().count().div_ceil(4))
        .map(|(_, near)| near)
}

/// Ice reports a missing file without the reason; this names both.
fn check_config_files(arguments: &[String]) -> Result<(), Error> {
    let files = arguments
        .iter()
        .filter_map(|argument| argument.strip_prefix("--Ice.Config="));
    for path in files
        .flat_map(|list| list.split(','))
        .filter(|path| !path.is_empty())
    {
        fs::File::open(path)
            .and_then(|file| file.metadata())
            .and_then(|meta| {
                if meta.is_dir() {
                    Err(std::io::ErrorKind::IsADirectory.into())
                } else {
                    Ok(())
                }
            })
            .map_err(|source| Error::Config {
                path: path.into(),
                source,
            })?;
    }
    Ok(())
}
