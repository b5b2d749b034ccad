//! Whether a Matroska file is whole: the lengths of its two outermost elements (RFC 8794, RFC
//! 9559).

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Defect;

const EBML: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;

/// The elements before the segment are its header and, in some files, padding; no file has more of
/// them than this.
const MAX_ELEMENTS: usize = 16;

/// Checks that the segment does not reach past the end of the file. One of unknown length, as
/// programs leave it that record from a live source, ends where the file ends.
pub(super) fn check(file: &File, len: u64) -> Result<(), Defect> {
    let mut start = 0;
    for _ in 0..MAX_ELEMENTS {
        if start >= len {
            break;
        }
        let mut header = [0; 12];
        let room = usize::try_from(len - start).unwrap_or(12).min(12);
        file.read_exact_at(&mut header[..room], start)?;
        let Some((id, size, header_len)) = element(&header[..room]) else {
            return Err(Defect::Broken(format!(
                "there is no Matroska element at byte {start}"
            )));
        };
        if start == 0 && id != EBML {
            return Err(Defect::Broken(
                "it does not begin as a Matroska file does".into(),
            ));
        }
        let end = size.map(|size| start.saturating_add(header_len).saturating_add(size));
        match (id, end) {
            (_, Some(end)) if end > len => {
                return Err(Defect::Truncated(format!(
                    "it should have {end} bytes and has {len}"
                )));
            }
            (SEGMENT, _) => return Ok(()),
            (_, Some(end)) => start = end,
            (_, None) => {
                return Err(Defect::Broken(
                    "an element of unknown length stands before the film".into(),
                ));
            }
        }
    }
    Err(Defect::Truncated("it ends before the film begins".into()))
}

/// Reads an element's id, its length (`None`: unknown), and the length of this header.
fn element(bytes: &[u8]) -> Option<(u32, Option<u64>, u64)> {
    let id_len = bytes.first()?.leading_zeros() as usize + 1;
    if id_len > 4 {
        return None;
    }
    let id = bytes
        .get(..id_len)?
        .iter()
        .fold(0, |id, byte| id << 8 | u32::from(*byte));
    let size_len = bytes.get(id_len)?.leading_zeros() as usize + 1;
    if size_len > 8 {
        return None;
    }
    let size = bytes
        .get(id_len..id_len + size_len)?
        .iter()
        .fold(0, |size, byte| size << 8 | u64::from(*byte));
    let mask = (1 << (7 * size_len)) - 1;
    let size = size & mask;
    Some((
        id,
        (size != mask).then_some(size),
        (id_len + size_len) as u64,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn element_headers_are_read_as_the_standard_writes_them() {
        assert_eq!(
            element(&[0x1a, 0x45, 0xdf, 0xa3, 0x9f]),
            Some((EBML, Some(31), 5))
        );
        assert_eq!(
            element(&[0x18, 0x53, 0x80, 0x67, 0x01, 0, 0, 0, 0, 0, 1, 2]),
            Some((SEGMENT, Some(258), 12))
        );
        assert_eq!(
            element(&[
                0x18, 0x53, 0x80, 0x67, 0x01, 255, 255, 255, 255, 255, 255, 255
            ]),
            Some((SEGMENT, None, 12))
        );
        assert_eq!(
            element(&[0x18, 0x53, 0x80, 0x67, 0xff]),
            Some((SEGMENT, None, 5))
        );
        assert_eq!(element(&[0xec, 0x40, 0x02]), Some((0xec, Some(2), 3)));
    }

    #[test]
    fn what_is_no_element_header_is_refused() {
        for bytes in [
            &[][..],
            &[0],
            &[0x08, 1, 2, 3, 4, 0x81],
            &[0x1a, 0x45],
            &[0xec],
            &[0xec, 0],
            &[0xec, 0x40],
        ] {
            assert_eq!(element(bytes), None, "{bytes:?}");
        }
    }
}
