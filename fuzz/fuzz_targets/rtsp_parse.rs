//! No bytes of an RTSP connection make the parser panic, stand still, or wait for more than a buffer holds.
#![no_main]

use iceflix_rtsp::rtsp::parse::{MAX_BODY, MAX_MESSAGE, Malformed, Parsed, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut rest = bytes;
    loop {
        let parsed = parse(rest);
        let used = match &parsed {
            Parsed::Request(request, used) => {
                assert!(request.body().len() <= MAX_BODY, "a body past its bound");
                *used
            }
            Parsed::Frame(_, used) | Parsed::Nothing(used) => *used,
            Parsed::Malformed(Malformed {
                skip: Some(skip), ..
            }) => *skip,
            Parsed::Malformed(Malformed { skip: None, .. }) => return,
            // Costs as much as a hundred inputs do: for one in sixteen.
            Parsed::Incomplete if bytes.len() % 16 == 0 => {
                return a_full_buffer_is_never_incomplete(rest);
            }
            Parsed::Incomplete => return,
        };
        assert!(
            0 < used && used <= rest.len(),
            "{used} of {} bytes used",
            rest.len()
        );
        let (message, behind) = rest.split_at(used);
        assert_eq!(
            parse(message),
            parsed,
            "what a message is depends on what follows it"
        );
        if matches!(parsed, Parsed::Request(..) | Parsed::Frame(..)) {
            let part = &message[..used - 1];
            assert_eq!(
                parse(part),
                Parsed::Incomplete,
                "its last byte was not awaited"
            );
        }
        rest = behind;
    }
});

fn a_full_buffer_is_never_incomplete(begun: &[u8]) {
    let Some(missing) = MAX_MESSAGE.checked_sub(begun.len()) else {
        panic!("{} bytes, and still no message", begun.len());
    };
    let mut full = begun.to_vec();
    full.resize(begun.len() + missing, b'a');
    assert_ne!(
        parse(&full),
        Parsed::Incomplete,
        "a full buffer, and still no message"
    );
}
