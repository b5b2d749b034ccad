//! What a title is: an id, a name, tags.

use std::fmt;

/// A title as the catalogue lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Title {
    /// Its media id.
    pub id: Id,
    /// Its name, as it was given.
    pub name: String,
    /// Its tags, in the order of first adding.
    pub tags: Vec<String>,
}

/// A media id: the SHA-256 of a file's bytes, written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Id([u8; 32]);

impl Id {
    /// The media id that `text` spells; `None` where no media id is spelt like that, whatever its length.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        // Upper case would be a second spelling of one id.
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    /// Its 64 digits.
    pub(crate) fn digits(&self) -> [u8; 64] {
        let mut digits = [0; 64];
        let (pairs, _) = digits.as_chunks_mut();
        for (pair, byte) in pairs.iter_mut().zip(self.0) {
            *pair = DIGITS[usize::from(byte)];
        }
        digits
    }
}

/// The two digits of each byte.
const DIGITS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [digits[byte >> 4], digits[byte & 15]];
        byte += 1;
    }
    pairs
};

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(str::from_utf8(&self.digits()).unwrap_or_default())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The longest name of a title, in characters: no file name is longer, on any common file system.
pub(crate) const LONGEST_NAME: usize = 1_000;

/// The name of a title: 1 to 1,000 characters, not all of them white space, and no control characters. It is
/// kept as it was given, white space too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

/// A text that cannot name a title.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, or white space alone.
    #[error("the name of a title must not be empty")]
    Blank,
    /// Too long.
    #[error("the name of a title has at most {LONGEST_NAME} characters")]
    Long,
    /// A control character, such as the end of a line.
    #[error("the name of a title must not hold control characters")]
    Control,
}

impl Name {
    /// The name that `text` is.
    ///
    /// # Errors
    ///
    /// Where it breaks a rule of names.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        Self::check(text)?;
        Ok(Self(text.to_owned()))
    }

    /// Whether `text` is a name.
    pub(crate) fn check(text: &str) -> Result<(), BadName> {
        // No character takes more than four bytes: a megabyte is refused without being counted.
        if text.len() > LONGEST_NAME * 4 || text.chars().count() > LONGEST_NAME {
            return Err(BadName::Long);
        }
        if text.chars().any(char::is_control) {
            return Err(BadName::Control);
        }
        if text.trim().is_empty() {
            return Err(BadName::Blank);
        }
        Ok(())
    }

    /// The name that a streaming server announces, which is a file's: control characters, which file names may
    /// hold, are left away.
    ///
    /// # Errors
    ///
    /// Where the rest breaks a rule of names.
    pub fn announced(text: &str) -> Result<Self, BadName> {
        if text.len() > LONGEST_NAME * 4 {
            return Err(BadName::Long);
        }
        let name: String = text.chars().filter(|c| !c.is_control()).collect();
        Self::parse(&name)
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_written() {
        let text = "0123456789abcdef".repeat(4);
        assert_eq!(Id::parse(&text).expect("an id").to_string(), text);
    }

    #[test]
    fn what_is_not_64_lower_case_digits_is_no_id() {
        let digits = "0123456789abcdef".repeat(4);
        let long = "0".repeat(1 << 20);
        for text in [
            "",
            "é",
            &digits[1..],
            &digits.to_uppercase(),
            &long,
            &digits.replace('a', "g"),
        ] {
            assert_eq!(Id::parse(text), None);
        }
    }

    #[test]
    fn a_name_is_kept_as_it_is_given() {
        for text in [
            " Alien (1979) ",
            "'; DROP TABLE titles; --",
            "七人の侍",
            "100 %_\\",
        ] {
            assert_eq!(Name::parse(text).expect("a name").as_str(), text);
        }
        assert!(Name::parse(&"名".repeat(1_000)).is_ok());
    }

    #[test]
    fn what_is_blank_long_or_controls_a_terminal_is_no_name() {
        assert_eq!(Name::parse(""), Err(BadName::Blank));
        assert_eq!(Name::parse(" \u{a0} "), Err(BadName::Blank));
        assert_eq!(Name::parse(&"a".repeat(1_001)), Err(BadName::Long));
        assert_eq!(Name::parse(&"a".repeat(1 << 20)), Err(BadName::Long));
        assert_eq!(Name::parse("a\0b"), Err(BadName::Control));
    }

    #[test]
    fn an_announced_name_loses_its_control_characters() {
        assert_eq!(
            Name::announced("Al\x1bi\nen").expect("a name").as_str(),
            "Alien"
        );
        assert_eq!(Name::announced("\n"), Err(BadName::Blank));
    }
}
