//! What is PostgreSQL's own: its URLs, the settings of a session, the codes of its errors.

use std::fmt;
use std::net::IpAddr;

use url::Url;

use crate::{Durability, Kind, Unusable};

/// A URL as an administrator would write it.
pub(crate) const EXAMPLE: &str =
    "postgres://USER@HOST/DATABASE (the password in PGPASSWORD or ~/.pgpass)";

/// The parameters that a URL may have; sqlx would pass over others, and log their values.
pub(crate) const PARAMETERS: &[&str] = &[
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    "options",
];

/// How TLS may be asked for; <https://www.postgresql.org/docs/current/libpq-ssl.html> says what each protects from.
const SSL_MODES: &[&str] = &[
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];

/// A database on a server. Shown without its password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Server {
    url: Url,
    shown: String,
}

impl Server {
    pub(crate) fn parse(text: &str) -> Result<Self, Unusable> {
        let mut url = Url::parse(text).map_err(|reason| Unusable::Url { reason })?;
        for (name, value) in url.query_pairs() {
            check(&name, &value)?;
        }
        let shown = without_password(&url);
        if url.host_str().is_some_and(str::is_empty) {
            // The place where a server on this machine has its socket, or `PGHOST`; an empty host would be asked for.
            url.set_host(None)
                .map_err(|reason| Unusable::Url { reason })?;
        }
        Ok(Self { url, shown })
    }

    /// With the password.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

fn check(name: &str, value: &str) -> Result<(), Unusable> {
    let wrong = |name, expected| Err(Unusable::Value { name, expected });
    match name {
        "sslmode" if !SSL_MODES.contains(&value) => wrong(
            "sslmode",
            "disable, allow, prefer, require, verify-ca or verify-full",
        ),
        "port" if value.parse::<u16>().is_err() => wrong("port", "a number from 0 to 65535"),
        "hostaddr" if value.parse::<IpAddr>().is_err() => wrong("hostaddr", "an IP address"),
        name if PARAMETERS.contains(&name) => Ok(()),
        name => Err(Unusable::Parameter {
            name: name.to_owned(),
        }),
    }
}

/// The URL as text; written as it was, but for the password.
fn without_password(url: &Url) -> String {
    let mut shown = url.clone();
    // Fails only where there can be none.
    let _ = shown.set_password(None);
    if url.query_pairs().any(|(name, _)| name == "password") {
        let rest: Vec<_> = url
            .query_pairs()
            .filter(|(name, _)| name != "password")
            .collect();
        if rest.is_empty() {
            shown.set_query(None);
        } else {
            shown.query_pairs_mut().clear().extend_pairs(rest);
        }
    }
    shown.into()
}

/// The settings of every session, in milliseconds where they are times.
///
/// Each is a little shorter than what a caller here waits for an answer: where the server works and only somebody
/// else's lock is in the way, it says so itself. An instance that was stopped in the middle of an edit loses that edit,
/// and with it its locks, before those who wait for them are asked in vain a second time.
pub(crate) fn settings(durability: Durability) -> String {
    // A server may be killed like any process, and what it has not flushed is gone then: without a flush
    // there is nothing between an edit that outlives its server and one that does not.
    let commit = match durability {
        Durability::Disk => "on",
        Durability::Process => "local",
    };
    format!(
        "SET statement_timeout = 4500; SET lock_timeout = 4000; \
         SET idle_in_transaction_session_timeout = 1500; \
         SET synchronous_commit = {commit}; \
         SET default_transaction_isolation = 'read committed'; \
         SET client_min_messages = 'warning'"
    )
}

/// For bringing a schema up to date, which may take long, but not hold everybody up behind somebody's lock.
pub(crate) const WITHOUT_HASTE: &str = "SET LOCAL statement_timeout = 0";

/// Lets one process after the other look at the schema: true for whose turn it is. The number has no meaning but that it is
/// always the same.
pub(crate) const TRY_LOCK_SCHEMA: &str = "SELECT pg_try_advisory_xact_lock(7016996765293437281)";

pub(crate) const BEGIN_WRITE: &str = "BEGIN";

/// The kind for an SQLSTATE.
///
/// Source: <https://www.postgresql.org/docs/current/errcodes-appendix.html>.
pub(crate) fn kind_of(code: &str) -> Kind {
    match code {
        "28000" | "28P01" => Kind::Login,
        "3D000" => Kind::Missing,
        "42501" => Kind::Rights,
        "25006" => Kind::ReadOnly,
        "40001" | "40P01" => Kind::Conflict,
        "55P03" => Kind::Locked,
        "57014" => Kind::Slow,
        "53300" => Kind::Crowded,
        "53100" => Kind::Full,
        "58030" => Kind::Disk,
        "XX001" | "XX002" => Kind::Corrupt,
        // It stops, was stopped, or is starting; or it broke the connection off, because nothing was said for too long.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Kind::Away,
        code if code.starts_with("08") => Kind::Away,
        code if code.starts_with("53") => Kind::Crowded,
        _ => Kind::Refused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_host_is_left_to_the_environment() {
        let server = Server::parse("postgres:///users?sslmode=disable").expect("a URL");
        assert_eq!(server.url().host_str(), None);
        assert_eq!(server.to_string(), "postgres:///users?sslmode=disable");
    }

    #[test]
    fn the_password_stays_in_the_url_that_is_connected_to() {
        let server = Server::parse("postgres://me:p%40ss@host/users").expect("a URL");
        assert_eq!(server.url().password(), Some("p%40ss"));
    }
}
