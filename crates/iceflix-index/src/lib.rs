//! The packet index of a film: what goes out on the wire, and where in the file it lies.
