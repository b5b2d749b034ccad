//! What the tests stand on: a real broker on free ports, sample films, real processes.
