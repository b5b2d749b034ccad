//! A child that `iceflix up` or a test started must not outlive it.

use anyhow::{Context as _, bail};
use nix::{
    sys::{prctl, signal::Signal},
    unistd::getppid,
};

/// Names the variable that carries the process id of the one to end with.
pub(crate) const VARIABLE: &str = "ICEFLIX_PARENT";

/// Where the variable is set, has the kernel ask this process to stop when its
/// parent ends. Holds across `exec`.
///
/// # Errors
///
/// Where the parent has ended already, and where the kernel refuses.
pub(crate) fn follow() -> anyhow::Result<()> {
    let Ok(parent) = std::env::var(VARIABLE) else {
        return Ok(());
    };
    prctl::set_pdeathsig(Signal::SIGTERM).context("cannot follow the parent process")?;
    if getppid().to_string() != parent {
        bail!("the process that started this one has ended");
    }
    Ok(())
}
