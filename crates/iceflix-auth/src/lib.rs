//! The Authentication service: users and tokens.
//!
//! Here lies who may log in, and which tokens are alive. It must never know what a token is good for:
//! films, titles and streams are other services'. Passwords never come here, only their hashes, and
//! neither those nor tokens ever reach a log.

pub mod store;
