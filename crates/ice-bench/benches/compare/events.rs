//! What events cost that go through a broker.

use std::time::{Duration, Instant};

use crate::build::Built;
use crate::language::Language;
use crate::rounds::{Contest, Took};
use crate::{Broker, Peer};

const SUBSCRIBERS: [usize; 3] = [1, 10, 50];
const WANTED: f64 = 0.9;

/// How long one turn of one contestant is.
const TURN: Duration = Duration::from_millis(300);

/// Publisher and subscribers of one language and one topic.
struct Contestant {
    publisher: Peer,
    subscriber: Peer,
    subscribers: usize,
    /// How many events make a turn.
    count: usize,
    contest: Contest,
    missing: i64,
    disordered: i64,
}

/// Prints the table of events.
pub(crate) fn measure(
    built: &Built,
    rounds: usize,
    is_wanted: &dyn Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let name = |subscribers| format!("events, {subscribers} subscribers");
    if !SUBSCRIBERS
        .iter()
        .any(|subscribers| is_wanted(&name(*subscribers)))
    {
        return Ok(());
    }
    let broker = Broker::start()?;
    println!(
        "\n{:<26} {:>10} {:>10} {:>10}   {:<19} {:>6}   {:<20}   lost and disordered (C++, Python, Rust)",
        "", "C++", "Python", "Rust", "Rust / C++", "wanted", "processor, C++ Rust"
    );
    for subscribers in SUBSCRIBERS {
        let name = name(subscribers);
        if !is_wanted(&name) {
            continue;
        }
        let mut contestants = Vec::new();
        for language in Language::ALL {
            contestants.push(Contestant::new(built, &broker, language, subscribers)?);
        }
        for _ in 0..rounds {
            for contestant in &mut contestants {
                let took = contestant.turn()?;
                contestant.contest.add(contestant.count, &took);
            }
        }
        let [cpp, python, rust] = &contestants[..] else {
            unreachable!("there are three languages");
        };
        println!(
            "{name:<26} {:>10} {:>10} {:>10}   {:<19} {WANTED:>6}   {:>6.1} us {:>6.1} us   {}",
            show(&cpp.contest),
            show(&python.contest),
            show(&rust.contest),
            rust.contest.rate.ratio_to(&cpp.contest.rate),
            cpp.contest.cost(),
            rust.contest.cost(),
            [cpp, python, rust]
                .map(|one| format!("{} and {}", one.missing, one.disordered))
                .join(", "),
        );
    }
    Ok(())
}

fn show(contest: &Contest) -> String {
    format!("{:.1} k/s", contest.rate.median() / 1e3)
}

impl Contestant {
    fn new(
        built: &Built,
        broker: &Broker,
        language: Language,
        subscribers: usize,
    ) -> anyhow::Result<Self> {
        let topic = format!("{language:?}{subscribers}");
        let mut subscriber = Peer::start(built.peer(language))?;
        let mut publisher = Peer::start(built.peer(language))?;
        for peer in [&mut subscriber, &mut publisher] {
            peer.ask(&format!("broker {}", broker.manager))?;
        }
        subscriber.ask(&format!("subscribe {topic} {subscribers}"))?;
        publisher.ask(&format!("publisher {topic}"))?;
        let mut contestant = Self {
            publisher,
            subscriber,
            subscribers,
            count: 64,
            contest: Contest::default(),
            missing: 0,
            disordered: 0,
        };
        loop {
            let took = contestant.turn()?.elapsed;
            if took > TURN / 4 {
                let turns = TURN.as_secs_f64() / took.as_secs_f64();
                contestant.count = (contestant.count as f64 * turns).ceil() as usize;
                return Ok(contestant);
            }
            contestant.count *= 2;
        }
    }

    /// Publishes, and waits until every subscriber has every event.
    fn turn(&mut self) -> anyhow::Result<Took> {
        self.subscriber
            .ask(&format!("expect {}", self.count * self.subscribers))?;
        let before = self.processor_time()?;
        let start = Instant::now();
        self.publisher.ask(&format!("publish {}", self.count))?;
        let answer = self.subscriber.ask("wait")?;
        let elapsed = start.elapsed();
        let processors = self.processor_time()? - before;
        let (missing, disordered) = answer.split_once(' ').unwrap_or((&answer, "0"));
        self.missing += missing.parse::<i64>()?;
        self.disordered += disordered.parse::<i64>()?;
        Ok(Took {
            elapsed,
            processors,
        })
    }

    fn processor_time(&self) -> anyhow::Result<Duration> {
        Ok(self.publisher.processor_time()? + self.subscriber.processor_time()?)
    }
}
