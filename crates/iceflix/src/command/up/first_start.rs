//! What a platform needs before it can start for the first time.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, bail};
use iceflix_media::{Cancel, Progress, samples};
use iceflix_service::settings::Settings;
use zeroize::Zeroizing;

use iceflix_auth::store::user::{Hash, Name};

use crate::command::user;

/// The name of the user that a new platform begins with.
const FIRST_USER: &str = "viewer";

/// A user who was just made, with a password that is shown once.
pub(super) struct FirstUser {
    pub(super) name: &'static str,
    pub(super) password: Zeroizing<String>,
}

/// Makes a user with a random password where there is none at all.
///
/// # Errors
///
/// Where the users cannot be read or written.
pub(super) async fn user(settings: &Settings) -> anyhow::Result<Option<FirstUser>> {
    let users = user::open(settings).await?;
    if !users.list().await?.is_empty() {
        return Ok(None);
    }
    let password = random_password()?;
    users
        .add(&Name::parse(FIRST_USER)?, &Hash::of_password(&password))
        .await?;
    Ok(Some(FirstUser {
        name: FIRST_USER,
        password,
    }))
}

/// The directory of our own films; what is missing of them is made, which takes a few seconds.
///
/// # Errors
///
/// Where they cannot be made.
pub(super) fn films(data: &Path) -> anyhow::Result<PathBuf> {
    let directory = data.join("films");
    let mut shown = None;
    let mut progress = |progress: Progress| {
        let percent = progress.done * 100 / progress.total.max(1);
        // What exists already is passed over without a word.
        if shown != Some(percent / 10) && percent < 100 {
            eprintln!("No directory of films was named: making three short ones ({percent} %)");
            shown = Some(percent / 10);
        }
    };
    samples::make(&directory, &mut progress, &Cancel::new())?;
    Ok(directory)
}

/// Makes sure that every directory is one, before anything is started.
///
/// # Errors
///
/// The first that is not.
pub(super) fn check(directories: Vec<PathBuf>) -> anyhow::Result<Vec<PathBuf>> {
    for directory in &directories {
        let name = directory.display();
        if directory.to_str().is_none() {
            bail!("{name}: the path of a directory of films has to be valid UTF-8");
        }
        fs::read_dir(directory)
            .with_context(|| format!("{name} is not a directory of films that can be read"))?;
    }
    Ok(directories)
}

/// A password of 100 random bits, easy to read and to type.
fn random_password() -> anyhow::Result<Zeroizing<String>> {
    // No 0 and o, no 1 and l: 32 symbols, 5 bits each.
    const SYMBOLS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
    let mut bytes = Zeroizing::new([0_u8; 20]);
    getrandom::fill(&mut *bytes).context("the operating system has no random numbers")?;
    let symbols: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(SYMBOLS[usize::from(byte % 32)]))
        .collect();
    let groups: Vec<String> = symbols
        .chunks(5)
        .map(|group| group.iter().collect())
        .collect();
    Ok(Zeroizing::new(groups.join("-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_passwords_are_four_groups_and_differ() {
        let (one, other) = (
            random_password().expect("random"),
            random_password().expect("random"),
        );
        assert_ne!(*one, *other);
        assert_eq!(
            one.split('-').map(str::len).collect::<Vec<_>>(),
            [5, 5, 5, 5]
        );
    }
}
