//! Whatever arrives is hostile: what strangers can send to a platform by its broker and its ports, while viewers use
//! it. No service dies of it, none keeps others waiting, none grows without bound, and no log fills a disk.

#![allow(clippy::unwrap_used, missing_docs, reason = "a test")]

mod announcements;
mod calls;
mod connections;
mod databases;
mod events;
mod raw;
mod scene;
