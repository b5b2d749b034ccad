//! Parameters as they stand on the wire, also such as no mapping of Ice would write.

use ice::{Encapsulation, EncodingVersion, OperationMode, Prx};

/// Texts that are none, or that hardly anybody counts on.
pub(crate) fn bad_texts() -> Vec<Vec<u8>> {
    vec![
        Vec::new(),
        b"\0".to_vec(),
        b"\xff\xfe\xfd".to_vec(),
        b"half of a character: \xe2\x82".to_vec(),
        b"\xed\xa0\x80 is half of a pair".to_vec(),
        b"\x1b[2J\r\n2026-01-01T00:00:00Z ERROR forged=line".to_vec(),
        "\u{202e}\u{feff}".repeat(300).into_bytes(),
        vec![b'a'; 1_000_000],
        vec![0; 1_000_000],
        vec![0xff; 1_000_000],
    ]
}

/// A string as Ice encodes it, of any bytes.
pub(crate) fn text(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = size(bytes.len());
    encoded.extend_from_slice(bytes);
    encoded
}

/// A count as Ice encodes it.
pub(crate) fn size(size: usize) -> Vec<u8> {
    match u8::try_from(size) {
        Ok(small) if small < 255 => vec![small],
        _ => [
            &[255],
            i32::try_from(size).unwrap().to_le_bytes().as_slice(),
        ]
        .concat(),
    }
}

/// A proxy that points to nothing: an identity without a name.
pub(crate) const NULL_PROXY: &[u8] = &[0, 0];

/// Makes a call with these parameters. What comes of it is no concern of whoever attacks.
pub(crate) async fn call(to: &impl Prx, operation: &str, parameters: &[&[u8]]) {
    let body = parameters.concat();
    let body = Encapsulation::of_body(EncodingVersion::V1_1, &body).unwrap();
    let _ = to.ice_invoke(operation, OperationMode::Normal, &body).await;
}
