//! Another program plays.

use std::io::Write as _;

use tokio::process::Command;

use super::Error;

/// Has `program` play the stream and waits for its end. The program is given a
/// playlist file, which only this user can read, and not the address: that is
/// a secret, and arguments are not. When this future is dropped the program is
/// ended.
///
/// # Errors
///
/// Where the program cannot be started, or fails.
pub async fn play(program: &str, url: &str) -> Result<(), Error> {
    let failed = |source| Error::Program {
        program: program.to_owned(),
        source,
    };
    let mut playlist = tempfile::Builder::new()
        .prefix("iceflix-")
        .suffix(".m3u")
        .tempfile()
        .map_err(failed)?;
    writeln!(playlist, "#EXTM3U\n{url}").map_err(failed)?;
    let status = Command::new(program)
        .arg(playlist.path())
        .kill_on_drop(true)
        .status()
        .await
        .map_err(failed)?;
    if !status.success() {
        return Err(Error::ProgramFailed {
            program: program.to_owned(),
            status,
        });
    }
    Ok(())
}
