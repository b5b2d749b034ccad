use std::fmt;
use std::str::FromStr;

use crate::encoding::{Decode, Decoder, Encode, Encoder};
use crate::error::Error;

/// The name of an object within its adapter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Identity {
    /// The name; must not be empty where an object is meant.
    pub name: String,
    /// A category, by which objects of one kind are told from others; may be empty.
    pub category: String,
}

/// What becomes of characters other than printable ASCII in the string form of an identity
/// (`Ice.ToStringMode`). Every form is read again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ToStringMode {
    /// They stay, but for control characters.
    #[default]
    Unicode,
    /// They are escaped as `\\u` and `\\U` with hexadecimal digits.
    Ascii,
    /// Their UTF-8 bytes are escaped in octal, which Ice before 3.7 reads.
    Compat,
}

impl Identity {
    /// An identity without a category.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            category: String::new(),
        }
    }

    /// An identity with a category.
    #[must_use]
    pub fn with_category(name: impl Into<String>, category: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            category: category.into(),
        }
    }

    /// The form `category/name`, as [`std::fmt::Display`] gives it, in another mode.
    #[must_use]
    pub fn to_string_in(&self, mode: ToStringMode) -> String {
        ice_sys::identity_to_string(&self.to_sys(), mode as u8).unwrap_or_default()
    }

    pub(crate) fn to_sys(&self) -> ice_sys::Name {
        ice_sys::Name {
            name: self.name.clone(),
            category: self.category.clone(),
        }
    }

    pub(crate) fn from_sys(name: ice_sys::Name) -> Self {
        Self {
            name: name.name,
            category: name.category,
        }
    }
}

impl From<&Identity> for Identity {
    fn from(identity: &Identity) -> Self {
        identity.clone()
    }
}

/// The form `category/name`, with a backslash where Ice wants one.
impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match ice_sys::identity_to_string(&self.to_sys(), ToStringMode::Unicode as u8) {
            Ok(text) => f.write_str(&text),
            Err(failure) => write!(f, "({failure})"),
        }
    }
}

/// Reads the form `name` or `category/name`.
///
/// # Errors
///
/// `IdentityParse` where the string is neither.
impl FromStr for Identity {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Ok(Self::from_sys(ice_sys::identity_from_string(text)?))
    }
}

/// As `::Ice::Identity` of Slice.
impl Encode for Identity {
    fn encode(&self, to: &mut Encoder) {
        self.name.encode(to);
        self.category.encode(to);
    }
}

impl Decode for Identity {
    const MIN_WIRE_SIZE: usize = 2;

    fn decode(from: &mut Decoder<'_>) -> Result<Self, Error> {
        Ok(Self {
            name: String::decode(from)?,
            category: String::decode(from)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Identity, ToStringMode};
    use crate::error::ErrorKind;

    #[test]
    fn an_identity_comes_back_from_its_string() {
        for identity in [
            Identity::new("Main"),
            Identity::with_category("Topic/Manager", "IceStorm"),
            Identity::new("Grüße"),
        ] {
            assert_eq!(
                identity
                    .to_string()
                    .parse::<Identity>()
                    .expect("its own string"),
                identity
            );
        }
        assert_eq!(
            Identity::with_category("TopicManager", "IceStorm").to_string(),
            "IceStorm/TopicManager"
        );
    }

    #[test]
    fn every_mode_of_the_string_form_is_read_again() {
        let identity = Identity::with_category("Grüße \u{1f600}\n", "a/b");
        for (mode, text) in [
            (ToStringMode::Unicode, "a\\/b/Grüße \u{1f600}\\n"),
            (
                ToStringMode::Ascii,
                "a\\/b/Gr\\u00fc\\u00dfe \\U0001f600\\n",
            ),
            (
                ToStringMode::Compat,
                "a\\/b/Gr\\303\\274\\303\\237e \\360\\237\\230\\200\\n",
            ),
        ] {
            assert_eq!(identity.to_string_in(mode), text);
            assert_eq!(text.parse::<Identity>().expect("its own form"), identity);
        }
    }

    #[test]
    fn a_string_with_two_unescaped_slashes_is_no_identity() {
        assert_eq!(
            "a/b/c".parse::<Identity>().expect_err("two slashes").kind(),
            ErrorKind::IdentityParse
        );
    }
}
