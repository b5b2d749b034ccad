//! The Streaming service as others meet it: by Ice, over a real broker, on
//! RTSP and UDP.

mod administering;
mod announcing;
mod logins;
mod scene;
mod streams;
