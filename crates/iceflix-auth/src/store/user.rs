//! What a user is known by: a name, and the hash of a password.

use std::fmt;

use sha2::{Digest, Sha256};

/// The longest name of a user, in characters.
const LONGEST_NAME: usize = 64;

/// The name of a user: 1 to 64 characters, none of them a control character, no white space around it.
/// Names that differ in letter case are different.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Name(String);

/// A text that cannot name a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing, or white space alone.
    #[error("the name of a user must not be empty")]
    Empty,
    /// Too long.
    #[error("the name of a user has at most {LONGEST_NAME} characters")]
    Long,
    /// A control character, such as the end of a line.
    #[error("the name of a user must not hold control characters")]
    Control,
}

impl Name {
    /// The name that `text` gives; white space around it is left away.
    ///
    /// # Errors
    ///
    /// Where the rest breaks a rule of names.
    pub fn parse(text: &str) -> Result<Self, BadName> {
        let name = text.trim();
        if name.is_empty() {
            return Err(BadName::Empty);
        }
        // No character takes more than four bytes: a megabyte is refused without being counted.
        if name.len() > LONGEST_NAME * 4 || name.chars().count() > LONGEST_NAME {
            return Err(BadName::Long);
        }
        if name.chars().any(char::is_control) {
            return Err(BadName::Control);
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The user hash: the SHA-256 of a password, as 64 lower-case hexadecimal digits. It opens the door just as
/// the password does, so its `Debug` says nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash(String);

impl Hash {
    /// The user hash that `text` spells; `None` where it is not 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        (text.len() == 64 && digits).then(|| Self(text.to_owned()))
    }

    /// The user hash of a password.
    pub fn of_password(password: &str) -> Self {
        Self(hex::encode(Sha256::digest(password)))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hash(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_its_letters_and_loses_the_space_around_it() {
        for (text, name) in [(" ana ", "ana"), ("José María", "José María"), ("名", "名")] {
            assert_eq!(Name::parse(text).expect("a name").as_str(), name);
        }
    }

    #[test]
    fn a_name_is_counted_in_characters() {
        assert!(Name::parse(&"名".repeat(64)).is_ok());
        assert_eq!(Name::parse(&"a".repeat(65)), Err(BadName::Long));
        assert_eq!(Name::parse(&"a".repeat(1 << 20)), Err(BadName::Long));
    }

    #[test]
    fn what_is_empty_or_controls_a_terminal_is_no_name() {
        assert_eq!(Name::parse(""), Err(BadName::Empty));
        assert_eq!(Name::parse(" \t "), Err(BadName::Empty));
        for text in ["a\nb", "a\0b", "\u{1b}[31mred"] {
            assert_eq!(Name::parse(text), Err(BadName::Control));
        }
    }

    #[test]
    fn a_user_hash_is_the_sha_256_in_lower_case() {
        // The second example of FIPS 180-2, appendix B.
        let hash = Hash::of_password("abc");
        let digits = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::parse(digits), Some(hash));
    }

    #[test]
    fn what_is_not_64_lower_case_digits_is_no_user_hash() {
        let digits = "0".repeat(64);
        for text in [
            "",
            "abc",
            &digits.replace('0', "A"),
            &digits[1..],
            &digits.replace('0', "g"),
        ] {
            assert_eq!(Hash::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_user_hash_does_not_show_itself() {
        let shown = format!("{:?}", Hash::of_password("abc"));
        assert!(!shown.contains("ba78"), "{shown}");
    }
}
