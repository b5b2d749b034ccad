//! Events through a broker.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, AtomicI64, Ordering};
use std::time::Duration;

use ice::{Communicator, Current, Prx as _};
use icestorm::{Manager, Publisher, Qos, Subscription};
use tokio::sync::Notify;

use crate::Answer;
use crate::slice::bench::{Ticks, TicksPrx, TicksServant};

/// How long a missing event is hoped for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Counts the events of all its subscribers.
#[derive(Default)]
struct Tally {
    missing: AtomicI64,
    disordered: AtomicI64,
    complete: Notify,
}

/// One subscriber.
struct Counting {
    tally: Arc<Tally>,
    last: AtomicI32,
}

impl Ticks for Counting {
    async fn tick(&self, number: i32, _: &Current) -> Result<(), ice::Error> {
        let last = self.last.swap(number, Ordering::Relaxed);
        if number != 0 && number != last + 1 {
            self.tally.disordered.fetch_add(1, Ordering::Relaxed);
        }
        if self.tally.missing.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.tally.complete.notify_one();
        }
        Ok(())
    }
}

/// Both ends of topics.
#[derive(Default)]
pub(crate) struct Events {
    manager: Option<Manager>,
    publisher: Option<Publisher<TicksPrx>>,
    tally: Arc<Tally>,
    subscriptions: Vec<Subscription>,
}

impl Events {
    pub(crate) async fn answer(
        &mut self,
        communicator: &Communicator,
        what: &str,
        rest: &str,
    ) -> Answer {
        match what {
            "broker" => self.manager = Some(Manager::new(communicator.string_to_proxy(rest)?)),
            "subscribe" => {
                let (topic, count) = rest.split_once(' ').ok_or("topic and number are wanted")?;
                self.subscribe(communicator, topic, count.parse()?).await?;
            }
            "publisher" => {
                let manager = self.manager.as_ref().ok_or("there is no broker")?;
                self.publisher = Some(Publisher::new(manager, rest).with_oneway());
            }
            "publish" => {
                let publisher = self.publisher.as_ref().ok_or("there is no topic")?;
                for number in 0..rest.parse()? {
                    publisher
                        .publish(|ticks| async move { ticks.tick(number).await })
                        .await?;
                }
            }
            "expect" => {
                self.tally.missing.store(rest.parse()?, Ordering::Release);
                self.tally.disordered.store(0, Ordering::Release);
            }
            _ => return Ok(self.tally.wait().await),
        }
        Ok("ready".to_owned())
    }

    async fn subscribe(
        &mut self,
        communicator: &Communicator,
        topic: &str,
        count: usize,
    ) -> Result<(), Box<dyn std::error::Error>> {
        let manager = self.manager.as_ref().ok_or("there is no broker")?;
        let adapter = communicator
            .create_adapter_with_endpoints(&format!("Ticks{topic}"), "tcp -h 127.0.0.1")?;
        adapter.activate()?;
        for _ in 0..count {
            let subscriber = adapter.add_with_uuid(TicksServant::new(Counting {
                tally: Arc::clone(&self.tally),
                last: AtomicI32::new(0),
            }))?;
            let subscription =
                Subscription::start(manager, topic, subscriber.with_oneway(), Qos::default());
            subscription
                .state()
                .wait_for(|state| state.subscribed)
                .await?;
            self.subscriptions.push(subscription);
        }
        Ok(())
    }
}

impl Tally {
    /// How many are missing, and how many came out of order, when the last one is there or no more can be hoped for.
    async fn wait(&self) -> String {
        let complete = async {
            while self.missing.load(Ordering::Acquire) > 0 {
                self.complete.notified().await;
            }
        };
        // Those that are missing then are reported.
        let _ = tokio::time::timeout(PATIENCE, complete).await;
        let missing = self.missing.load(Ordering::Acquire);
        format!("{missing} {}", self.disordered.load(Ordering::Acquire))
    }
}
