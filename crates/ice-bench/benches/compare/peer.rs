use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, bail};

/// A process that does what it is told. It ends with this value.
pub(crate) struct Peer {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Peer {
    pub(crate) fn start(mut command: Command) -> anyhow::Result<Self> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("{command:?}"))?;
        let orders = child.stdin.take().context("it is a pipe")?;
        let answers = BufReader::new(child.stdout.take().context("it is a pipe")?);
        Ok(Self {
            child,
            orders,
            answers,
        })
    }

    /// Gives an order and waits until it is done.
    pub(crate) fn ask(&mut self, order: &str) -> anyhow::Result<String> {
        writeln!(self.orders, "{order}")?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            bail!("a peer ended at: {order}");
        }
        answer.truncate(answer.trim_end().len());
        Ok(answer)
    }

    /// As `ask`, for an order whose answer is how many nanoseconds it took.
    pub(crate) fn time(&mut self, order: &str) -> anyhow::Result<Duration> {
        let answer = self.ask(order)?;
        let nanoseconds = answer
            .parse()
            .with_context(|| format!("{order}: {answer}"))?;
        Ok(Duration::from_nanos(nanoseconds))
    }

    /// How long it kept a processor busy until now, in the kernel and out of it.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // Fields 14 and 15 of proc(5), in clock ticks, of which Linux has a hundred a second. The name in field 2 may
        // hold spaces.
        let (_, fields) = stat.rsplit_once(')').context("no name in proc(5)")?;
        let ticks = fields
            .split_whitespace()
            .skip(11)
            .take(2)
            .map(str::parse::<u64>)
            .sum::<Result<u64, _>>()?;
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It has nothing to save, and may hang.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
