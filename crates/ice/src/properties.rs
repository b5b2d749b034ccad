use std::collections::BTreeMap;
use std::fmt;

use crate::error::{Error, ErrorKind};
use crate::logger;

/// A set of Ice properties: what a program was told by its command line and its configuration files.
///
/// Cloning counts a reference: clones see what is set through any of them. Any thread may use it.
#[derive(Clone)]
pub struct Properties {
    pub(crate) sys: ice_sys::Properties,
}

impl Properties {
    /// An empty set: neither a command line nor a file, but what the variable `ICE_CONFIG` names.
    ///
    /// # Errors
    ///
    /// Where that file cannot be read.
    pub fn new() -> Result<Self, Error> {
        Self::from_args(Vec::<String>::new()).map(|(properties, _)| properties)
    }

    /// Takes the properties from command-line arguments, and returns what is left of those.
    ///
    /// An argument is a property where it begins with `--` and has a dot in its name: `--Ice.Config=FILE`,
    /// `--MainAdapter.Endpoints=tcp`, `--Ice.Trace.Network` (which means 1). Files named by `--Ice.Config` are read
    /// first, so that the command line wins over them; of two arguments the later wins. Everything after an
    /// argument `--` is left alone.
    ///
    /// # Errors
    ///
    /// `File` where a file cannot be read, `Initialization` and others where it is not well formed.
    pub fn from_args<S: Into<String>>(
        args: impl IntoIterator<Item = S>,
    ) -> Result<(Self, Vec<String>), Error> {
        logger::install();
        let (mut ours, mut rest) = (Vec::new(), Vec::new());
        let mut args = args.into_iter().map(Into::into);
        while let Some(arg) = args.next() {
            if arg == "--" {
                rest.push(arg);
                rest.extend(args);
                break;
            }
            if is_property(&arg) {
                ours.push(arg)
            } else {
                rest.push(arg)
            }
        }
        Ok((
            Self {
                sys: ice_sys::Properties::new(ours)?,
            },
            rest,
        ))
    }

    /// The value; `None` where there is none, or an empty one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<String> {
        self.sys.get(key).ok().filter(|value| !value.is_empty())
    }

    /// The value, or another one where there is none.
    #[must_use]
    pub fn get_or(&self, key: &str, otherwise: &str) -> String {
        self.get(key).unwrap_or_else(|| otherwise.to_owned())
    }

    /// The value as a number; `None` where there is none.
    ///
    /// # Errors
    ///
    /// `Initialization` where the value is no whole number of 32 bits.
    pub fn int(&self, key: &str) -> Result<Option<i32>, Error> {
        self.get(key)
            .map(|value| {
                value.trim().parse().map_err(|_| {
                    Error::new(
                        ErrorKind::Initialization,
                        format!("{key}={value}: a whole number is wanted there"),
                    )
                })
            })
            .transpose()
    }

    /// The value as a list: separated by commas and white space, with quotes around what holds those.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        self.sys.list(key).unwrap_or_default()
    }

    /// All properties whose names begin with `prefix`, under their full names.
    #[must_use]
    pub fn for_prefix(&self, prefix: &str) -> BTreeMap<String, String> {
        let entries = self.sys.for_prefix(prefix).unwrap_or_default();
        entries
            .into_iter()
            .map(|entry| (entry.key, entry.value))
            .collect()
    }

    /// Sets a value; an empty one removes the property.
    ///
    /// # Errors
    ///
    /// `Initialization` for an empty name.
    pub fn set(&self, key: &str, value: &str) -> Result<(), Error> {
        Ok(self.sys.set(key, value)?)
    }

    /// Sets a value where there is none yet.
    ///
    /// # Errors
    ///
    /// As [`Properties::set`].
    pub fn set_default(&self, key: &str, value: &str) -> Result<(), Error> {
        if self.get(key).is_none() {
            self.set(key, value)
        } else {
            Ok(())
        }
    }

    /// An independent copy.
    ///
    /// # Errors
    ///
    /// `UnknownLocal` where there is no memory for it.
    pub fn copy(&self) -> Result<Self, Error> {
        Ok(Self {
            sys: self.sys.copy()?,
        })
    }
}

fn is_property(arg: &str) -> bool {
    arg.strip_prefix("--").is_some_and(|rest| {
        let name = rest.split_once('=').map_or(rest, |(name, _)| name);
        name.contains('.') && !name.starts_with('.') && !name.contains(char::is_whitespace)
    })
}

/// Values may be secrets: only the names are shown.
impl fmt::Debug for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.for_prefix("").keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Properties;
    use crate::error::ErrorKind;

    fn from(args: &[&str]) -> (Properties, Vec<String>) {
        Properties::from_args(args.iter().copied()).expect("well formed")
    }

    #[test]
    fn any_argument_with_a_dotted_name_is_a_property_and_the_later_wins() {
        let (properties, rest) = from(&[
            "prog",
            "--Ice.Warn.Connections=1",
            "--My.Own=a",
            "--My.Own=b=c",
            "--verbose",
            "--x=1.5",
            "dir",
        ]);
        assert_eq!(properties.get("Ice.Warn.Connections").as_deref(), Some("1"));
        assert_eq!(properties.get("My.Own").as_deref(), Some("b=c"));
        assert_eq!(rest, ["prog", "--verbose", "--x=1.5", "dir"]);
    }

    #[test]
    fn the_properties_of_an_adapter_are_not_passed_over() {
        let (properties, _) = from(&[
            "--MainAdapter.Endpoints=tcp -p 1",
            "--MainAdapter.AdapterId=m",
        ]);
        assert_eq!(properties.for_prefix("MainAdapter.").len(), 2);
    }

    #[test]
    fn a_property_without_a_value_is_1_and_after_two_dashes_there_are_none() {
        let (properties, rest) = from(&["--My.Flag", "--", "--My.Other=1"]);
        assert_eq!(properties.int("My.Flag").expect("a number"), Some(1));
        assert_eq!(rest, ["--", "--My.Other=1"]);
    }

    #[test]
    fn a_number_that_is_none_is_reported_by_name() {
        let (properties, _) = from(&["--My.Number=many"]);
        let error = properties.int("My.Number").expect_err("no number");
        assert!(error.to_string().contains("My.Number=many"), "{error}");
    }

    #[test]
    fn a_configuration_file_that_is_not_there_is_reported_by_name() {
        let error = Properties::from_args(["--Ice.Config=/nonexistent/main.conf"])
            .expect_err("no such file");
        assert_eq!(error.kind(), ErrorKind::File);
        assert!(
            error.to_string().contains("/nonexistent/main.conf"),
            "{error}"
        );
    }

    #[test]
    fn the_command_line_wins_over_the_file_that_it_names() {
        let path = std::env::temp_dir().join(format!("ice-properties-{}.conf", std::process::id()));
        std::fs::write(&path, "My.A=file\nMy.B = file b\n# a comment\n").expect("a temporary file");
        let (properties, _) = from(&["--My.A=line", &format!("--Ice.Config={}", path.display())]);
        std::fs::remove_file(&path).expect("just written");
        assert_eq!(properties.get("My.A").as_deref(), Some("line"));
        assert_eq!(properties.get("My.B").as_deref(), Some("file b"));
    }

    #[test]
    fn values_are_not_shown_in_debug_output() {
        let (properties, _) = from(&["--My.Password=secret"]);
        assert!(!format!("{properties:?}").contains("secret"));
    }
}
