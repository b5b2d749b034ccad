//! No bytes from a plain socket make a server end, hang, answer what it was not asked, or stop serving others.
//!
//! The first byte says what the others are: everything that is sent, the body of a message whose header is right, the body
//! of a request for an object that exists, or the parameters of one of its operations. A ping on the same connection tells
//! that all of it was looked at; a connection that the server closed for it is opened anew.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

use ice::{Adapter, Communicator, Current, Error, Identity, ObjectPrx};

use crate::hostile::{Anything, Derived, Partial, Target, TargetPrx, TargetServant, target};
use crate::hostile::{Fixed, Fixeds, Key, Names, Small};
use crate::peer::{self, RUNTIME};

/// A server that says nothing for so long hangs. It closes connections that are idle a minute before.
const PATIENCE: Duration = Duration::from_secs(20);
/// What a server that is asked for nothing large may answer at most.
const LARGEST: usize = 1 << 20;
/// The request id of the ping; no input has this one by chance.
const FENCE: i32 = 0x7ACE_7ACE;

const OPERATIONS: [&str; 6] = ["same", "raise", "maybe", "take", "ice_isA", "ice_ids"];

static RIG: LazyLock<Rig> = LazyLock::new(Rig::new);

/// Sends one input.
///
/// # Panics
///
/// Where what may never happen did.
pub fn run(bytes: &[u8]) {
    let Some((&how, rest)) = bytes.split_first() else {
        return;
    };
    let message = match how & 0x07 {
        0 | 1 => {
            // Nothing tells the server where it ends but the end of the connection.
            let mut socket = RIG.connect();
            let sent = socket
                .write_all(rest)
                .and_then(|()| socket.shutdown(Shutdown::Write));
            if sent.is_ok() {
                until_closed(&mut socket);
            }
            return;
        }
        2 | 3 => frame(how >> 3, rest),
        4 | 5 => frame(
            0,
            &[&request_header(b"target", b"", how >> 6 == 0), rest].concat(),
        ),
        _ => {
            let operation = OPERATIONS[usize::from(how >> 4) % OPERATIONS.len()];
            let minor = u8::from(how & 0x08 == 0);
            frame(0, &request(operation, rest, minor))
        }
    };
    let mut kept = RIG.kept.lock().unwrap_or_else(PoisonError::into_inner);
    let mut socket = kept.take().unwrap_or_else(|| RIG.connect());
    let ping = frame(0, &[&fence()[..]].concat());
    let sent = socket.write_all(&[message, ping].concat());
    if sent.is_ok() && until_fence(&mut socket) {
        *kept = Some(socket);
    }
}

/// A message with a header that is right: its type, and its length.
fn frame(kind: u8, body: &[u8]) -> Vec<u8> {
    // Those that close a connection are left to the first kind of input.
    let kind = [0, 1, 2, 3][usize::from(kind) % 4];
    let length = i32::try_from(14 + body.len()).expect("inputs are short");
    let mut message = b"IceP\x01\x00\x01\x00".to_vec();
    message.extend([kind, 0]);
    message.extend(length.to_le_bytes());
    message.extend(body);
    message
}

/// The begin of a request, up to its operation.
fn request_header(name: &[u8], category: &[u8], twoway: bool) -> Vec<u8> {
    let mut header = i32::from(twoway).to_le_bytes().to_vec();
    for part in [name, category] {
        header.push(u8::try_from(part.len()).expect("a short name"));
        header.extend(part);
    }
    header
}

/// A request to the object with these parameters.
fn request(operation: &str, params: &[u8], minor: u8) -> Vec<u8> {
    let mut request = request_header(b"target", b"", true);
    request.push(0);
    request.push(u8::try_from(operation.len()).expect("a short name"));
    request.extend(operation.as_bytes());
    request.extend([0, 0]);
    let length = i32::try_from(6 + params.len()).expect("inputs are short");
    request.extend(length.to_le_bytes());
    request.extend([1, minor]);
    request.extend(params);
    request
}

fn fence() -> Vec<u8> {
    let mut ping = request("ice_ping", &[], 1);
    ping[..4].copy_from_slice(&FENCE.to_le_bytes());
    ping
}

/// Reads answers up to that of the ping; `false` where the server closed the connection.
fn until_fence(socket: &mut TcpStream) -> bool {
    while let Some((kind, body)) = next(socket) {
        if kind == 2 && body.starts_with(&FENCE.to_le_bytes()) {
            assert_eq!(body.get(4), Some(&0), "the object was not pinged");
            return true;
        }
    }
    false
}

fn until_closed(socket: &mut TcpStream) {
    while next(socket).is_some() {}
}

/// The next message of the server; `None` at the end of the connection.
fn next(socket: &mut TcpStream) -> Option<(u8, Vec<u8>)> {
    let mut header = [0; 14];
    if !read(socket, &mut header) {
        return None;
    }
    assert_eq!(header[..4], *b"IceP", "{header:?}");
    assert!(header[8] <= 4, "a message of type {}", header[8]);
    assert!(header[9] <= 2, "a compression status of {}", header[9]);
    let length = u32::from_le_bytes([header[10], header[11], header[12], header[13]]);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    assert!((14..LARGEST).contains(&length), "{length} bytes");
    let mut body = vec![0; length - 14];
    read(socket, &mut body).then_some((header[8], body))
}

/// Whether there was as much.
fn read(socket: &mut TcpStream, bytes: &mut [u8]) -> bool {
    match socket.read_exact(bytes) {
        Ok(()) => true,
        Err(why)
            if matches!(
                why.kind(),
                io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
            ) =>
        {
            panic!("the server has said nothing for {PATIENCE:?}")
        }
        Err(_) => false,
    }
}

struct Rig {
    port: u16,
    /// The connection that the server has not closed.
    kept: Mutex<Option<TcpStream>>,
    _server: (Communicator, Adapter),
}

impl Rig {
    fn new() -> Self {
        let communicator = peer::communicator(&[]);
        let _inside = RUNTIME.enter();
        // A port that is told beforehand is one that a test can have taken: the system chooses, and the proxy tells.
        let adapter = communicator
            .create_adapter_with_endpoints("Target", "tcp -h 127.0.0.1 -p 0")
            .expect("a port");
        let proxy = adapter
            .add(TargetServant::new(Servant), Identity::new("target"))
            .expect("an object");
        adapter.activate().expect("active");
        let text = proxy.to_string();
        let mut words = text.split(' ').skip_while(|word| *word != "-p").skip(1);
        let port = words.next().and_then(|port| port.parse().ok());
        Self {
            port: port.expect("a proxy names its port"),
            kept: Mutex::new(None),
            _server: (communicator, adapter),
        }
    }

    /// A connection that the server has validated: it answers others as ever.
    fn connect(&self) -> TcpStream {
        let address = SocketAddr::from(([127, 0, 0, 1], self.port));
        let mut socket = TcpStream::connect_timeout(&address, PATIENCE).expect("a server");
        socket
            .set_read_timeout(Some(PATIENCE))
            .and_then(|()| socket.set_nodelay(true))
            .expect("a socket");
        let validation = next(&mut socket);
        assert_eq!(validation, Some((3, Vec::new())), "no validation");
        socket
    }
}

struct Servant;

impl Target for Servant {
    async fn same(&self, value: Anything, _: &Current) -> Result<Anything, target::SameError> {
        Ok(value)
    }

    async fn raise(
        &self,
        value: Anything,
        which: i32,
        _: &Current,
    ) -> Result<(), target::RaiseError> {
        let why = value.text.clone();
        if which % 2 == 0 {
            return Err(Derived { why, what: value }.into());
        }
        let texts = value.books.concat().concat();
        Err(Partial {
            why,
            number: Some(which),
            texts: Some(texts),
            proxy: Some(value.proxy),
        }
        .into())
    }

    async fn maybe(
        &self,
        _: Option<bool>,
        _: Option<u8>,
        _: Option<i16>,
        _: Option<i32>,
        _: Option<i64>,
        _: Option<f32>,
        _: Option<f64>,
        _: Option<String>,
        _: Option<Small>,
        _: Option<Fixed>,
        _: Option<Key>,
        _: Option<Vec<u8>>,
        _: Option<Vec<i32>>,
        _: Option<Vec<String>>,
        _: Option<Fixeds>,
        _: Option<Names>,
        _: Option<Option<TargetPrx>>,
        anything: Option<Anything>,
        _: &Current,
    ) -> Result<Option<Anything>, Error> {
        Ok(anything)
    }

    async fn take(&self, _: Vec<Option<ObjectPrx>>, _: &Current) -> Result<(), Error> {
        Ok(())
    }
}
