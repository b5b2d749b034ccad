//! RTCP (RFC 3550, section 6): the reports of a sender, and what is read of a receiver's.

mod receive;
mod send;

pub(crate) use receive::is_from_receiver;
pub(crate) use send::{NtpTime, bye, report};
