//! Typed IceStorm topics: publishers, and subscriptions that heal themselves.
