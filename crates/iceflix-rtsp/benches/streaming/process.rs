//! A server in a process of its own, and what the system has counted of it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

/// A server under measurement. Dropped, it is gone.
pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What a process has, or has used, at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Resident memory that is its own, in bytes.
    pub(crate) memory: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: usize,
}

impl Process {
    /// This program again, as the server that `role` names.
    pub(crate) fn ourselves(role: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--role", role]);
        Self::start(command)
    }

    pub(crate) fn start(mut command: Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: child.stdin.take().unwrap(),
            output: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// Tells it something, a line.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
        self.input.flush().unwrap();
    }

    /// What it says next, a line.
    pub(crate) fn hear(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    pub(crate) fn usage(&self) -> Usage {
        let process = procfs::process::Process::new(self.child.id() as i32).unwrap();
        let stat = process.stat().unwrap();
        let ticks = (stat.utime + stat.stime) as f64 / procfs::ticks_per_second() as f64;
        let status = process.status().unwrap();
        Usage {
            cpu: Duration::from_secs_f64(ticks),
            memory: status.rssanon.unwrap() * 1_024,
            threads: status.threads,
            descriptors: process.fd_count().unwrap(),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
