//! Digest (RFC 2617, section 3), with MD5: the one algorithm that players have.

use md5::{Digest as _, Md5};
use rtsp_types::{Method, Request, Url};
use subtle::ConstantTimeEq;

use super::REALM;
use super::credentials::Digest;
use crate::random;

/// The challenge of a connection: one at a time, so that nobody can have the server remember them
/// without end, and none is worth anything on another connection.
#[derive(Debug, Default)]
pub(super) struct Nonce {
    value: Option<String>,
    /// The highest count that was used with it: each is good for one request.
    used: u32,
}

impl Nonce {
    /// A new challenge; the old one is worth nothing any more.
    pub(super) fn renew(&mut self) -> &str {
        self.used = 0;
        self.value.insert(random::hex::<16>())
    }
}

/// Why a digest proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It is right, but made for an earlier challenge, or used before: the player need not ask its
    /// user again.
    Stale,
    /// It is wrong.
    Wrong,
}

/// Checks a digest whose password is its user name. Which that is, is not decided here.
pub(super) fn check(
    digest: &Digest,
    request: &Request<Vec<u8>>,
    nonce: &mut Nonce,
) -> Result<(), Doubt> {
    let algorithm = &digest.algorithm;
    let is_known = algorithm.is_empty() || algorithm.eq_ignore_ascii_case("MD5");
    let is_meant = is_known && digest.realm == REALM && leads_here(&digest.uri, request);
    let wanted = response(digest, request.method());
    let given = digest.response.to_ascii_lowercase();
    if !is_meant || !bool::from(wanted.as_bytes().ct_eq(given.as_bytes())) {
        return Err(Doubt::Wrong);
    }
    if nonce.value.as_ref() != Some(&digest.nonce) {
        return Err(Doubt::Stale);
    }
    // Without `qop` (RFC 2069, as GStreamer has it) there is no count: then the nonce serves for the
    // connection.
    if !digest.qop.is_empty() {
        let count = u32::from_str_radix(&digest.nc, 16).map_err(|_| Doubt::Wrong)?;
        if count <= nonce.used {
            return Err(Doubt::Stale);
        }
        nonce.used = count;
    }
    Ok(())
}

/// What the response must be.
fn response(digest: &Digest, method: &Method) -> String {
    let Digest {
        username,
        realm,
        nonce,
        uri,
        qop,
        nc,
        cnonce,
        ..
    } = digest;
    let password = username.as_str();
    let secret = hex(&[username.as_str(), realm, password]);
    let method: &str = method.into();
    let asked = hex(&[method, uri]);
    if qop.is_empty() {
        hex(&[&secret, nonce, &asked])
    } else {
        hex(&[&secret, nonce, nc, cnonce, qop, &asked])
    }
}

/// The sum of the parts with colons between them, as hexadecimal digits.
fn hex(parts: &[&str]) -> String {
    hex::encode(Md5::digest(parts.join(":")))
}

/// Whether a digest was made for this very request: its URI, or the path of it.
fn leads_here(uri: &str, request: &Request<Vec<u8>>) -> bool {
    let Some(url) = request.request_uri() else {
        return false;
    };
    uri == url.path() || Url::parse(uri).is_ok_and(|uri| uri.path() == url.path())
}

#[cfg(test)]
mod tests {
    use rtsp_types::Version;

    use super::*;
    use crate::rtsp::login::credentials::Credentials;

    const URL: &str = "rtsp://h/media/abc";

    fn request() -> Request<Vec<u8>> {
        Request::builder(Method::Describe, Version::V1_0)
            .request_uri(Url::parse(URL).expect("a URL"))
            .build(Vec::new())
    }

    fn shown(nonce: &str, more: &str) -> Digest {
        let text = format!(
            "Digest username=\"key\", realm=\"{REALM}\", nonce=\"{nonce}\", uri=\"{URL}\"{more}"
        );
        let Some(Credentials::Digest(mut digest)) = Credentials::read(&text) else {
            panic!("no digest");
        };
        digest.response = response(&digest, &Method::Describe);
        digest
    }

    #[test]
    fn the_example_of_the_standard_comes_out_right() {
        // RFC 2617, section 3.5, whose user name and password differ, taken apart.
        let secret = hex(&["Mufasa", "testrealm@host.com", "Circle Of Life"]);
        let asked = hex(&["GET", "/dir/index.html"]);
        let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
        let parts = [&secret, nonce, "00000001", "0a4f113b", "auth", &asked];
        assert_eq!(hex(&parts), "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn each_count_of_a_nonce_is_good_once_and_only_upwards() {
        let mut nonce = Nonce::default();
        let value = nonce.renew().to_owned();
        let count = |nc| shown(&value, &format!(", qop=auth, cnonce=\"c\", nc={nc}"));
        assert_eq!(check(&count("00000001"), &request(), &mut nonce), Ok(()));
        assert_eq!(
            check(&count("00000001"), &request(), &mut nonce),
            Err(Doubt::Stale),
            "replayed"
        );
        assert_eq!(check(&count("0000000a"), &request(), &mut nonce), Ok(()));
        assert_eq!(
            check(&count("00000002"), &request(), &mut nonce),
            Err(Doubt::Stale)
        );
        assert_eq!(
            check(&count("x"), &request(), &mut nonce),
            Err(Doubt::Wrong)
        );
    }

    #[test]
    fn without_quality_the_nonce_serves_until_it_is_renewed() {
        let mut nonce = Nonce::default();
        let digest = shown(nonce.renew(), "");
        for _ in 0..3 {
            assert_eq!(check(&digest, &request(), &mut nonce), Ok(()));
        }
        nonce.renew();
        assert_eq!(check(&digest, &request(), &mut nonce), Err(Doubt::Stale));
    }

    #[test]
    fn what_was_made_for_something_else_is_wrong() {
        let mut nonce = Nonce::default();
        let value = nonce.renew().to_owned();
        let change: [fn(&mut Digest); 4] = [
            |digest| digest.response.replace_range(..1, "g"),
            |digest| digest.realm.push('x'),
            |digest| digest.uri.push('x'),
            |digest| digest.algorithm.push_str("SHA-256"),
        ];
        for change in change {
            let mut digest = shown(&value, "");
            change(&mut digest);
            let wrong = Err(Doubt::Wrong);
            assert_eq!(check(&digest, &request(), &mut nonce), wrong);
        }
    }
}
