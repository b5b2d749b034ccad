//! Ice in Rust, C++ and Python, measured side by side: the Rust peer. `make bench-ice` runs the comparison.
//!
//! A peer does what it is told on its standard input, a line each, and answers each line with one line; what that can
//! be is in [`Peer::answer`]. It uses the crates `ice` and `icestorm` as their documentation shows.

mod calls;
mod events;
mod target;

/// The interfaces that are measured.
pub mod slice {
    include!(concat!(env!("OUT_DIR"), "/Bench.rs"));
}

use std::error::Error;

use ice::{Communicator, Properties};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use events::Events;
use slice::bench::TargetPrx;

/// What a peer is asked for, or why it cannot do that.
type Answer = Result<String, Box<dyn Error>>;

/// One process of the comparison.
pub struct Peer {
    communicator: Communicator,
    targets: Vec<TargetPrx>,
    events: Events,
    allocations: fn() -> usize,
}

impl Peer {
    /// Serves its standard input until that ends. `allocations` is how many there were in this process.
    ///
    /// # Errors
    ///
    /// Where anything fails that it is told to do.
    pub async fn run(allocations: fn() -> usize) -> Result<(), Box<dyn Error>> {
        let (properties, _) = Properties::from_args(std::env::args())?;
        let mut peer = Self {
            communicator: Communicator::new(properties)?,
            targets: Vec::new(),
            events: Events::default(),
            allocations,
        };
        let mut lines = BufReader::new(tokio::io::stdin()).lines();
        while let Some(line) = lines.next_line().await? {
            println!("{}", peer.answer(&line).await?);
        }
        peer.communicator.destroy().await;
        Ok(())
    }

    async fn answer(&mut self, line: &str) -> Answer {
        let (what, rest) = line.split_once(' ').unwrap_or((line, ""));
        match what {
            "serve" => target::serve(&self.communicator),
            "allocations" => Ok((self.allocations)().to_string()),
            "target" => {
                use ice::Prx as _;
                let target = self.communicator.string_to_proxy(rest)?;
                target.ice_ping().await?;
                self.targets.push(target.unchecked_cast());
                Ok("ready".to_owned())
            }
            "broker" | "subscribe" | "publisher" | "publish" | "expect" | "wait" => {
                self.events.answer(&self.communicator, what, rest).await
            }
            _ => {
                let numbers = rest
                    .split(' ')
                    .map(str::parse)
                    .collect::<Result<Vec<usize>, _>>()?;
                let [target, how, count] = numbers[..] else {
                    return Err(format!("three numbers are wanted: {line}").into());
                };
                let target = self.targets.get(target).ok_or("no such target")?;
                Ok(calls::measure(what, target, how, count)
                    .await?
                    .as_nanos()
                    .to_string())
            }
        }
    }
}
