//! The viewer's way, as a library: connect, log in, find, watch.
