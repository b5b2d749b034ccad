//! The Main service: the door for clients.
