//! The bridge to the C++ runtime of ZeroC Ice: bytes in, bytes out.
