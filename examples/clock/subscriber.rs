//! Prints the time, as the publishers of a topic tell it.

include!(concat!(env!("OUT_DIR"), "/Clock.rs"));

use std::pin::pin;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use demo::{Clock, ClockServant};
use ice::{Communicator, Current, Error, Properties};
use icestorm::{Manager, Qos, Subscription};
use tokio::sync::mpsc;

/// Prints the time, as the publishers of a topic tell it.
#[derive(Parser)]
struct Arguments {
    /// After how many events it leaves.
    #[arg(long)]
    count: Option<usize>,
    /// How events travel.
    #[arg(long, value_enum, default_value_t = Mode::Twoway)]
    mode: Mode,
}

#[derive(Clone, Copy, ValueEnum)]
enum Mode {
    Twoway,
    Ordered,
    Oneway,
    Batch,
    Datagram,
}

/// Passes on what it hears.
struct Listener(mpsc::UnboundedSender<i64>);

impl Clock for Listener {
    async fn tick(&self, time: i64, _: &Current) -> Result<(), Error> {
        // Nobody listens any more when the program ends.
        let _ = self.0.send(time);
        Ok(())
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    ice_examples::show_messages();
    let (properties, rest) = Properties::from_args(std::env::args())?;
    let arguments = Arguments::parse_from(rest);
    properties.set_default("Subscriber.Endpoints", "tcp -h 127.0.0.1:udp -h 127.0.0.1")?;
    let communicator = Communicator::new(properties)?;
    let outcome = listen(&communicator, arguments).await;
    communicator.destroy().await;
    outcome
}

async fn listen(communicator: &Communicator, arguments: Arguments) -> anyhow::Result<()> {
    let Arguments { count, mode } = arguments;
    let manager = communicator.properties().get_or(
        "TopicManager.Proxy",
        "Demo/TopicManager:tcp -h 127.0.0.1 -p 10000",
    );
    let manager = Manager::new(communicator.string_to_proxy(&manager)?);
    let adapter = communicator.create_adapter("Subscriber")?;
    adapter.activate()?;

    let qos = match mode {
        Mode::Twoway => Qos::default(),
        Mode::Ordered => Qos::default().ordered(),
        Mode::Oneway => Qos::default().oneway(),
        Mode::Batch => Qos::default().batch_oneway(),
        Mode::Datagram => Qos::default().datagram(),
    };
    let (sender, mut times) = mpsc::unbounded_channel();
    let listener = ClockServant::new(Listener(sender));
    let subscription = Subscription::serve(&manager, "time", &adapter, listener, qos)?;
    let mut state = subscription.state();

    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut heard = 0;
    while count.is_none_or(|count| heard < count) {
        tokio::select! {
            interrupted = &mut interrupt => {
                interrupted?;
                break;
            }
            Some(time) = times.recv() => {
                heard += 1;
                println!("{:.1?}", Duration::from_millis(time.unsigned_abs()));
            }
            // It heals itself. Whoever cares for every event learns here that some may be missing.
            Ok(()) = state.changed() => match *state.borrow_and_update() {
                state if !state.subscribed => eprintln!("the broker is gone"),
                state if state.generation > 1 => eprintln!("subscribed again; some may be lost"),
                _ => eprintln!("subscribed"),
            },
        }
    }
    subscription.stop().await;
    Ok(())
}
