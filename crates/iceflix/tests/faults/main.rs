//! What is promised about failures, each with the failure itself.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod left_behind;
mod one_of_each;
mod one_of_two;
mod outage;
