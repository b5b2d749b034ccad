//! The `Authorization` header (RFC 2617, sections 2 and 3.2.2).

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What a player shows.
pub(super) enum Credentials {
    /// The secret itself. The user name says nothing here.
    Basic {
        /// What was typed in.
        password: Zeroizing<String>,
    },
    /// Something that only who knows the secret can make.
    Digest(Digest),
}

/// The parameters of a digest that matter here; what is not there is empty.
pub(super) struct Digest {
    pub(super) username: Zeroizing<String>,
    pub(super) realm: String,
    pub(super) nonce: String,
    pub(super) uri: String,
    pub(super) response: String,
    pub(super) algorithm: String,
    pub(super) qop: String,
    pub(super) nc: String,
    pub(super) cnonce: String,
}

impl Credentials {
    /// Reads the header's value; `None` where it makes no sense.
    pub(super) fn read(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once(' ')?;
        match scheme.to_ascii_lowercase().as_str() {
            "basic" => {
                let decoded = Zeroizing::new(STANDARD.decode(rest.trim()).ok()?);
                let (_, password) = str::from_utf8(&decoded).ok()?.split_once(':')?;
                let password = Zeroizing::new(password.to_owned());
                Some(Self::Basic { password })
            }
            "digest" => {
                let mut parameters = parameters(rest)?;
                let mut take = |name| parameters.remove(name).unwrap_or_default();
                Some(Self::Digest(Digest {
                    username: Zeroizing::new(take("username")),
                    realm: take("realm"),
                    nonce: take("nonce"),
                    uri: take("uri"),
                    response: take("response"),
                    algorithm: take("algorithm"),
                    qop: take("qop"),
                    nc: take("nc"),
                    cnonce: take("cnonce"),
                }))
            }
            _ => None,
        }
    }
}

/// `name=value, name="quoted value"`; a backslash makes the next character a plain one.
fn parameters(text: &str) -> Option<HashMap<String, String>> {
    let mut parameters = HashMap::new();
    let mut rest = text.trim_start_matches([' ', ',', '\t']);
    while !rest.is_empty() {
        let (name, behind) = rest.split_once('=')?;
        let (value, behind) = match behind.trim_start().strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = behind.find(',').unwrap_or(behind.len());
                let (value, behind) = behind.split_at(end);
                (value.trim().to_owned(), behind)
            }
        };
        let name = name.trim().to_ascii_lowercase();
        if parameters.insert(name, value).is_some() {
            return None;
        }
        rest = behind.trim_start_matches([' ', ',', '\t']);
    }
    Some(parameters)
}

fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(letters.next()?.1),
            letter => value.push(letter),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn basic_is_the_password_behind_the_first_colon() {
        // "Aladdin:open sesame", the example of RFC 2617.
        let Some(Credentials::Basic { password }) =
            Credentials::read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        else {
            panic!("no password");
        };
        assert_eq!(*password, "open sesame");
        for nonsense in ["", "Basic", "Basic !", "Basic QWxhZGRpbg==", "Bearer x"] {
            assert!(Credentials::read(nonsense).is_none(), "{nonsense:?}");
        }
    }

    #[test]
    fn parameters_of_a_digest_come_in_any_order_and_quoting() {
        let text = "DIGEST realm=\"a, \\\"b\\\"\",nc=00000001, qop = auth ,username=\"x\"";
        let Some(Credentials::Digest(digest)) = Credentials::read(text) else {
            panic!("no digest");
        };
        assert_eq!(digest.realm, "a, \"b\"");
        assert_eq!(
            (digest.nc.as_str(), digest.qop.as_str()),
            ("00000001", "auth")
        );
        assert_eq!((digest.username.as_str(), digest.uri.as_str()), ("x", ""));
        assert!(Credentials::read("Digest nc=1, nc=2").is_none(), "twice");
        assert!(Credentials::read("Digest nonce=\"open").is_none());
    }

    proptest! {
        #[test]
        fn no_header_makes_it_panic(any in ".{0,80}", near in "(Digest|Basic) [a-z=\\\\\", é+/]{0,60}") {
            Credentials::read(&any);
            Credentials::read(&near);
        }
    }
}
