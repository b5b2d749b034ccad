//! A film file becomes a packet index, by GStreamer.
