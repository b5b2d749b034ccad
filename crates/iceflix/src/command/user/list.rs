//! Users as lines of text, or as JSON.

use std::{
    io::{self, Write as _},
    time::{Duration, SystemTime},
};

use iceflix_auth::store::User;
use serde::Serialize;

/// A user, as a script reads it. Times are RFC 3339, UTC.
#[derive(Serialize)]
struct Entry<'a> {
    name: &'a str,
    added: String,
    /// Null: never.
    last_login: Option<String>,
    /// Since when; null: the user may log in.
    locked: Option<String>,
}

/// Writes a table of users, or a JSON array.
///
/// # Errors
///
/// Where standard output cannot be written.
pub(super) fn print(users: &[User], json: bool) -> anyhow::Result<()> {
    let entries = users.iter().map(|user| Entry {
        name: &user.name,
        added: time(user.created),
        last_login: user.last_login.map(time),
        locked: user.locked.map(time),
    });
    let mut out = io::stdout().lock();
    if json {
        serde_json::to_writer_pretty(&mut out, &entries.collect::<Vec<_>>())?;
        writeln!(out)?;
    } else {
        for line in table(entries) {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}

fn table<'a>(entries: impl Iterator<Item = Entry<'a>> + Clone) -> Vec<String> {
    let names = entries.clone().map(|entry| entry.name.chars().count());
    let width = names.max().unwrap_or(0).max("NAME".len());
    let row = |name: &str, added: &str, last_login: &str, locked: &str| {
        let row = format!("{name:width$}  {added:20}  {last_login:20}  {locked}");
        row.trim_end().to_owned()
    };
    let mut lines = vec![row("NAME", "ADDED", "LAST LOGIN", "LOCKED")];
    lines.extend(entries.map(|entry| {
        row(
            entry.name,
            &entry.added,
            entry.last_login.as_deref().unwrap_or("never"),
            entry.locked.as_deref().unwrap_or_default(),
        )
    }));
    lines
}

fn time(since_1970: Duration) -> String {
    // What lies behind the year 9999 cannot be written, nor be meant.
    let time = SystemTime::UNIX_EPOCH + since_1970.min(Duration::from_secs(253_402_300_799));
    humantime::format_rfc3339_seconds(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_has_a_line_for_each_user_and_says_what_never_was() {
        let users = [
            User {
                name: "ana".into(),
                created: Duration::from_secs(1_800_000_000),
                last_login: Some(Duration::from_secs(1_800_000_060)),
                locked: None,
            },
            User {
                name: "José".into(),
                created: Duration::MAX,
                last_login: None,
                locked: Some(Duration::from_secs(1_800_000_000)),
            },
        ];
        let entries = users.iter().map(|user| Entry {
            name: &user.name,
            added: time(user.created),
            last_login: user.last_login.map(time),
            locked: user.locked.map(time),
        });
        assert_eq!(
            table(entries),
            [
                "NAME  ADDED                 LAST LOGIN            LOCKED",
                "ana   2027-01-15T08:00:00Z  2027-01-15T08:01:00Z",
                "José  9999-12-31T23:59:59Z  never                 2027-01-15T08:00:00Z",
            ]
        );
    }
}
