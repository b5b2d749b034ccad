//! Which memory came from where in the file.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The memory that is handed out at the moment, and where in the file its content came from.
///
/// A block is entered before it is handed out and struck out when the last reference to it goes,
/// before its memory can be used for anything else: as long as somebody holds memory, its address
/// tells without doubt whether it is a part of the file. That its content is unchanged is certain
/// too, because it is handed out as read-only.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    entries: Mutex<Vec<Entry>>,
}

#[derive(Debug)]
struct Entry {
    address: usize,
    len: usize,
    offset: u64,
}

impl Ledger {
    /// Enters a block whose content begins at `offset` in the file.
    pub(crate) fn enter(&self, block: &[u8], offset: u64) {
        let entry = Entry {
            address: block.as_ptr().addr(),
            len: block.len(),
            offset,
        };
        self.lock().push(entry);
    }

    /// Strikes out a block.
    pub(crate) fn strike(&self, block: &[u8]) {
        let address = block.as_ptr().addr();
        let mut entries = self.lock();
        if let Some(position) = entries.iter().position(|entry| entry.address == address) {
            entries.swap_remove(position);
        }
    }

    /// Where in the file `part` came from; `None` where it did not come from the file.
    pub(crate) fn locate(&self, part: &[u8]) -> Option<u64> {
        let address = part.as_ptr().addr();
        self.lock().iter().rev().find_map(|entry| {
            let distance = address.checked_sub(entry.address)?;
            (distance + part.len() <= entry.len).then_some(entry.offset + distance as u64)
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_a_block_is_found_and_nothing_else() {
        let ledger = Ledger::default();
        let memory = [0; 300];
        let (block, other) = memory.split_at(200);
        ledger.enter(block, 1_000);
        assert_eq!(ledger.locate(block), Some(1_000));
        assert_eq!(ledger.locate(&block[150..200]), Some(1_150));
        assert_eq!(ledger.locate(other), None);
        assert_eq!(ledger.locate(&memory[199..201]), None);
        ledger.enter(other, 50);
        assert_eq!(ledger.locate(&other[1..]), Some(51));
        ledger.strike(block);
        assert_eq!(ledger.locate(block), None);
        assert_eq!(ledger.locate(other), Some(50));
    }
}
