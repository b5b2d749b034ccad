//! What calls cost.

use std::time::Duration;

use crate::Peer;
use crate::build::Built;
use crate::language::Language::{self, Cpp, Rust};
use crate::rounds::{Contest, Took};

/// How long one turn of one contestant is.
const TURN: Duration = Duration::from_millis(120);

struct Figure {
    name: &'static str,
    /// What a peer is asked to do, and how large, or how many of them at a time.
    order: (&'static str, usize),
    wanted: f64,
}

const fn figure(name: &'static str, what: &'static str, how: usize, wanted: f64) -> Figure {
    Figure {
        name,
        order: (what, how),
        wanted,
    }
}

const FIGURES: [Figure; 9] = [
    figure("empty call, 1 in flight", "empty", 1, 0.95),
    figure("empty call, 64 in flight", "empty", 64, 0.95),
    // Where each call has somebody of its own who waits: a task in Rust, a future in the other languages. Without that,
    // C++ goes on in callbacks, and Rust awaits whichever ends first.
    figure("the same, in tasks", "tasks", 64, 0.95),
    figure("reply of 1 KiB", "get", 1024, 0.9),
    figure("reply of 64 KiB", "get", 65_536, 0.9),
    figure("reply of 500 kB", "get", 500_000, 0.9),
    figure("request of 1 KiB", "put", 1024, 0.9),
    figure("request of 64 KiB", "put", 65_536, 0.9),
    figure("request of 500 kB", "put", 500_000, 0.9),
];

/// Client and server: each language with itself, then Rust with C++, which tells what costs.
const PAIRS: [(Language, Language); 5] = [
    (Cpp, Cpp),
    (Language::Python, Language::Python),
    (Rust, Rust),
    (Rust, Cpp),
    (Cpp, Rust),
];

/// Prints the table of calls.
pub(crate) fn measure(
    built: &Built,
    rounds: usize,
    is_wanted: &dyn Fn(&str) -> bool,
) -> anyhow::Result<()> {
    let mut servers = Vec::new();
    let mut clients = Vec::new();
    for language in Language::ALL {
        let mut server = Peer::start(built.peer(language))?;
        servers.push((server.ask("serve")?, server));
        clients.push(Peer::start(built.peer(language))?);
    }
    for client in &mut clients {
        for (proxy, _) in &servers {
            client.ask(&format!("target {proxy}"))?;
        }
    }
    println!(
        "\n{:<26} {:>10} {:>10} {:>10}   {:<19} {:>6}   {:<19} {:<19} {:<20}",
        "",
        "C++",
        "Python",
        "Rust",
        "Rust / C++",
        "wanted",
        "only client Rust",
        "only server Rust",
        "processor, C++ Rust"
    );
    for figure in FIGURES.iter().filter(|figure| is_wanted(figure.name)) {
        let contests = figure.contests(&mut clients, &servers, rounds)?;
        let [cpp, python, rust, rust_client, rust_server] = &contests;
        println!(
            "{:<26} {:>10} {:>10} {:>10}   {:<19} {:>6}   {:<19} {:<19} {:>6.1} us {:>6.1} us",
            figure.name,
            figure.show(cpp),
            figure.show(python),
            figure.show(rust),
            rust.rate.ratio_to(&cpp.rate),
            figure.wanted,
            rust_client.rate.ratio_to(&cpp.rate),
            rust_server.rate.ratio_to(&cpp.rate),
            cpp.cost(),
            rust.cost(),
        );
    }
    Ok(())
}

impl Figure {
    /// Lets every pair have its turn, round by round.
    fn contests(
        &self,
        clients: &mut [Peer],
        servers: &[(String, Peer)],
        rounds: usize,
    ) -> anyhow::Result<[Contest; PAIRS.len()]> {
        let mut counts = [0; PAIRS.len()];
        for (count, pair) in counts.iter_mut().zip(PAIRS) {
            *count = self.calls_for_a_turn(clients, servers, pair)?;
        }
        let mut contests = <[Contest; PAIRS.len()]>::default();
        for _ in 0..rounds {
            for ((contest, count), pair) in contests.iter_mut().zip(counts).zip(PAIRS) {
                contest.add(count, &self.turn(clients, servers, pair, count)?);
            }
        }
        Ok(contests)
    }

    fn turn(
        &self,
        clients: &mut [Peer],
        servers: &[(String, Peer)],
        (client, server): (Language, Language),
        count: usize,
    ) -> anyhow::Result<Took> {
        let (what, how) = self.order;
        let order = format!("{what} {} {how} {count}", server as usize);
        let (client, server) = (&mut clients[client as usize], &servers[server as usize].1);
        let before = client.processor_time()? + server.processor_time()?;
        let elapsed = client.time(&order)?;
        let after = client.processor_time()? + server.processor_time()?;
        Ok(Took {
            elapsed,
            processors: after - before,
        })
    }

    fn calls_for_a_turn(
        &self,
        clients: &mut [Peer],
        servers: &[(String, Peer)],
        pair: (Language, Language),
    ) -> anyhow::Result<usize> {
        let mut count = 64;
        loop {
            let took = self.turn(clients, servers, pair, count)?.elapsed;
            if took > TURN / 4 {
                let turns = TURN.as_secs_f64() / took.as_secs_f64();
                return Ok((count as f64 * turns).ceil() as usize);
            }
            count *= 2;
        }
    }

    fn show(&self, contest: &Contest) -> String {
        let a_second = contest.rate.median();
        match self.order {
            ("empty" | "tasks", _) => format!("{:.1} k/s", a_second / 1e3),
            (_, size) => format!("{:.0} MB/s", a_second * size as f64 / 1e6),
        }
    }
}

/// How many calls the allocations are counted over.
const COUNTED: usize = 1000;

/// Prints how many allocations a call takes in Rust, on each side.
pub(crate) fn count_allocations(is_wanted: &dyn Fn(&str) -> bool) -> anyhow::Result<()> {
    if !is_wanted("allocations") {
        return Ok(());
    }
    let mut server = Peer::start(Built::counting_peer())?;
    let mut client = Peer::start(Built::counting_peer())?;
    let proxy = server.ask("serve")?;
    client.ask(&format!("target {proxy}"))?;
    println!(
        "\n{:<26} {:>10} {:>10}   wanted",
        "allocations a call", "client", "server"
    );
    for figure in &FIGURES {
        let (what, how) = figure.order;
        let order = format!("{what} 0 {how} {COUNTED}");
        // Once for the buffers that are kept, and once for what asking and measuring take.
        client.ask(&order)?;
        let none = format!("{what} 0 {how} 0");
        let before = allocations(&mut client, &mut server, &none)?;
        let counted = allocations(&mut client, &mut server, &order)?;
        let a_call =
            |side: usize| counted[side].saturating_sub(before[side]) as f64 / COUNTED as f64;
        println!(
            "{:<26} {:>10.2} {:>10.2}   at most 3",
            figure.name,
            a_call(0),
            a_call(1)
        );
    }
    Ok(())
}

/// How many allocations an order takes, in client and server.
fn allocations(client: &mut Peer, server: &mut Peer, order: &str) -> anyhow::Result<[usize; 2]> {
    let now = |client: &mut Peer, server: &mut Peer| -> anyhow::Result<[usize; 2]> {
        Ok([
            client.ask("allocations")?.parse()?,
            server.ask("allocations")?.parse()?,
        ])
    };
    let before = now(client, server)?;
    client.ask(order)?;
    let after = now(client, server)?;
    Ok([after[0] - before[0], after[1] - before[1]])
}
