//! Reading a file in large blocks, and handing out parts of them.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::sync::{Arc, Mutex, PoisonError};

use gstreamer as gst;

use super::Ledger;

/// The first block at a place that nothing was read from before, in bytes: enough for the headers
/// that are read there.
const FIRST: usize = 64 << 10;

/// The largest block, in bytes, unless more is asked for at once. Blocks grow towards it while
/// reading goes on where it stopped.
const LARGEST: usize = 1 << 20;

/// How many blocks are kept to hand out more of them: the tracks of a film lie at as many places at
/// once.
const KEPT: usize = 8;

/// How many blocks that nobody uses any more are kept for their memory, which the system would have
/// to clear again.
const SPARE: usize = 8;

/// A file, and the blocks of it that were read last.
#[derive(Debug)]
pub(super) struct Blocks {
    file: File,
    len: u64,
    kept: VecDeque<Kept>,
    ledger: Arc<Ledger>,
    spare: Arc<Spare>,
}

type Spare = Mutex<Vec<Vec<u8>>>;

#[derive(Debug)]
struct Kept {
    start: u64,
    memory: gst::Memory,
}

/// The content of a block. It is dropped when GStreamer lets go of the last part of it.
struct Block {
    content: Vec<u8>,
    ledger: Arc<Ledger>,
    spare: Arc<Spare>,
}

impl AsRef<[u8]> for Block {
    fn as_ref(&self) -> &[u8] {
        &self.content
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        self.ledger.strike(&self.content);
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        if spare.len() < SPARE && self.content.capacity() <= LARGEST {
            spare.push(std::mem::take(&mut self.content));
        }
    }
}

impl Kept {
    fn end(&self) -> u64 {
        self.start + self.memory.size() as u64
    }
}

impl Blocks {
    pub(super) fn new(file: File, len: u64, ledger: Arc<Ledger>) -> Self {
        Self {
            file,
            len,
            kept: VecDeque::with_capacity(KEPT),
            ledger,
            spare: Arc::default(),
        }
    }

    /// The `wanted` bytes from `offset` on, or as many as there are: a part of a block, never a
    /// copy.
    pub(super) fn part(&mut self, offset: u64, wanted: usize) -> io::Result<gst::Memory> {
        let left = usize::try_from(self.len.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = wanted.min(left);
        let end = offset + wanted as u64;
        let kept = self
            .kept
            .iter()
            .find(|kept| kept.start <= offset && end <= kept.end());
        let kept = match kept {
            Some(kept) => kept,
            None => self.read(offset, wanted, left)?,
        };
        let start = (offset - kept.start) as usize;
        Ok(kept.memory.share(start..start + wanted))
    }

    /// Copies the same into a buffer that somebody else made, which has room for at least so many.
    pub(super) fn fill(
        &mut self,
        offset: u64,
        wanted: usize,
        buffer: &mut gst::BufferRef,
    ) -> io::Result<()> {
        let memory = self.part(offset, wanted)?;
        let part = memory.map_readable().map_err(io::Error::other)?;
        let wanted = part.len();
        let copied = buffer.copy_from_slice(0, &part);
        copied.map_err(|_| io::Error::other("a buffer is smaller than what it is to hold"))?;
        buffer.set_size(wanted);
        buffer.set_offset(offset);
        Ok(())
    }

    fn read(&mut self, offset: u64, wanted: usize, left: usize) -> io::Result<&Kept> {
        // What is asked for may begin in the block before and end behind it.
        let before = self
            .kept
            .iter()
            .position(|kept| kept.start < offset && offset <= kept.end());
        let grown = before
            .and_then(|position| self.kept.remove(position))
            .map(|kept| 2 * kept.memory.size());
        let len = grown
            .unwrap_or(FIRST)
            .clamp(FIRST, LARGEST)
            .max(wanted)
            .min(left);

        let mut content = self
            .spare
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop()
            .unwrap_or_default();
        content.resize(len, 0);
        self.file.read_exact_at(&mut content, offset)?;
        self.ledger.enter(&content, offset);
        let (ledger, spare) = (self.ledger.clone(), self.spare.clone());
        let memory = gst::Memory::from_slice(Block {
            content,
            ledger,
            spare,
        });
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(Kept {
            start: offset,
            memory,
        });
        Ok(&self.kept[self.kept.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn blocks(len: usize) -> Blocks {
        gst::init().expect("GStreamer starts");
        let mut file = tempfile::tempfile().expect("a file");
        let content: Vec<_> = (0..len).map(|n| (n % 251) as u8).collect();
        file.write_all(&content).expect("written");
        Blocks::new(file, len as u64, Arc::default())
    }

    fn bytes(memory: &gst::Memory) -> Vec<u8> {
        memory.map_readable().expect("it is memory").to_vec()
    }

    #[test]
    fn parts_hold_what_the_file_holds_there_and_are_located() {
        let mut blocks = blocks(5_000_000);
        let ledger = blocks.ledger.clone();
        let places = [
            (0, 10),
            (4_999_000, 2_000),
            (64 << 10, 700_000),
            (10, 64 << 10),
            (2_500_000, 2_000_000),
            (700_000, 100_000),
        ];
        let parts: Vec<_> = places
            .iter()
            .map(|(offset, len)| blocks.part(*offset, *len).expect("read"))
            .collect();
        for ((offset, len), part) in places.iter().zip(&parts) {
            let expected: Vec<_> = (*offset..)
                .take(*len)
                .take_while(|n| *n < 5_000_000)
                .map(|n| (n % 251) as u8)
                .collect();
            assert_eq!(bytes(part), expected);
            assert_eq!(
                ledger.locate(&part.map_readable().expect("it is memory")),
                Some(*offset)
            );
        }
    }

    #[test]
    fn a_block_is_struck_out_when_its_last_part_goes() {
        let mut blocks = blocks(1_000_000);
        let ledger = blocks.ledger.clone();
        let part = blocks.part(0, 100).expect("read");
        drop(blocks);
        let map = part.map_readable().expect("it is memory");
        assert_eq!(ledger.locate(&map), Some(0));
        let address = map.as_slice().as_ptr().addr();
        drop(map);
        drop(part);
        let anything = format!("{address}");
        assert_eq!(ledger.locate(anything.as_bytes()), None);
    }

    #[test]
    fn a_file_that_was_cut_meanwhile_is_an_error() {
        let mut blocks = blocks(1_000_000);
        blocks.file.set_len(10).expect("cut");
        assert_eq!(
            blocks.part(0, 100).expect_err("it is gone").kind(),
            io::ErrorKind::UnexpectedEof
        );
    }
}
