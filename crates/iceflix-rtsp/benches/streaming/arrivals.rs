//! What is noted of the packets of a track, by their headers alone.

use std::time::{Duration, Instant};

/// A packet that comes this much later than it should is late.
pub(crate) const LATE: Duration = Duration::from_millis(100);

/// A track's packets so far.
#[derive(Debug)]
pub(crate) struct Arrivals {
    clock_rate: u32,
    last: Option<Last>,
    /// By how much the earliest packet was ahead of the first one, in microseconds: what a packet
    /// should come at is measured from that one, so that sending ahead is held against the sender.
    earliest: i64,
    /// Of each packet since the last count, how much later it came than the first one, in
    /// microseconds.
    delays: Vec<i32>,
    lost: u64,
}

#[derive(Clone, Copy, Debug)]
struct Last {
    begun: Instant,
    sequence: u16,
    timestamp: u32,
    /// Time stamps since the first packet, in microseconds.
    film: i64,
}

/// What came to all.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) packets: u64,
    pub(crate) lost: u64,
    pub(crate) late: u64,
    /// How late packets were, in milliseconds: how many of each.
    pub(crate) delays: Vec<u64>,
}

impl Arrivals {
    pub(crate) fn new(clock_rate: u32) -> Self {
        Self {
            clock_rate,
            last: None,
            earliest: 0,
            delays: Vec::new(),
            lost: 0,
        }
    }

    /// Notes a packet by its RTP header.
    pub(crate) fn note(&mut self, now: Instant, packet: &[u8]) {
        let sequence = u16::from_be_bytes([packet[2], packet[3]]);
        let timestamp = u32::from_be_bytes([packet[4], packet[5], packet[6], packet[7]]);
        let mut last = self.last.unwrap_or(Last {
            begun: now,
            sequence: sequence.wrapping_sub(1),
            timestamp,
            film: 0,
        });
        self.lost += u64::from(sequence.wrapping_sub(last.sequence).wrapping_sub(1));
        let ticks = timestamp.wrapping_sub(last.timestamp) as i32;
        last.film += i64::from(ticks) * 1_000_000 / i64::from(self.clock_rate);
        let delay = (now - last.begun).as_micros() as i64 - last.film;
        (last.sequence, last.timestamp) = (sequence, timestamp);
        self.earliest = self.earliest.min(delay);
        self.delays.push(delay as i32);
        self.last = Some(last);
    }

    /// Forgets everything: what lay in the sockets while the others came in is no measure.
    pub(crate) fn begin_anew(&mut self) {
        *self = Self::new(self.clock_rate);
    }

    /// Adds what came since the last count.
    pub(crate) fn count(&mut self, tally: &mut Tally) {
        tally.packets += self.delays.len() as u64;
        tally.lost += std::mem::take(&mut self.lost);
        for delay in self.delays.drain(..) {
            let late = (i64::from(delay) - self.earliest).max(0);
            let milliseconds = (late / 1_000) as usize;
            if tally.delays.len() <= milliseconds {
                tally.delays.resize(milliseconds + 1, 0);
            }
            tally.delays[milliseconds] += 1;
            tally.late += u64::from(late > LATE.as_micros() as i64);
        }
    }
}

impl Tally {
    /// The delay that this share of the packets does not exceed, in milliseconds.
    pub(crate) fn delay(&self, share: f64) -> usize {
        let mut left = (self.packets as f64 * share) as u64;
        for (milliseconds, number) in self.delays.iter().enumerate() {
            if *number >= left {
                return milliseconds;
            }
            left -= number;
        }
        self.delays.len().saturating_sub(1)
    }
}
