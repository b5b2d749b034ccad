//! Whether an AVI file is whole: the lengths of its outermost lists (RIFF; those of more than a
//! gigabyte have several).

use std::fs::File;
use std::os::unix::fs::FileExt;

use super::Defect;

/// How many lists are looked at, at most: each but the first holds up to a gigabyte.
const MAX_LISTS: usize = 1 << 16;

/// Checks that no list reaches past the end of the file.
pub(super) fn check(file: &File, len: u64) -> Result<(), Defect> {
    let mut start = 0;
    for _ in 0..MAX_LISTS {
        if len - start < 8 {
            break;
        }
        let mut header = [0; 8];
        file.read_exact_at(&mut header, start)?;
        let [kind @ .., l0, l1, l2, l3] = header;
        // Some programs put something else behind the film.
        if kind != *b"RIFF" {
            break;
        }
        let size = match u32::from_le_bytes([l0, l1, l2, l3]) {
            // Whoever recorded it never came to write its length.
            0 | u32::MAX => break,
            size => u64::from(size),
        };
        // Lists begin at even places; the byte between is not counted, and not there at the end.
        let end = start + 8 + size;
        if end > len {
            return Err(Defect::Truncated(format!(
                "it should have {end} bytes at least and has {len}"
            )));
        }
        start = (end + (size & 1)).min(len);
    }
    Ok(())
}
