//! Reads all titles at once.

use std::time::{Duration, Instant};

use iceflix_database::{Database, Engine, Error};
use sqlx::Row;
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::changes;
use crate::store::index::{Filling, Index};
use crate::store::row;

/// Titles of one row of an answer. A row a title costs several times as much as what is in it.
const TOGETHER: i64 = 1_000;

/// So many rows are read ahead of those that are being entered.
const AHEAD: usize = 4;

/// A start that takes longer than this is worth a line of the log, and another each time.
const LONG: Duration = Duration::from_secs(1);

/// The texts of a title, one behind the other, behind their lengths: whatever is in them.
const PACKED: [&str; 2] = [
    "SELECT max(number) AS last, CAST(group_concat(octet_length(id) || ' ' || octet_length(name) || ' ' \
         || octet_length(tags) || ' ' || id || name || tags, '') AS BLOB) AS titles \
     FROM (SELECT number, id, name, tags FROM titles WHERE number > $1 ORDER BY number LIMIT $2) AS chunk",
    "SELECT max(number) AS last, convert_to(string_agg(octet_length(convert_to(id, 'UTF8')) || ' ' \
         || octet_length(convert_to(name, 'UTF8')) || ' ' || octet_length(convert_to(tags, 'UTF8')) || ' ' \
         || id || name || tags, ''), 'UTF8') AS titles \
     FROM (SELECT number, id, name, tags FROM titles WHERE number > $1 ORDER BY number LIMIT $2) AS chunk",
];

/// All titles, and the revision after which there may be more: some may be newer.
pub(super) async fn all(database: &Database) -> Result<(Index, i64), Error> {
    let started = Instant::now();
    let failed = database.failed("reading all titles");
    let revision = changes::revision(database).await?;
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM titles")
        .fetch_one(database.read())
        .await
        .map_err(&failed)?;
    let count = usize::try_from(count).unwrap_or(0);

    let (sender, mut rows) = mpsc::channel::<Vec<u8>>(AHEAD);
    let filled = tokio::task::spawn_blocking(move || {
        let mut filling = Filling::new(count);
        let mut bad = 0;
        while let Some(packed) = rows.blocking_recv() {
            bad += fill(&mut filling, &packed);
        }
        (filling.finish(), bad)
    });

    let statement = match database.engine() {
        Engine::Sqlite => PACKED[0],
        _ => PACKED[1],
    };
    let (mut last, mut told, mut read) = (i64::MIN, started, 0);
    loop {
        let row = sqlx::query(statement)
            .bind(last)
            .bind(TOGETHER)
            .fetch_one(database.read())
            .await
            .map_err(&failed)?;
        let Some(highest) = row.try_get("last").map_err(&failed)? else {
            break;
        };
        last = highest;
        read += TOGETHER;
        // It ends early only by a panic, which is seen below.
        if sender
            .send(row.try_get("titles").map_err(&failed)?)
            .await
            .is_err()
        {
            break;
        }
        if told.elapsed() > LONG {
            told = Instant::now();
            info!(read, of = count, "reading all titles");
        }
    }
    drop(sender);
    let (index, bad) = match filled.await {
        Ok(filled) => filled,
        Err(stopped) => std::panic::resume_unwind(stopped.into_panic()),
    };
    if bad > 0 {
        warn!(
            count = bad,
            "titles are left out: somebody wrote ids or names into the database that are none"
        );
    }
    if started.elapsed() > LONG {
        info!(titles = index.len(), took = ?started.elapsed(), "all titles are read");
    }
    Ok((index, revision))
}

/// Enters the titles of a row; returns how many are none.
fn fill(filling: &mut Filling, packed: &[u8]) -> usize {
    let mut bad = 0;
    let mut left = packed;
    while !left.is_empty() {
        let Some([id, name, tags]) = unpack(&mut left) else {
            return bad + 1;
        };
        match row::title(id, name, tags) {
            Some((id, name, tags)) => filling.put(id, name, tags),
            None => bad += 1,
        }
    }
    bad
}

/// Takes one title off the front.
fn unpack<'a>(packed: &mut &'a [u8]) -> Option<[&'a [u8]; 3]> {
    let lengths = [number(packed)?, number(packed)?, number(packed)?];
    let mut texts = [&[][..]; 3];
    for (text, length) in texts.iter_mut().zip(lengths) {
        (*text, *packed) = packed.split_at_checked(length)?;
    }
    Some(texts)
}

/// Takes a number and the space behind it off the front.
fn number(packed: &mut &[u8]) -> Option<usize> {
    let end = packed.iter().position(|byte| *byte == b' ')?;
    let digits = str::from_utf8(&packed[..end]).ok()?;
    *packed = &packed[end + 1..];
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_text_holds_is_read_as_it_is() {
        let id = "0".repeat(64);
        let packed = format!("64 3 3 {id}1 2a\nb1 2 0 xé");
        let mut left = packed.as_bytes();
        assert_eq!(unpack(&mut left), Some([id.as_bytes(), b"1 2", b"a\nb"]));
        assert_eq!(unpack(&mut left), Some([&b"x"[..], "é".as_bytes(), b""]));
        assert!(left.is_empty());
    }

    #[test]
    fn what_is_cut_short_is_no_title() {
        for mut packed in [&b"1 2 3"[..], b"1 2 3 ab", b"x 1 1 abc", b" 1 1 abc", b"9"] {
            assert_eq!(unpack(&mut packed), None);
        }
    }
}
