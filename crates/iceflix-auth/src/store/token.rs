//! A token: what a login returns.

use std::fmt;

use crate::store::Error;

/// A bearer secret of 128 random bits, written as 32 lower-case hexadecimal digits.
///
/// `Display` writes the secret, for those whose it is; `Debug` does not, for logs.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Token([u8; 16]);

impl Token {
    /// A new token, from the randomness of the operating system.
    ///
    /// # Errors
    ///
    /// [`Error::Exhausted`] where the operating system has none.
    pub(crate) fn random() -> Result<Self, Error> {
        let mut bytes = [0; 16];
        getrandom::fill(&mut bytes).map_err(|_| Error::Exhausted {
            doing: "making a token",
        })?;
        Ok(Self(bytes))
    }

    /// The token that `text` spells; `None` where no token is spelt like that, whatever its length.
    pub fn parse(text: &str) -> Option<Self> {
        let mut bytes = [0; 16];
        // Upper case would be a second spelling of one token.
        if text.bytes().any(|b| b.is_ascii_uppercase()) {
            return None;
        }
        hex::decode_to_slice(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let token = Token::random().expect("randomness");
        assert_eq!(Token::parse(&token.to_string()), Some(token));
        assert_ne!(token, Token::random().expect("randomness"));
    }

    #[test]
    fn nothing_else_is_a_token() {
        let token = Token::random().expect("randomness").to_string();
        let odd = format!("{}é", &token[..30]);
        for text in [
            "",
            "é",
            &token[1..],
            &format!("{token}0"),
            &odd,
            &"A".repeat(32),
        ] {
            assert_eq!(Token::parse(text), None, "{text}");
        }
        assert_eq!(Token::parse(&"0".repeat(1 << 20)), None);
    }

    #[test]
    fn a_token_does_not_show_itself_in_a_log() {
        let token = Token::random().expect("randomness");
        assert!(!format!("{token:?}").contains(&token.to_string()));
    }
}
