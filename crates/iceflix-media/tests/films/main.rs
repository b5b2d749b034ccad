//! Real films, made by ffmpeg, through the whole of this crate; ffmpeg is also the witness of what
//! must come out.

mod bad_files;
mod bit_exact;
mod extremes;
mod film;
mod formats;
mod growing;
mod samples;
mod timing;
mod tracks;
mod wire;
