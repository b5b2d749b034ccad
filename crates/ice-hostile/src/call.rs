//! No parameters, results, exceptions or proxies that a peer sends make a call end otherwise than with a value or an error.
//!
//! The first byte says which encoding and where the bytes go, the others are the body that goes there: through the
//! runtime, to a servant in this process and back, so that proxies are read by whom they are read in earnest.

use std::fmt;
use std::sync::LazyLock;

use ice::codegen::{
    Decode, Decoder, Dispatch, ExceptionDecoder, ExceptionEncoder, OperationError, OperationMode,
    Reply, ReplyError, Request, UserException, invoke, operation_not_exist, refuse,
};
use ice::{Communicator, Error, Identity, ObjectPrx, Servant};

use crate::hostile::{Anything, target};
use crate::peer::{self, RUNTIME};

static RIG: LazyLock<Rig> = LazyLock::new(Rig::new);

/// Makes the calls that one input asks for.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let Some((&how, body)) = bytes.split_first() else {
        return;
    };
    let to = if how & 0x80 == 0 {
        &RIG.v1_1
    } else {
        &RIG.v1_0
    };
    RUNTIME.block_on(async {
        match how & 0x7f {
            0 => drop(call::<(), Error>(to, "take", body, Decode::decode).await),
            1 => drop(call::<(), target::SameError>(to, "raise", body, Decode::decode).await),
            2 => {
                drop(call::<(), target::RaiseError>(to, "raiseSliced", body, Decode::decode).await)
            }
            3 => drop(call::<(), Error>(to, "raise", body, Decode::decode).await),
            4 => {
                let given = call::<Anything, Error>(to, "give", body, Decode::decode);
                if let Ok(anything) = given.await {
                    anything.proxy.iter().for_each(look_at);
                }
            }
            _ => {
                let proxies = call(to, "give", body, Vec::<Option<ObjectPrx>>::decode);
                let proxies: Result<_, Error> = proxies.await;
                proxies.iter().flatten().flatten().for_each(look_at);
            }
        }
    });
}

async fn call<R: Send + 'static, E: OperationError>(
    to: &ObjectPrx,
    operation: &'static str,
    body: &[u8],
    decode: fn(&mut Decoder<'_>) -> Result<R, Error>,
) -> Result<R, E> {
    invoke(
        to,
        operation,
        OperationMode::Normal,
        |to| to.raw(body),
        decode,
    )
    .await
}

fn look_at(proxy: &ObjectPrx) {
    peer::look_at(&RIG.communicator, proxy);
}

struct Rig {
    communicator: Communicator,
    v1_0: ObjectPrx,
    v1_1: ObjectPrx,
}

impl Rig {
    fn new() -> Self {
        let communicator = peer::communicator(&[]);
        let _inside = RUNTIME.enter();
        let adapter = communicator
            .create_adapter_with_endpoints("Peer", "tcp -h 127.0.0.1 -p 0")
            .expect("a port");
        let peer = adapter.add(Peer, Identity::new("peer")).expect("an object");
        adapter.activate().expect("active");
        let text = peer.to_string();
        let older = text.replacen("peer", "peer -e 1.0", 1);
        let v1_0 = communicator.string_to_proxy(&older).expect("its own text");
        Self {
            communicator,
            v1_0,
            v1_1: peer,
        }
    }
}

/// A servant that sends back what it got: as results, or as what follows the first type id of an exception.
struct Peer;

impl Servant for Peer {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Object"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        if request.operation() == b"take" {
            let taken = request.params(|from| {
                let anything = Anything::decode(from)?;
                let proxies = Vec::<Option<ObjectPrx>>::decode(from)?;
                Ok((anything, proxies))
            });
            return match taken {
                Ok((_, proxies)) => {
                    proxies.iter().flatten().for_each(look_at);
                    operation_not_exist(request)
                }
                Err(error) => refuse(error),
            };
        }
        let body = request.params(|from| Ok(from.raw(from.remaining())?.to_vec()));
        let body = match body {
            Ok(body) => body,
            Err(error) => return refuse(error),
        };
        let operation = request.operation().to_vec();
        let current = request.current();
        Box::pin(async move {
            let raised = Err::<Vec<u8>, _>(Raised(Slices(body.clone())));
            match operation.as_slice() {
                b"raise" => Reply::from_result(&current, raised, |_, _| {}),
                b"raiseSliced" => Reply::from_result_sliced(&current, raised, |_, _| {}),
                _ => Reply::from_result(&current, Ok::<_, Error>(body), |body, to| to.raw(body)),
            }
        })
    }
}

/// An exception in slices that are as the input likes. Its first byte chooses a type id, and says whether the first slice
/// claims to be the last one and to have optional members; the others are the members and all further slices.
#[derive(Debug)]
struct Slices(Vec<u8>);

impl fmt::Display for Slices {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl std::error::Error for Slices {}

impl UserException for Slices {
    const TYPE_ID: &'static str = "::Hostile::Slices";

    fn encode_slices(&self, to: &mut ExceptionEncoder<'_>) {
        let (how, rest) = self.0.split_first().unwrap_or((&0, &[]));
        let known = [
            "::Hostile::Plain",
            "::Hostile::Derived",
            "::Hostile::Partial",
            Self::TYPE_ID,
        ];
        let type_id = known[usize::from(how >> 2) % known.len()];
        let last = how & 1 == 0;
        if how & 2 == 0 {
            to.slice(type_id, last, |to| to.raw(rest));
        } else {
            to.slice_with_optionals(type_id, last, |to| to.raw(rest));
        }
    }
}

struct Raised(Slices);

impl From<Error> for Raised {
    fn from(error: Error) -> Self {
        Self(Slices(error.to_string().into_bytes()))
    }
}

impl OperationError for Raised {
    fn decode(_: &str, _: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>> {
        None
    }

    fn into_reply(self) -> ReplyError {
        ReplyError::user(self.0)
    }
}
