//! As much of a client as these tests need.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Asks for a path; there has to be an answer.
pub(crate) fn get(endpoint: &str, path: &str) -> Answer {
    ask(
        endpoint,
        format!("GET {path} HTTP/1.1\r\nHost: test\r\n\r\n").as_bytes(),
    )
    .unwrap_or_else(|| panic!("no answer of {endpoint} to {path}"))
}

/// Sends a request, and reads until the connection closes; `None` where nothing
/// comes back.
pub(crate) fn ask(endpoint: &str, request: &[u8]) -> Option<Answer> {
    let mut stream = TcpStream::connect(endpoint).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    // It may be refused before it is over.
    let _ = stream.write_all(request);
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some(Answer {
        status: head.split(' ').nth(1)?.parse().ok()?,
        head: head.to_owned(),
        body: body.to_owned(),
    })
}
