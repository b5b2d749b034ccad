//! The Catalogue service: titles, tags, and who has them.
//!
//! Here lies what every film is called and tagged, for ever, and which servers have it, as long as they say
//! so. It must never know how a film is stored or streamed, nor who may log in: it hands on a provider, and has
//! tokens checked by others.

pub mod store;
