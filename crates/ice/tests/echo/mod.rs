//! An interface to test with, written as the generator writes it:
//!
//! ```slice
//! exception Refused { string why; }
//! interface Echo
//! {
//!     string echo(string text);
//!     ByteSeq bytes(int size);
//!     Echo* itself(Echo* proxy);
//!     void refuse(string why) throws Refused;
//!     void panic(bool late);
//!     void fail(string reason);
//!     void wait();                // for ever
//!     void later(string text);    // after a moment
//!     void forward(Echo* proxy);  // pings that
//!     void contextSeen();
//!     void note(int number);      // for oneway
//! }
//! ```

#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test program uses a part of it"
)]

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ice::codegen::{
    Decode, Decoder, Dispatch, Encode as _, ExceptionDecoder, ExceptionEncoder, OperationError,
    OperationMode, Reply, ReplyError, Request, UserException, invoke, operation_not_exist, refuse,
};
use ice::{
    Communicator, Connection, Current, Error, Identity, ObjectPrx, Properties, Prx, Servant,
};
use tokio::sync::mpsc;

#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub why: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "refused: {}", self.why)
    }
}

impl std::error::Error for Refused {}

impl UserException for Refused {
    const TYPE_ID: &'static str = "::Test::Refused";

    fn encode_slices(&self, to: &mut ExceptionEncoder<'_>) {
        to.slice(Self::TYPE_ID, true, |to| self.why.encode(to));
    }
}

#[derive(Debug)]
pub enum RefuseError {
    Refused(Refused),
    Ice(Error),
}

impl From<Error> for RefuseError {
    fn from(error: Error) -> Self {
        Self::Ice(error)
    }
}

impl OperationError for RefuseError {
    fn decode(type_id: &str, from: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>> {
        (type_id == Refused::TYPE_ID).then(|| {
            from.slice(|from| {
                Ok(Self::Refused(Refused {
                    why: String::decode(from)?,
                }))
            })
        })
    }

    fn into_reply(self) -> ReplyError {
        match self {
            Self::Refused(exception) => ReplyError::user(exception),
            Self::Ice(error) => ReplyError::Ice(error),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EchoPrx(ObjectPrx);

impl fmt::Display for EchoPrx {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Prx for EchoPrx {
    const TYPE_ID: &'static str = "::Test::Echo";

    fn from_object(object: ObjectPrx) -> Self {
        Self(object)
    }

    fn as_object(&self) -> &ObjectPrx {
        &self.0
    }
}

const NORMAL: OperationMode = OperationMode::Normal;

impl EchoPrx {
    pub async fn echo(&self, text: &str) -> Result<String, Error> {
        invoke(
            &self.0,
            "echo",
            NORMAL,
            |to| text.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn bytes(&self, size: i32) -> Result<Vec<u8>, Error> {
        invoke(
            &self.0,
            "bytes",
            NORMAL,
            |to| size.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn swallow(&self, bytes: &[u8]) -> Result<(), Error> {
        invoke(
            &self.0,
            "swallow",
            NORMAL,
            |to| bytes.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn itself(&self, proxy: Option<&EchoPrx>) -> Result<Option<EchoPrx>, Error> {
        invoke(
            &self.0,
            "itself",
            NORMAL,
            |to| to.proxy(proxy),
            Decode::decode,
        )
        .await
    }

    pub async fn refuse(&self, why: &str) -> Result<(), RefuseError> {
        invoke(
            &self.0,
            "refuse",
            NORMAL,
            |to| why.encode(to),
            Decode::decode,
        )
        .await
    }

    /// As `refuse`, in a client that knows nothing of the exception.
    pub async fn refuse_unknown(&self, why: &str) -> Result<(), Error> {
        invoke(
            &self.0,
            "refuse",
            NORMAL,
            |to| why.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn panic(&self, late: bool) -> Result<(), Error> {
        invoke(
            &self.0,
            "panic",
            NORMAL,
            |to| late.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn fail(&self, reason: &str) -> Result<(), Error> {
        invoke(
            &self.0,
            "fail",
            NORMAL,
            |to| reason.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn wait(&self) -> Result<(), Error> {
        invoke(&self.0, "wait", NORMAL, |_| {}, Decode::decode).await
    }

    pub async fn later(&self, text: &str) -> Result<String, Error> {
        invoke(
            &self.0,
            "later",
            NORMAL,
            |to| text.encode(to),
            Decode::decode,
        )
        .await
    }

    /// Pings another object from there.
    pub async fn forward(&self, proxy: &EchoPrx) -> Result<(), Error> {
        let encode = |to: &mut ice::codegen::Encoder| to.proxy(Some(proxy));
        invoke(&self.0, "forward", NORMAL, encode, Decode::decode).await
    }

    /// Has the context of the call seen there.
    pub async fn context_seen(&self) -> Result<(), Error> {
        invoke(&self.0, "contextSeen", NORMAL, |_| {}, Decode::decode).await
    }

    pub async fn note(&self, number: i32) -> Result<(), Error> {
        invoke(
            &self.0,
            "note",
            NORMAL,
            |to| number.encode(to),
            Decode::decode,
        )
        .await
    }

    pub async fn no_such_operation(&self) -> Result<(), Error> {
        invoke(&self.0, "noSuchOperation", NORMAL, |_| {}, Decode::decode).await
    }
}

/// What the servant saw.
#[derive(Debug)]
pub enum Seen {
    Note(i32),
    Waiting,
    /// The dispatch of `wait` was dropped.
    Dropped,
    Operation(String, Identity, String, Option<Connection>),
    Context(std::collections::BTreeMap<String, String>),
}

pub struct EchoServant {
    seen: mpsc::UnboundedSender<Seen>,
    pub calls: Arc<AtomicUsize>,
}

impl EchoServant {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Seen>) {
        let (seen, receiver) = mpsc::unbounded_channel();
        (
            Self {
                seen,
                calls: Arc::default(),
            },
            receiver,
        )
    }
}

struct Tell(mpsc::UnboundedSender<Seen>);

impl Drop for Tell {
    fn drop(&mut self) {
        let _ = self.0.send(Seen::Dropped);
    }
}

fn param<T: Decode>(request: &Request<'_>) -> Result<T, Error> {
    request.params(|from: &mut Decoder<'_>| T::decode(from))
}

fn answer<T: ice::codegen::Encode + Send + 'static>(
    current: Current,
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Dispatch {
    Box::pin(
        async move { Reply::from_result(&current, work.await, |result, to| result.encode(to)) },
    )
}

impl Servant for EchoServant {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object", "::Test::Echo"]
    }

    fn type_id(&self) -> &'static str {
        "::Test::Echo"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        self.calls.fetch_add(1, Ordering::SeqCst);
        let seen = self.seen.clone();
        macro_rules! param {
            ($type:ty) => {
                match param::<$type>(&request) {
                    Ok(value) => value,
                    Err(error) => return refuse(error),
                }
            };
        }
        match request.operation() {
            b"echo" => {
                let text = param!(String);
                let current = request.current();
                let asked = Seen::Operation(
                    current.operation().into_owned(),
                    current.identity(),
                    current.facet().into_owned(),
                    current.connection(),
                );
                answer(current, async move {
                    let _ = seen.send(asked);
                    Ok(text)
                })
            }
            b"bytes" => {
                let size = param!(i32);
                answer(request.current(), async move {
                    Ok(vec![7_u8; usize::try_from(size).unwrap_or(0)])
                })
            }
            b"swallow" => {
                let _ = param!(Vec<u8>);
                answer(request.current(), async move { Ok(()) })
            }
            b"itself" => {
                let proxy = param!(Option<EchoPrx>);
                answer(request.current(), async move { Ok(proxy) })
            }
            b"refuse" => {
                let why = param!(String);
                let current = request.current();
                Box::pin(async move {
                    let result: Result<(), RefuseError> =
                        Err(RefuseError::Refused(Refused { why }));
                    Reply::from_result(&current, result, |result, to| result.encode(to))
                })
            }
            b"panic" => {
                let late = param!(bool);
                answer::<()>(request.current(), async move {
                    if late {
                        tokio::task::yield_now().await;
                    }
                    panic!("as asked");
                })
            }
            b"fail" => {
                let reason = param!(String);
                answer::<()>(
                    request.current(),
                    async move { Err(Error::unknown(reason)) },
                )
            }
            b"gone" => answer::<()>(
                request.current(),
                async move { Err(Error::object_not_exist()) },
            ),
            b"wait" => answer::<()>(request.current(), async move {
                let _ = seen.send(Seen::Waiting);
                let _tell = Tell(seen);
                std::future::pending().await
            }),
            b"later" => {
                let text = param!(String);
                answer(request.current(), async move {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    Ok(text)
                })
            }
            b"forward" => {
                let proxy = param!(Option<EchoPrx>);
                answer(request.current(), async move {
                    proxy.expect("a proxy").ice_ping().await
                })
            }
            b"contextSeen" => {
                let current = request.current();
                let context = current.context();
                answer(current, async move {
                    let _ = seen.send(Seen::Context(context));
                    Ok(())
                })
            }
            b"note" => {
                let number = param!(i32);
                answer(request.current(), async move {
                    let _ = seen.send(Seen::Note(number));
                    Ok(())
                })
            }
            _ => operation_not_exist(request),
        }
    }
}

/// A communicator of its own, quiet about what the tests do to it.
pub fn communicator(properties: &[&str]) -> Communicator {
    let quiet = ["--Ice.Warn.Dispatch=0", "--Ice.Warn.Connections=0"];
    let (properties, rest) = Properties::from_args(quiet.iter().chain(properties).copied())
        .expect("the properties of the test");
    assert!(rest.is_empty(), "{rest:?}");
    Communicator::new(properties).expect("a communicator")
}

/// A server with one object `echo`, on a port that the system chose.
pub struct Server {
    pub communicator: Communicator,
    pub adapter: ice::Adapter,
    pub proxy: ObjectPrx,
    pub seen: mpsc::UnboundedReceiver<Seen>,
    pub calls: Arc<AtomicUsize>,
}

impl Server {
    pub fn start(properties: &[&str]) -> Self {
        let communicator = communicator(properties);
        let adapter = communicator
            .create_adapter_with_endpoints("Echo", "tcp -h 127.0.0.1 -p 0")
            .expect("a port");
        let (servant, seen) = EchoServant::new();
        let calls = Arc::clone(&servant.calls);
        let proxy = adapter
            .add(servant, Identity::new("echo"))
            .expect("a new identity");
        adapter.activate().expect("active");
        Self {
            communicator,
            adapter,
            proxy,
            seen,
            calls,
        }
    }

    /// The port that it listens on.
    pub fn port(&self) -> u16 {
        let endpoint = self.adapter.endpoints().remove(0);
        let address = endpoint.info().address.as_ref();
        address.expect("it has a port").port
    }

    /// The proxy in the hands of another communicator.
    pub fn proxy_in(&self, client: &Communicator) -> EchoPrx {
        client
            .string_to_proxy(&self.proxy.to_string())
            .expect("its own string")
            .unchecked_cast()
    }
}
