//! The Ice protocol by hand, for peers that break it.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// An empty encapsulation, in encoding 1.1.
pub(crate) const EMPTY: [u8; 6] = [6, 0, 0, 0, 1, 1];

// The kinds of messages.
pub(crate) const REQUEST: u8 = 0;
pub(crate) const BATCH: u8 = 1;
pub(crate) const REPLY: u8 = 2;
pub(crate) const VALIDATE: u8 = 3;
pub(crate) const CLOSE: u8 = 4;

/// The length of every message's head.
pub(crate) const HEAD: usize = 14;

/// A message that says of itself what is true.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    message_of_size(kind, 0, HEAD + body.len(), body)
}

/// A message with this size in its head, true or not, and this state of compression.
pub(crate) fn message_of_size(kind: u8, compression: u8, size: usize, body: &[u8]) -> Vec<u8> {
    let mut message = vec![b'I', b'c', b'e', b'P', 1, 0, 1, 0, kind, compression];
    message.extend(u32::try_from(size).unwrap().to_le_bytes());
    message.extend(body);
    message
}

/// A size or a length, in its short form below 255.
pub(crate) fn size(size: usize) -> Vec<u8> {
    match u8::try_from(size) {
        Ok(short) if short < 255 => vec![short],
        _ => [&[255], &u32::try_from(size).unwrap().to_le_bytes()[..]].concat(),
    }
}

pub(crate) fn string(bytes: &[u8]) -> Vec<u8> {
    [&size(bytes.len()), bytes].concat()
}

/// Everything of a request after its number, as it stands in a batch, too. `facet` is empty for none.
pub(crate) fn call(
    identity: &[u8],
    facet: &[u8],
    operation: &[u8],
    context: &[u8],
    encapsulation: &[u8],
) -> Vec<u8> {
    let mut call = [string(identity), string(b"")].concat();
    if facet.is_empty() {
        call.push(0);
    } else {
        call.push(1);
        call.extend(string(facet));
    }
    call.extend(string(operation));
    call.push(0);
    call.extend(context);
    call.extend(encapsulation);
    call
}

/// A request with these names, whatever bytes they are of, and an entry of this key and value in its context.
pub(crate) fn request(
    identity: &[u8],
    facet: &[u8],
    operation: &[u8],
    context: &[u8],
    encapsulation: &[u8],
) -> Vec<u8> {
    let context = [vec![1], string(context), string(context)].concat();
    numbered(
        1,
        &call(identity, facet, operation, &context, encapsulation),
    )
}

/// A request of this number.
pub(crate) fn numbered(id: i32, call: &[u8]) -> Vec<u8> {
    message(REQUEST, &[&id.to_le_bytes(), call].concat())
}

/// An encapsulation that says of itself what is true.
pub(crate) fn encapsulation(body: &[u8]) -> Vec<u8> {
    encapsulation_of_size(body.len() + EMPTY.len(), body)
}

/// An encapsulation with this size in its head, true or not.
pub(crate) fn encapsulation_of_size(size: usize, body: &[u8]) -> Vec<u8> {
    let size = u32::try_from(size).unwrap();
    [&size.to_le_bytes()[..], &[1, 1], body].concat()
}

/// A client without Ice.
pub(crate) struct Peer(TcpStream);

impl Peer {
    /// Connects, and takes in the server's first message.
    pub(crate) async fn connect(port: u16) -> Self {
        let mut socket = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let mut validation = [0; HEAD];
        socket.read_exact(&mut validation).await.unwrap();
        assert_eq!(validation.to_vec(), message(VALIDATE, &[]));
        Self(socket)
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        // A server that has hung up is what some tests wait for.
        let _ = self.0.write_all(bytes).await;
    }

    /// The next message; `None` where the server has hung up.
    pub(crate) async fn receive(&mut self) -> Option<Vec<u8>> {
        receive(&mut self.0).await
    }
}

async fn receive(socket: &mut TcpStream) -> Option<Vec<u8>> {
    let mut message = vec![0; HEAD];
    socket.read_exact(&mut message).await.ok()?;
    let size = u32::from_le_bytes(message[10..HEAD].try_into().unwrap());
    message.resize(usize::try_from(size).unwrap(), 0);
    socket.read_exact(&mut message[HEAD..]).await.ok()?;
    Some(message)
}

/// A server without Ice.
pub(crate) struct Liar {
    pub(crate) port: u16,
    listening: JoinHandle<()>,
}

impl Liar {
    /// It answers every request with these bytes, made from the number of the request; and then hangs up, or not.
    pub(crate) async fn start(
        answer: impl Fn(i32) -> Vec<u8> + Clone + Send + 'static,
        hang_up: bool,
    ) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let listening = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(lie(socket, answer.clone(), hang_up));
            }
        });
        Self { port, listening }
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn lie(mut socket: TcpStream, answer: impl Fn(i32) -> Vec<u8>, hang_up: bool) {
    let _ = socket.write_all(&message(VALIDATE, &[])).await;
    while let Some(message) = receive(&mut socket).await {
        if message[8] != REQUEST {
            continue;
        }
        let id = i32::from_le_bytes(message[HEAD..HEAD + 4].try_into().unwrap());
        let _ = socket.write_all(&answer(id)).await;
        if hang_up {
            // Its end is told before it hangs up, so that nothing that was written is lost.
            let _ = socket.shutdown().await;
            let rest = tokio::time::timeout(Duration::from_secs(5), receive(&mut socket));
            let _ = rest.await;
            return;
        }
    }
}
