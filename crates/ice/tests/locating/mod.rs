//! A locator and its registry, written as the generator writes servants. See `Ice/Locator.ice`.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of test programs"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex};

use ice::codegen::{
    Decode, Decoder, Dispatch, Encode, ExceptionDecoder, ExceptionEncoder, OperationError, Reply,
    ReplyError, Request, UserException, operation_not_exist, refuse,
};
use ice::{Communicator, Error, Identity, ObjectPrx, Prx as _, Servant};

#[derive(Default)]
struct Known {
    /// By their ids, and by those of their groups.
    adapters: BTreeMap<String, ObjectPrx>,
    objects: BTreeMap<Identity, ObjectPrx>,
    asked: usize,
}

/// A locator in a process (or a communicator, which is the same to others) of its own.
pub struct Locator {
    communicator: Communicator,
    proxy: ObjectPrx,
    known: Arc<Mutex<Known>>,
}

impl Locator {
    pub fn start() -> Self {
        let communicator = super::communicator(&[]);
        let adapter = communicator
            .create_adapter_with_endpoints("Locator", "tcp -h 127.0.0.1 -p 0")
            .unwrap();
        let known = Arc::<Mutex<Known>>::default();
        let registry = Registry(Arc::clone(&known));
        let registry = adapter.add(registry, Identity::new("registry")).unwrap();
        let finder = Finder(Arc::clone(&known), registry);
        let proxy = adapter.add(finder, Identity::new("locator")).unwrap();
        adapter.activate().unwrap();
        Self {
            communicator,
            proxy,
            known,
        }
    }

    pub fn property(&self) -> String {
        format!("--Ice.Default.Locator={}", self.proxy)
    }

    pub fn asked(&self) -> usize {
        self.known.lock().unwrap().asked
    }

    pub fn knows(&self, adapter: &str) -> bool {
        self.known.lock().unwrap().adapters.contains_key(adapter)
    }

    pub fn add_object(&self, proxy: &ObjectPrx) {
        let mut known = self.known.lock().unwrap();
        known.objects.insert(proxy.identity(), proxy.clone());
    }

    pub async fn stop(self) {
        self.communicator.destroy().await;
    }
}

/// One of the exceptions without members.
#[derive(Debug)]
enum Refused {
    AdapterNotFound,
    ObjectNotFound,
    Ice(Error),
}

#[derive(Debug)]
struct AdapterNotFound;
#[derive(Debug)]
struct ObjectNotFound;

macro_rules! exception {
    ($name:ident, $type_id:literal) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($type_id)
            }
        }

        impl std::error::Error for $name {}

        impl UserException for $name {
            const TYPE_ID: &'static str = $type_id;

            fn encode_slices(&self, to: &mut ExceptionEncoder<'_>) {
                to.slice(Self::TYPE_ID, true, |_| {});
            }
        }
    };
}

exception!(AdapterNotFound, "::Ice::AdapterNotFoundException");
exception!(ObjectNotFound, "::Ice::ObjectNotFoundException");

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Ice(error)
    }
}

impl OperationError for Refused {
    fn decode(_: &str, _: &mut ExceptionDecoder<'_, '_>) -> Option<Result<Self, Error>> {
        None
    }

    fn into_reply(self) -> ReplyError {
        match self {
            Self::AdapterNotFound => ReplyError::user(AdapterNotFound),
            Self::ObjectNotFound => ReplyError::user(ObjectNotFound),
            Self::Ice(error) => ReplyError::Ice(error),
        }
    }
}

fn answer<R: Encode + Send + 'static>(
    request: Request<'_>,
    result: Result<R, Refused>,
) -> Dispatch {
    let current = request.current();
    Box::pin(async move { Reply::from_result(&current, result, |result, to| result.encode(to)) })
}

struct Finder(Arc<Mutex<Known>>, ObjectPrx);

impl Servant for Finder {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::Locator", "::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::Locator"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        let mut known = self.0.lock().unwrap();
        match request.operation() {
            b"findObjectById" => {
                known.asked += 1;
                let found = request.params(Identity::decode).map_err(Refused::Ice);
                let found = found.and_then(|identity| {
                    let object = known.objects.get(&identity).cloned();
                    object.map(Some).ok_or(Refused::ObjectNotFound)
                });
                answer(request, found)
            }
            b"findAdapterById" => {
                known.asked += 1;
                let found = request.params(String::decode).map_err(Refused::Ice);
                let found = found.and_then(|id| {
                    let adapter = known.adapters.get(&id).cloned();
                    adapter.map(Some).ok_or(Refused::AdapterNotFound)
                });
                answer(request, found)
            }
            b"getRegistry" => answer(request, Ok(Some(self.1.clone()))),
            _ => operation_not_exist(request),
        }
    }
}

struct Registry(Arc<Mutex<Known>>);

impl Servant for Registry {
    fn type_ids(&self) -> &'static [&'static str] {
        &["::Ice::LocatorRegistry", "::Ice::Object"]
    }

    fn type_id(&self) -> &'static str {
        "::Ice::LocatorRegistry"
    }

    fn dispatch(&self, request: Request<'_>) -> Dispatch {
        let replicated = match request.operation() {
            b"setAdapterDirectProxy" => false,
            b"setReplicatedAdapterDirectProxy" => true,
            _ => return operation_not_exist(request),
        };
        let params = request.params(|from: &mut Decoder<'_>| {
            let mut ids = vec![String::decode(from)?];
            if replicated {
                ids.push(String::decode(from)?);
            }
            Ok((ids, Option::<ObjectPrx>::decode(from)?))
        });
        let (ids, proxy) = match params {
            Ok(params) => params,
            Err(error) => return refuse(error),
        };
        if ids[0] == "refused" {
            return answer::<()>(request, Err(Refused::AdapterNotFound));
        }
        let mut known = self.0.lock().unwrap();
        for id in ids {
            match &proxy {
                Some(proxy) => drop(known.adapters.insert(id, proxy.clone())),
                None => drop(known.adapters.remove(&id)),
            }
        }
        answer(request, Ok(()))
    }
}
