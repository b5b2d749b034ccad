//! In which order requests reach a servant, what waits for what, and how much may wait.

#![allow(clippy::unwrap_used)]

mod echo;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use echo::{EchoPrx, EchoServant, Seen, Server, communicator};
use ice::codegen::{
    Decode as _, Dispatch, Encode as _, Reply, Request, operation_not_exist, refuse,
};
use ice::{Adapter, Backlog, Communicator, ErrorKind, Identity, Prx as _, Servant};
use tokio::sync::{Semaphore, mpsc};

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(30);

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(SOON, what)
        .await
        .expect("it ends soon")
}

/// How `note` of [`Notes`] takes its time.
#[derive(Clone)]
enum Pace {
    /// Every fifth note is waited with, for others to have a chance of overtaking it.
    Yields,
    /// A note goes on when there is a permit for it.
    Gate(Arc<Semaphore>),
    /// Blocks its thread.
    Blocks(Duration),
}

/// The part of `Echo` that the tests here need, with notes that take their time.
struct Notes {
    pace: Pace,
    seen: mpsc::UnboundedSender<i32>,
    under_way: Arc<AtomicUsize>,
    most_under_way: Arc<AtomicUsize>,
    begun: Arc<AtomicUsize>,
}

impl Notes {
    fn new(pace: Pace) -> (Self, mpsc::UnboundedReceiver<i32>) {
        let (seen, receiver) = mpsc::unbounded_channel();
        let servant = Self {
            pace,
            seen,
            under_way: Arc::default(),
            most_under_way: Arc::default(),
            begun: Arc::default(),
        };
        (servant, receiver)
    }
}

impl Servant for Notes {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object", "::Test::Echo"]
    }

    fn type_id(&self) -> &'static str {
        "::Test::Echo"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        match request.operation() {
            b"note" => {
                let number = match request.params(i32::decode) {
                    Ok(number) => number,
                    Err(error) => return refuse(error),
                };
                let current = request.current();
                let (pace, seen) = (self.pace.clone(), self.seen.clone());
                let (under_way, most) = (self.under_way.clone(), self.most_under_way.clone());
                let begun = self.begun.clone();
                Box::pin(async move {
                    begun.fetch_add(1, Ordering::SeqCst);
                    most.fetch_max(
                        under_way.fetch_add(1, Ordering::SeqCst) + 1,
                        Ordering::SeqCst,
                    );
                    match pace {
                        Pace::Yields if number % 5 == 0 => tokio::task::yield_now().await,
                        Pace::Yields => {}
                        Pace::Gate(gate) => gate.acquire().await.unwrap().forget(),
                        Pace::Blocks(time) => std::thread::sleep(time),
                    }
                    under_way.fetch_sub(1, Ordering::SeqCst);
                    let _ = seen.send(number);
                    Reply::from_result(&current, Ok::<(), ice::Error>(()), |(), _| {})
                })
            }
            // Holds its bytes for as long as the gate is closed.
            b"swallow" => {
                let bytes = match request.params(Vec::<u8>::decode) {
                    Ok(bytes) => bytes,
                    Err(error) => return refuse(error),
                };
                let (pace, current) = (self.pace.clone(), request.current());
                let begun = self.begun.clone();
                Box::pin(async move {
                    begun.fetch_add(1, Ordering::SeqCst);
                    if let Pace::Gate(gate) = pace {
                        gate.acquire().await.unwrap().forget();
                    }
                    drop(bytes);
                    Reply::from_result(&current, Ok::<(), ice::Error>(()), |(), _| {})
                })
            }
            b"echo" => {
                let text = match request.params(String::decode) {
                    Ok(text) => text,
                    Err(error) => return refuse(error),
                };
                let current = request.current();
                Box::pin(async move {
                    Reply::from_result(&current, Ok::<_, ice::Error>(text), |text, to| {
                        text.encode(to);
                    })
                })
            }
            _ => operation_not_exist(request),
        }
    }
}

fn adapter(server: &Communicator) -> Adapter {
    let adapter = server
        .create_adapter_with_endpoints("Order", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    adapter.activate().unwrap();
    adapter
}

/// Adds a servant, and makes a proxy of the client for it.
fn add(adapter: &Adapter, servant: impl Servant, name: &str, client: &Communicator) -> EchoPrx {
    let there = adapter.add(servant, Identity::new(name)).unwrap();
    client
        .string_to_proxy(&there.to_string())
        .unwrap()
        .unchecked_cast()
}

async fn receive(seen: &mut mpsc::UnboundedReceiver<i32>, count: usize) -> Vec<i32> {
    let mut numbers = Vec::with_capacity(count);
    while numbers.len() < count {
        numbers.push(soon(seen.recv()).await.unwrap());
    }
    numbers
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_thousand_oneway_requests_reach_a_servant_that_waits_in_the_order_of_each_connection()
 {
    const COUNT: i32 = 20_000;
    let one_thread: &[&str] = &[];
    let threads_to_spare = &[
        "--Order.ThreadPool.SizeMax=4",
        "--Order.ThreadPool.Serialize=1",
    ];
    for properties in [one_thread, threads_to_spare] {
        let (server, client) = (communicator(properties), communicator(&[]));
        let adapter = adapter(&server);
        let (notes, mut seen) = Notes::new(Pace::Yields);
        let most = notes.most_under_way.clone();
        let proxy = add(&adapter, notes, "notes", &client).with_oneway();
        let senders: Vec<_> = (0..2)
            .map(|sender| {
                let proxy = proxy.with_connection_id(&sender.to_string());
                tokio::spawn(async move {
                    for number in 0..COUNT {
                        proxy.note(sender * COUNT + number).await.unwrap();
                    }
                })
            })
            .collect();
        let mut next = [0, COUNT];
        for number in receive(&mut seen, 2 * COUNT as usize).await {
            let expected = &mut next[usize::from(number >= COUNT)];
            assert_eq!(number, *expected);
            *expected += 1;
        }
        for sender in senders {
            soon(sender).await.unwrap();
        }
        assert!(most.load(Ordering::SeqCst) <= 2, "one of each connection");
        soon(client.destroy()).await;
        soon(server.destroy()).await;
    }
}

#[tokio::test]
async fn a_oneway_request_waits_for_that_before_it_and_holds_up_nothing_else() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let gate = Arc::new(Semaphore::new(0));
    let (notes, mut seen) = Notes::new(Pace::Gate(Arc::clone(&gate)));
    let begun = notes.begun.clone();
    let proxy = add(&adapter, notes, "notes", &client);
    let (other, mut seen_other) = Notes::new(Pace::Yields);
    let other = add(&adapter, other, "other", &client);
    let oneway = proxy.with_oneway();
    for number in 0..3 {
        oneway.note(number).await.unwrap();
    }
    // A request with an answer, one to another servant, and one of another connection go ahead.
    assert_eq!(soon(proxy.echo("twoway")).await.unwrap(), "twoway");
    other.with_oneway().note(10).await.unwrap();
    assert_eq!(receive(&mut seen_other, 1).await, [10]);
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    oneway.with_connection_id("second").note(3).await.unwrap();
    soon(async {
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    gate.add_permits(4);
    let mut numbers = receive(&mut seen, 4).await;
    numbers.retain(|number| *number != 3);
    assert_eq!(numbers, [0, 1, 2]);
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn a_servant_that_asks_for_it_has_its_oneway_requests_all_at_once() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let gate = Arc::new(Semaphore::new(0));
    let (notes, mut seen) = Notes::new(Pace::Gate(Arc::clone(&gate)));
    let most = notes.most_under_way.clone();
    let proxy = add(&adapter, notes.concurrent(), "notes", &client).with_oneway();
    for number in 0..10 {
        proxy.note(number).await.unwrap();
    }
    soon(async {
        while most.load(Ordering::SeqCst) < 10 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    gate.add_permits(10);
    receive(&mut seen, 10).await;
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flood_into_a_stuck_servant_ends_with_its_connection_and_others_are_served() {
    const ROOM: usize = 40;
    let (server, client, flooder) = (communicator(&[]), communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let (stuck, _seen) = Notes::new(Pace::Gate(Arc::new(Semaphore::new(0))));
    let begun = stuck.begun.clone();
    let mut backlog = Backlog::of_requests(ROOM);
    backlog.patience = Duration::from_millis(100);
    let proxy = add(&adapter, stuck.with_backlog(backlog), "stuck", &flooder).with_oneway();
    let payload = vec![0; 10_000];
    for flood in 0..3 {
        let proxy = proxy.with_connection_id(&flood.to_string());
        let connection = proxy.connection().await.unwrap().unwrap();
        let mut sent = 0;
        // Sent again, the request would just make a new connection.
        let mut closed = std::pin::pin!(connection.closed());
        soon(async {
            loop {
                tokio::select! {
                    error = &mut closed => break assert!(error.is_transport(), "{error}"),
                    _ = proxy.swallow(&payload) => sent += 1,
                }
            }
        })
        .await;
        assert!(sent > ROOM / 4, "{sent}");
    }
    // The first of each connection, and nothing behind it any more. Whatever began since belongs to a new connection.
    assert!(begun.load(Ordering::SeqCst) >= 3);
    let (other, _seen) = EchoServant::new();
    let other = add(&adapter, other, "other", &client);
    assert_eq!(soon(other.echo("still here")).await.unwrap(), "still here");
    soon(flooder.destroy()).await;
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn requests_with_an_answer_beyond_what_may_wait_are_refused_and_the_next_are_not() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let gate = Arc::new(Semaphore::new(0));
    let (notes, _seen) = Notes::new(Pace::Gate(Arc::clone(&gate)));
    let begun = notes.begun.clone();
    let backlog = Backlog::of_requests(8);
    let proxy = add(&adapter, notes.with_backlog(backlog), "notes", &client);
    let calls: Vec<_> = (0..2)
        .map(|number| {
            tokio::spawn({
                let proxy = proxy.clone();
                async move { proxy.note(number).await }
            })
        })
        .collect();
    soon(async {
        while begun.load(Ordering::SeqCst) < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let error = soon(proxy.note(2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unknown);
    assert!(error.reason().contains("too many requests"), "{error}");
    // What needs no waiting needs no room, and other connections have room of their own.
    assert_eq!(soon(proxy.echo("")).await.unwrap(), "");
    let other = tokio::spawn({
        let proxy = proxy.with_connection_id("other");
        async move { proxy.note(3).await }
    });
    gate.add_permits(10);
    for call in calls {
        soon(call).await.unwrap().unwrap();
    }
    soon(other).await.unwrap().unwrap();
    soon(proxy.note(4)).await.unwrap();
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_faster_than_the_servant_is_slowed_down_and_loses_nothing() {
    const COUNT: i32 = 2_000;
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let gate = Arc::new(Semaphore::new(0));
    let (notes, mut seen) = Notes::new(Pace::Gate(Arc::clone(&gate)));
    let backlog = Backlog::of_requests(40);
    let proxy = add(&adapter, notes.with_backlog(backlog), "notes", &client).with_oneway();
    let sending = tokio::spawn(async move {
        for number in 0..COUNT {
            proxy.note(number).await.unwrap();
        }
    });
    for expected in 0..COUNT {
        gate.add_permits(1);
        assert_eq!(receive(&mut seen, 1).await, [expected]);
    }
    soon(sending).await.unwrap();
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn a_servant_that_blocks_holds_up_nobody_and_has_no_more_threads_than_it_was_given() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let (notes, mut seen) = Notes::new(Pace::Blocks(Duration::from_millis(20)));
    let most = notes.most_under_way.clone();
    let threads = NonZeroUsize::new(3).unwrap();
    let proxy = add(&adapter, notes.blocking(threads), "notes", &client);
    let calls: Vec<_> = (0..12)
        .map(|number| {
            tokio::spawn({
                let proxy = proxy.clone();
                async move { proxy.note(number).await }
            })
        })
        .collect();
    // The thread of Ice is free all the while.
    let (other, _seen) = EchoServant::new();
    let other = add(&adapter, other, "other", &client);
    assert_eq!(soon(other.echo("free")).await.unwrap(), "free");
    for call in calls {
        soon(call).await.unwrap().unwrap();
    }
    assert_eq!(receive(&mut seen, 12).await.len(), 12);
    assert_eq!(most.load(Ordering::SeqCst), 3);
    // Oneway requests keep their order there, too.
    for number in 0..5 {
        proxy.with_oneway().note(number).await.unwrap();
    }
    assert_eq!(receive(&mut seen, 5).await, [0, 1, 2, 3, 4]);
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn a_blocking_servant_that_panics_fails_its_call_alone() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let (servant, _seen) = EchoServant::new();
    let servant = servant.blocking(NonZeroUsize::MIN);
    let proxy = add(&adapter, servant, "echo", &client);
    for late in [false, true] {
        let error = soon(proxy.panic(late)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unknown);
    }
    assert_eq!(soon(proxy.later("still")).await.unwrap(), "still");
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn requests_that_wait_for_their_turn_end_with_their_adapter() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let adapter = adapter(&server);
    let (stuck, mut seen) = Notes::new(Pace::Gate(Arc::new(Semaphore::new(0))));
    let begun = stuck.begun.clone();
    let proxy = add(&adapter, stuck, "stuck", &client);
    for number in 0..100 {
        proxy.with_oneway().note(number).await.unwrap();
    }
    // Behind them on the same connection, so that they have arrived.
    proxy.echo("").await.unwrap();
    soon(adapter.destroy_within(Duration::from_millis(10))).await;
    assert_eq!(begun.load(Ordering::SeqCst), 1);
    assert!(soon(seen.recv()).await.is_none(), "the servant is gone");
    soon(client.destroy()).await;
    soon(server.destroy()).await;
}

#[tokio::test]
async fn calls_within_the_process_and_over_the_callers_own_connection_keep_their_order_as_well() {
    let (server, client) = (communicator(&[]), communicator(&[]));
    let near = adapter(&server);
    let (notes, mut seen) = Notes::new(Pace::Yields);
    let proxy: EchoPrx = near
        .add(notes, Identity::new("notes"))
        .unwrap()
        .unchecked_cast();
    let proxy = proxy.with_oneway();
    for number in 0..500 {
        proxy.note(number).await.unwrap();
    }
    assert_eq!(receive(&mut seen, 500).await, (0..500).collect::<Vec<_>>());

    // A callback: the server calls over the connection that the client has opened.
    let mut called = Server::start(&[]);
    let back = client.create_adapter("").unwrap();
    let (notes, mut seen) = Notes::new(Pace::Yields);
    back.add(notes, Identity::new("callback")).unwrap();
    back.activate().unwrap();
    let there = called.proxy_in(&client);
    let connection = there.connection().await.unwrap().unwrap();
    connection.set_adapter(&back).unwrap();
    there.echo("").await.unwrap();
    let Some(Seen::Operation(_, _, _, Some(connection))) = called.seen.recv().await else {
        panic!("it came over a connection")
    };
    let callback: EchoPrx = connection
        .create_proxy(Identity::new("callback"))
        .unwrap()
        .unchecked_cast();
    let callback = callback.with_oneway();
    for number in 0..500 {
        callback.note(number).await.unwrap();
    }
    assert_eq!(receive(&mut seen, 500).await, (0..500).collect::<Vec<_>>());
    soon(client.destroy()).await;
    soon(called.communicator.destroy()).await;
    soon(server.destroy()).await;
}
