//! One part of the platform as a process that is kept alive.

use std::{
    fs::{self, File},
    io::ErrorKind,
    path::{Path, PathBuf},
    process::{ExitStatus, Stdio},
    time::Duration,
};

use anyhow::{Context as _, bail};
use iceflix_service::Shutdown;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader, Lines},
    process::{Child as Process, ChildStdout, Command},
    time::{Instant, sleep, timeout},
};

use crate::parent;

/// How long a part may take until it is ready. Four seconds are what a cold
/// disk was seen to need; a scan of a large directory does not count, a
/// service is ready before it.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long a part may take to stop before it is killed. Services promise two
/// seconds.
const STOPPED_WITHIN: Duration = Duration::from_secs(4);
/// The first pause before a part that died is started again; it doubles up to
/// [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// One that lived this long starts with the first pause again.
const LIVED_WELL: Duration = Duration::from_secs(30);

/// How to start one part.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// What to call it, and its log file.
    pub(super) name: String,
    /// Its arguments.
    pub(super) arguments: Vec<String>,
}

impl Part {
    fn log(&self, logs: &Path) -> PathBuf {
        logs.join(format!("{}.log", self.name))
    }
}

/// Puts the log of the last time aside, in place of the one before, so that
/// logs do not grow for ever.
///
/// # Errors
///
/// Where that is refused.
pub(super) fn keep_one_older_log(part: &Part, logs: &Path) -> anyhow::Result<()> {
    let log = part.log(logs);
    match fs::rename(&log, log.with_extension("log.1")) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot put the log {} aside", log.display()))
        }
        _ => Ok(()),
    }
}

/// A running part.
#[derive(Debug)]
pub(super) struct Child {
    part: Part,
    log: PathBuf,
    process: Process,
    output: Lines<BufReader<ChildStdout>>,
    started: Instant,
    /// The line by which it said that it was ready: a service's proxy.
    pub(super) ready_line: String,
}

impl Child {
    /// Starts a part and waits until it says that it is ready. It inherits a
    /// log file of its own in `logs` and a process group of its own: Ctrl-C on
    /// the terminal is for `up` alone, which then stops the parts in order.
    ///
    /// # Errors
    ///
    /// Where it ends before it is ready, with what it said.
    pub(super) async fn start(part: Part, logs: &Path) -> anyhow::Result<Self> {
        let program = std::env::current_exe().context("cannot find this program's own file")?;
        let log = part.log(logs);
        let errors = File::options()
            .create(true)
            .append(true)
            .open(&log)
            .with_context(|| format!("cannot write the log {}", log.display()))?;
        let before = errors.metadata().map_or(0, |meta| meta.len());
        let mut process = Command::new(program)
            .args(&part.arguments)
            .env(parent::VARIABLE, std::process::id().to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", part.name))?;
        let output = process.stdout.take().context("a child without an output")?;
        let mut output = BufReader::new(output).lines();
        let ready = timeout(READY_WITHIN, output.next_line()).await;
        let ready_line = match ready {
            Ok(Ok(Some(line))) => line,
            Ok(_) => {
                let status = process.wait().await?;
                bail!(
                    "{} {}:\n{}",
                    part.name,
                    ended(status),
                    last_words(&log, before)
                );
            }
            Err(_) => bail!(
                "{} was not ready within {READY_WITHIN:?}:\n{}",
                part.name,
                last_words(&log, before)
            ),
        };
        Ok(Self {
            part,
            log,
            process,
            output,
            started: Instant::now(),
            ready_line,
        })
    }

    /// What it is called.
    pub(super) fn name(&self) -> &str {
        &self.part.name
    }

    /// Keeps the part alive until the shutdown begins, then stops it.
    pub(super) async fn keep(mut self, logs: &Path, shutdown: &Shutdown) {
        let mut pause = FIRST_PAUSE;
        loop {
            let Some(status) = shutdown.unless_begun(self.ended()).await else {
                return self.stop().await;
            };
            if self.started.elapsed() > LIVED_WELL {
                pause = FIRST_PAUSE;
            }
            let name = self.part.name.clone();
            eprintln!(
                "{name} {}: starting it again (log: {})",
                ended(status),
                self.log.display()
            );
            self = loop {
                if shutdown.unless_begun(sleep(pause)).await.is_none() {
                    return;
                }
                pause = (pause * 2).min(LONGEST_PAUSE);
                match shutdown
                    .unless_begun(Self::start(self.part.clone(), logs))
                    .await
                {
                    None => return,
                    Some(Ok(child)) => break child,
                    Some(Err(error)) => eprintln!("{error:#}\ntrying again in {pause:?}"),
                }
            };
            eprintln!("{name} is back");
        }
    }

    /// Waits for its end, and reads away whatever it prints until then.
    async fn ended(&mut self) -> ExitStatus {
        while let Ok(Some(_)) = self.output.next_line().await {}
        self.process.wait().await.unwrap_or_default()
    }

    async fn stop(mut self) {
        if let Some(id) = self.process.id() {
            let _ = kill(Pid::from_raw(id.cast_signed()), Signal::SIGTERM);
        }
        if timeout(STOPPED_WITHIN, self.process.wait()).await.is_err() {
            eprintln!("{} does not stop: killing it", self.part.name);
            let _ = self.process.kill().await;
        }
    }
}

fn ended(status: ExitStatus) -> String {
    format!("ended ({status})")
}

/// The end of what a part wrote to its log since it was started.
fn last_words(log: &Path, since: u64) -> String {
    const LINES: usize = 5;
    let text = fs::read(log).unwrap_or_default();
    let since = usize::try_from(since).unwrap_or(usize::MAX).min(text.len());
    let text = String::from_utf8_lossy(&text[since..]);
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(LINES)..]
        .iter()
        .map(|line| format!("    {line}\n"))
        .collect()
}
