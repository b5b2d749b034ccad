//! IceFlix: a distributed video-on-demand platform.
fn main() {}
