//! The wire contract of IceFlix and what is generated from it.
