//! Slice text to Rust source, for build scripts and as a command; needs no Ice.
