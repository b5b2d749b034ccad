//! Who is there, and whom to ask: with real objects of Ice.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod candidates;
mod foreign;
mod hostile;
mod scene;
mod tokens;
