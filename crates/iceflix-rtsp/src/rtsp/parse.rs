//! Bytes of an RTSP connection become messages.
//!
//! The grammar is `rtsp-types`'; added here is what a server that faces anybody needs: bounds, an
//! end to every wait, and what can still be said about a request that makes no sense.

use rtsp_types::{Message, ParseError, Request};

/// The longest head of a request (request line and headers), in bytes. The longest that players
/// send are about 1 KiB.
pub const MAX_HEAD: usize = 16 << 10;

/// The longest body of a request, in bytes. Players send none, or a few parameters' names.
pub const MAX_BODY: usize = 16 << 10;

/// The most bytes that [`parse`] may want to see at once: a connection's buffer never grows beyond
/// it. It is what the length field of an interleaved frame can say.
pub const MAX_MESSAGE: usize = 4 + 0xffff;

/// What stands at the beginning of the bytes.
#[derive(Debug, PartialEq)]
pub enum Parsed {
    /// Nothing whole yet: come back with more bytes.
    Incomplete,
    /// A request, and how many bytes it took.
    Request(Box<Request<Vec<u8>>>, usize),
    /// An interleaved frame (RFC 2326, section 10.12): its channel, and how many bytes it took, of
    /// which the first four are its head.
    Frame(u8, usize),
    /// An answer to a request that was never made, or empty lines: to be passed over.
    Nothing(usize),
    /// Something that is no message.
    Malformed(Malformed),
}

/// A message that cannot be understood, with what can still be told of it.
#[derive(Debug, PartialEq, Eq)]
pub struct Malformed {
    /// What is wrong.
    pub fault: Fault,
    /// The number of the request, where a `CSeq` header could be found.
    pub cseq: Option<u32>,
    /// How many bytes to leave out to come to the next message; `None` where nobody can know.
    pub skip: Option<usize>,
}

/// What is wrong with a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It does not follow the grammar.
    Syntax,
    /// It is of another version than RTSP/1.0.
    Version,
    /// Its head is longer than [`MAX_HEAD`].
    LongHead,
    /// Its body is longer than [`MAX_BODY`].
    LongBody,
}

/// Reads the first message of `bytes`. Never blocks, never panics, and takes time linear in the
/// bytes' length.
pub fn parse(bytes: &[u8]) -> Parsed {
    match bytes {
        [] => Parsed::Incomplete,
        [b'\r', b'\n', ..] => Parsed::Nothing(2),
        [b'\n', ..] => Parsed::Nothing(1),
        [b'\r'] => Parsed::Incomplete,
        [b'$', channel, high, low, rest @ ..] => {
            let len = usize::from(u16::from_be_bytes([*high, *low]));
            if rest.len() < len {
                Parsed::Incomplete
            } else {
                Parsed::Frame(*channel, 4 + len)
            }
        }
        [b'$', ..] => Parsed::Incomplete,
        _ => message(bytes),
    }
}

fn message(bytes: &[u8]) -> Parsed {
    let (head, well_ended) = match head_len(bytes) {
        Some(found) => found,
        None if bytes.len() > MAX_HEAD => {
            return malformed(Fault::LongHead, &bytes[..MAX_HEAD], None);
        }
        None => return Parsed::Incomplete,
    };
    let text = &bytes[..head];
    if head > MAX_HEAD {
        return malformed(Fault::LongHead, text, None);
    }
    if !well_ended {
        return malformed(Fault::Syntax, text, without_body(text).then_some(head));
    }
    if version(text) == Some(false) {
        return malformed(Fault::Version, text, without_body(text).then_some(head));
    }
    match Message::<Vec<u8>>::parse(bytes) {
        Ok((Message::Request(request), used)) if used - head <= MAX_BODY => {
            Parsed::Request(Box::new(request), used)
        }
        Ok((Message::Request(_), _)) => malformed(Fault::LongBody, text, None),
        Ok((_, used)) => Parsed::Nothing(used),
        Err(ParseError::Incomplete(missing)) => {
            let missing = missing.map_or(0, |missing| missing.get());
            if (bytes.len() - head).saturating_add(missing) > MAX_BODY {
                return malformed(Fault::LongBody, text, None);
            }
            Parsed::Incomplete
        }
        Err(ParseError::Error) => {
            malformed(Fault::Syntax, text, without_body(text).then_some(head))
        }
    }
}

fn malformed(fault: Fault, head: &[u8], skip: Option<usize>) -> Parsed {
    Parsed::Malformed(Malformed {
        fault,
        cseq: cseq(head),
        skip,
    })
}

/// Where the empty line behind the headers ends, and whether its line ends are those of the
/// standard.
fn head_len(bytes: &[u8]) -> Option<(usize, bool)> {
    let window = &bytes[..bytes.len().min(MAX_HEAD + 4)];
    let good = window
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .map(|at| at + 4);
    let bare = window
        .windows(2)
        .position(|two| two == b"\n\n")
        .map(|at| at + 2);
    match (good, bare) {
        (Some(good), Some(bare)) if bare < good => Some((bare, false)),
        (Some(good), _) => Some((good, true)),
        (None, bare) => bare.map(|bare| (bare, false)),
    }
}

/// Whether the message is of our version; `None` where its first line names none.
fn version(head: &[u8]) -> Option<bool> {
    let line = head.split(|b| matches!(b, b'\r' | b'\n')).next()?;
    let word = line.rsplit(|b| *b == b' ').next()?;
    if line.starts_with(b"RTSP/") {
        return Some(line.starts_with(b"RTSP/1.0"));
    }
    word.starts_with(b"RTSP/").then_some(word == b"RTSP/1.0")
}

fn without_body(head: &[u8]) -> bool {
    header(head, b"content-length").is_none()
}

fn cseq(head: &[u8]) -> Option<u32> {
    str::from_utf8(header(head, b"cseq")?)
        .ok()?
        .trim()
        .parse()
        .ok()
}

/// The value of the first header of that (lower-case) name, found line by line.
fn header<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    head.split(|b| matches!(b, b'\r' | b'\n')).find_map(|line| {
        let colon = line.iter().position(|b| *b == b':')?;
        line[..colon]
            .trim_ascii()
            .eq_ignore_ascii_case(name)
            .then(|| &line[colon + 1..])
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rtsp_types::Method;

    use super::*;

    fn fault(bytes: &[u8]) -> Malformed {
        match parse(bytes) {
            Parsed::Malformed(malformed) => malformed,
            other => panic!("{other:?} is not malformed"),
        }
    }

    #[test]
    fn pipelined_requests_and_frames_come_out_one_by_one() {
        let mut bytes = b"OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".to_vec();
        let first = bytes.len();
        bytes.extend(b"$\x01\x00\x03abc\r\nPLAY rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nhi");
        assert!(
            matches!(parse(&bytes), Parsed::Request(request, used) if request.method() == Method::Options && used == first)
        );
        assert_eq!(parse(&bytes[first..]), Parsed::Frame(1, 7));
        assert_eq!(parse(&bytes[first + 7..]), Parsed::Nothing(2));
        assert!(
            matches!(parse(&bytes[first + 9..]), Parsed::Request(request, _) if request.body() == b"hi")
        );
    }

    #[test]
    fn a_message_is_awaited_until_its_last_byte() {
        let whole = b"PLAY rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 2\r\n\r\nhi";
        for len in 0..whole.len() {
            assert_eq!(parse(&whole[..len]), Parsed::Incomplete, "{len} bytes");
        }
        assert_eq!(parse(b"$\x00\x00\x02a"), Parsed::Incomplete);
    }

    #[test]
    fn nonsense_is_told_with_its_number_and_left_behind() {
        let head = b"PLAY\r\nCSeq: 9\r\n\r\n";
        assert_eq!(
            fault(head),
            Malformed {
                fault: Fault::Syntax,
                cseq: Some(9),
                skip: Some(head.len())
            }
        );
        let body = b"PLAY\r\nCSeq: 9\r\nContent-Length: x\r\n\r\n";
        assert_eq!(
            fault(body),
            Malformed {
                fault: Fault::Syntax,
                cseq: Some(9),
                skip: None
            }
        );
        let bare = b"OPTIONS * RTSP/1.0\nCSeq: 3\n\n";
        assert_eq!(fault(bare).fault, Fault::Syntax);
        assert_eq!(fault(bare).cseq, Some(3));
    }

    #[test]
    fn another_version_is_told_from_nonsense() {
        for version in ["RTSP/2.0", "RTSP/1.1", "RTSP/9"] {
            let request = format!("OPTIONS * {version}\r\nCSeq: 4\r\n\r\n");
            let malformed = fault(request.as_bytes());
            assert_eq!((malformed.fault, malformed.cseq), (Fault::Version, Some(4)));
        }
        assert_eq!(fault(b"GET / HTTP/1.1\r\n\r\n").fault, Fault::Syntax);
    }

    #[test]
    fn length_is_bounded_before_it_is_stored() {
        assert_eq!(fault(&[b'a'; MAX_HEAD + 1]).fault, Fault::LongHead);
        let request = b"PLAY rtsp://h/x RTSP/1.0\r\nCSeq: 2\r\nContent-Length: 9999999999\r\n\r\n";
        assert_eq!(fault(request).fault, Fault::LongBody);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            parse(&bytes);
        }

        #[test]
        fn what_nearly_is_a_request_does_not_either(
            line in "(PLAY|SETUP|DESCRIBE|) ?(rtsp://[a-z:@/\\[\\]]{0,12}|\\*)? RTSP/[0-9].[0-9]",
            headers in prop::collection::vec("[A-Za-z:-]{0,12}:[ -~]{0,20}(\r\n |)", 0..6),
        ) {
            let bytes = format!("{line}\r\n{}\r\n\r\n", headers.join("\r\n"));
            match parse(bytes.as_bytes()) {
                Parsed::Request(_, used) | Parsed::Frame(_, used) | Parsed::Nothing(used) => prop_assert!(0 < used && used <= bytes.len()),
                Parsed::Malformed(Malformed { skip: Some(skip), .. }) => prop_assert!(0 < skip && skip <= bytes.len()),
                Parsed::Malformed(_) | Parsed::Incomplete => {}
            }
        }
    }
}
