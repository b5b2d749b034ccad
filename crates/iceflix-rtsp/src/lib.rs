//! A packet index becomes packets on the wire: RTSP, RTP, RTCP, SDP.
