//! The golden files as code: they build without a warning.
#![deny(warnings)]
#![allow(unused)]

#[path = "golden/Documents.rs"]
mod documents;
#[path = "golden/Errors.rs"]
mod errors;
#[path = "golden/Names.rs"]
mod names;
#[path = "golden/Optionals.rs"]
mod optionals;
#[path = "golden/Types.rs"]
mod types;
