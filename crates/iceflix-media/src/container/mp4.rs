//! Whether an MP4 or QuickTime file is whole: a walk over its outermost boxes (ISO/IEC 14496-12,
//! 4.2).

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Defect;

/// How many boxes are looked at, at most. A fragmented file of ten hours has fewer.
const MAX_BOXES: usize = 1 << 20;

/// Checks that no box reaches past the end of the file, and that there is one that says what the
/// others hold.
pub(super) fn check(file: &File, len: u64) -> Result<(), Defect> {
    let mut start = 0;
    let mut described = false;
    for _ in 0..MAX_BOXES {
        // What is left behind the last box and has no room for another is padding.
        if len - start < 8 {
            break;
        }
        let Some(found) = Box::read(file, start, len)? else {
            break;
        };
        if found.end > len {
            return Err(Defect::Truncated(format!(
                "its part {:?} ends at byte {}, the file at byte {len}",
                String::from_utf8_lossy(&found.kind),
                found.end,
            )));
        }
        described |= found.kind == *b"moov";
        start = found.end;
    }
    match described {
        true => Ok(()),
        false => Err(Defect::Truncated(
            "the part \"moov\", which says what the rest holds, is missing".into(),
        )),
    }
}

struct Box {
    kind: [u8; 4],
    end: u64,
}

impl Box {
    /// Reads the header at `start`; `None` where there is none any more, only something that some
    /// program put behind the film.
    fn read(file: &File, start: u64, len: u64) -> Result<Option<Self>, Defect> {
        let mut header = [0; 16];
        let known = &mut header[..if len - start < 16 { 8 } else { 16 }];
        file.read_exact_at(known, start)?;
        let [s0, s1, s2, s3, kind @ .., l0, l1, l2, l3, l4, l5, l6, l7] = header;
        if !kind
            .iter()
            .all(|byte| (0x20..0x7f).contains(byte) || *byte == 0xa9)
        {
            return match start {
                0 => Err(Defect::Broken(
                    "it does not begin as an MP4 file does".into(),
                )),
                _ => Ok(None),
            };
        }
        let size = match u32::from_be_bytes([s0, s1, s2, s3]) {
            0 => len - start,
            1 => u64::from_be_bytes([l0, l1, l2, l3, l4, l5, l6, l7]),
            size => size.into(),
        };
        if size < 8 {
            return Err(Defect::Broken(format!(
                "a part at byte {start} has an impossible length"
            )));
        }
        Ok(Some(Self {
            kind,
            end: start.saturating_add(size),
        }))
    }
}
