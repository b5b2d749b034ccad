//! Reports of receivers. What they say of loss is of no use to a sender that cannot slow down; that
//! they come is a sign of life.

/// Whether this is an RTCP compound packet as a receiver sends them: version 2, and first of all a
/// report (RFC 3550, section 6.1).
pub(crate) fn is_from_receiver(bytes: &[u8]) -> bool {
    const SENDER_REPORT: u8 = 200;
    const RECEIVER_REPORT: u8 = 201;
    match *bytes {
        [first, SENDER_REPORT | RECEIVER_REPORT, high, low, ..] => {
            let len = 4 + 4 * usize::from(u16::from_be_bytes([high, low]));
            first >> 6 == 2 && len <= bytes.len()
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_receiver_report_is_a_sign_of_life() {
        assert!(is_from_receiver(&[0x80, 201, 0, 1, 1, 2, 3, 4]));
    }

    #[test]
    fn nothing_else_is() {
        for bytes in [
            &[][..],
            &[0x80, 201, 0, 1],
            &[0x40, 201, 0, 1, 1, 2, 3, 4],
            &[0x80, 96, 0, 0],
            &[0xce, 0xfa, 0xed, 0xfe],
        ] {
            assert!(!is_from_receiver(bytes), "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            is_from_receiver(&bytes);
        }
    }
}
