//! The Authentication service: users and tokens.
