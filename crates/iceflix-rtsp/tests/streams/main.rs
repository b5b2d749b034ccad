//! A stream from its first packet to its last: numbers, pauses, seeks, and every way to end.

#[path = "../support/mod.rs"]
mod support;

mod endings;
mod faults;
mod growing;
mod network;
mod numbers;
mod pace;
mod pushes;
mod scene;
