//! How a picture is to be turned, as a message in the stream of pictures: RTP and SDP have no other
//! place for what a container says of it once for the whole film.

/// Type of the message, and the length of its content in bytes (display orientation: ITU-T H.264,
/// D.1.27; ITU-T H.265, D.2.17).
const DISPLAY_ORIENTATION: [u8; 2] = [47, 3];

/// The bit that ends a NAL unit, on its byte.
const END: u8 = 0x80;

/// The NAL unit that says that a picture of H.264 is to be turned by so many degrees clockwise.
pub(crate) fn h264(degrees: u32) -> Vec<u8> {
    // Repeated until another one comes: the number 1 as Exp-Golomb, 010; no extension; a bit to
    // fill the byte.
    message(&[0x06], degrees, 0b01001)
}

/// The same of H.265.
pub(crate) fn h265(degrees: u32) -> Vec<u8> {
    // It persists; a bit and zeroes to fill the byte.
    message(&[39 << 1, 1], degrees, 0b11000)
}

fn message(header: &[u8], degrees: u32, end: u32) -> Vec<u8> {
    // The standards count anticlockwise, in parts of a turn.
    let turn = ((360 - degrees % 360) % 360) << 16;
    // Not cancelled, not mirrored; 16 bits of rotation; five more.
    let content = (turn / 360) << 5 | end;
    let [_, content @ ..] = content.to_be_bytes();
    [header, &DISPLAY_ORIENTATION, &content, &[END]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_turn_clockwise_is_three_quarters_anticlockwise() {
        // 0 0 0 | 1100 0000 0000 0000 | 010 | 0 | 1
        let quarter = [6, 47, 3, 0b0001_1000, 0, 0b0000_1001, 0x80];
        assert_eq!(h264(90), quarter);
        // 0 0 0 | 1000 0000 0000 0000 | 1 | 1000
        let half = [0x4e, 1, 47, 3, 0b0001_0000, 0, 0b0001_1000, 0x80];
        assert_eq!(h265(180), half);
    }
}
