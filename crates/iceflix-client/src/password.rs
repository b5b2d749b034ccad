//! Passwords on their way in, and the only form in which they go on.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader, IsTerminal as _, Read},
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// The longest password, in bytes. More is some other file by mistake.
pub const MAX_LEN: usize = 4096;

/// Why there is no password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing was given.
    #[error("the password is empty: type one, or put it on the first line of {0}")]
    Empty(Source),
    /// See [`MAX_LEN`].
    #[error("the first line of {0} is longer than {MAX_LEN} bytes: is it really a password?")]
    TooLong(Source),
    /// A new password was typed in two ways.
    #[error("the two passwords differ: nothing was changed")]
    Differ,
    /// It cannot be read.
    #[error("cannot read the password from {0}: {1}")]
    Unreadable(Source, #[source] io::Error),
}

/// Where a password comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The terminal, where it is not shown.
    Terminal,
    /// The first line of standard input.
    Input,
    /// The first line of a file.
    File(PathBuf),
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Terminal => f.write_str("the terminal"),
            Self::Input => f.write_str("standard input"),
            Self::File(path) => write!(f, "{}", path.display()),
        }
    }
}

impl Source {
    /// A file where one is named, the terminal where there is one, standard
    /// input otherwise.
    pub fn choose(file: Option<&Path>) -> Self {
        match file {
            Some(path) => Self::File(path.to_owned()),
            None if io::stdin().is_terminal() => Self::Terminal,
            None => Self::Input,
        }
    }

    /// Gets the password of a user and returns its user hash.
    ///
    /// # Errors
    ///
    /// Where there is none, or one too long.
    pub fn ask(&self, user: &str) -> Result<Zeroizing<String>, Error> {
        let password = match self {
            Self::Terminal => prompt(&format!("Password of {user}: "))?,
            Self::Input => self.first_line(io::stdin())?,
            Self::File(path) => {
                let file =
                    File::open(path).map_err(|error| Error::Unreadable(self.clone(), error))?;
                self.first_line(file)?
            }
        };
        if password.is_empty() {
            return Err(Error::Empty(self.clone()));
        }
        Ok(hash(&password))
    }

    /// The same for a new password, which a person has to type twice.
    ///
    /// # Errors
    ///
    /// As [`Source::ask`], and where the two are not the same.
    pub fn ask_new(&self, user: &str) -> Result<Zeroizing<String>, Error> {
        let password = self.ask(user)?;
        if matches!(self, Self::Terminal) && *hash(&prompt("The same again: ")?) != *password {
            return Err(Error::Differ);
        }
        Ok(password)
    }

    fn first_line(&self, from: impl Read) -> Result<Zeroizing<String>, Error> {
        let unreadable = |error| Error::Unreadable(self.clone(), error);
        // Nothing behind the line is waited for: whoever writes it may go on, or wait.
        let mut line = Zeroizing::new(Vec::with_capacity(MAX_LEN + 2));
        BufReader::new(from.take(MAX_LEN as u64 + 2))
            .read_until(b'\n', &mut line)
            .map_err(unreadable)?;
        let line = line.strip_suffix(b"\n").unwrap_or(&line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > MAX_LEN {
            return Err(Error::TooLong(self.clone()));
        }
        let text = std::str::from_utf8(line)
            .map_err(|error| unreadable(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

fn prompt(text: &str) -> Result<Zeroizing<String>, Error> {
    let terminal = console::Term::stderr();
    let typed = terminal
        .write_str(text)
        .and_then(|()| terminal.read_secure_line());
    typed
        .map(Zeroizing::new)
        .map_err(|error| Error::Unreadable(Source::Terminal, error))
}

/// The user hash of a password: its SHA-256 in lower-case hexadecimal.
pub fn hash(password: &str) -> Zeroizing<String> {
    Zeroizing::new(hex::encode(Sha256::digest(password)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_line(text: &str) -> Result<String, Error> {
        Source::Input
            .first_line(text.as_bytes())
            .map(|line| line.to_string())
    }

    #[test]
    fn the_user_hash_is_lower_case_hexadecimal_sha_256() {
        assert_eq!(
            *hash("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn the_first_line_is_the_password_whatever_ends_it() {
        for text in ["a b", "a b\n", "a b\r\n", "a b\nsecond line\n"] {
            assert_eq!(first_line(text).expect("a password"), "a b");
        }
    }

    #[test]
    fn nothing_behind_the_first_line_is_waited_for() {
        let (here, mut there) = std::os::unix::net::UnixStream::pair().expect("two ends");
        std::io::Write::write_all(&mut there, b"a b\n\xff").expect("room");
        let line = Source::Input.first_line(here).expect("a password");
        assert_eq!(*line, "a b");
    }

    #[test]
    fn a_line_that_is_too_long_is_refused() {
        assert!(first_line(&"x".repeat(MAX_LEN)).is_ok());
        assert!(matches!(
            first_line(&"x".repeat(MAX_LEN + 1)),
            Err(Error::TooLong(Source::Input))
        ));
    }
}
