//! The Streaming service: a directory of films, announced and played.
mod library;
