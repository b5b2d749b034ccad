//! What endpoints and connections are, at the border.

// The bridge writes code that no reader of the documentation sees.
#![allow(missing_docs, unreachable_pub, clippy::missing_safety_doc)]

#[cxx::bridge(namespace = "ice_sys")]
pub(crate) mod ffi {
    /// An endpoint, with what its transport and those below it say. What a transport lacks is empty.
    #[derive(Clone, Debug, Default)]
    struct EndpointFacts {
        /// The string form.
        text: String,
        /// The number of the transport.
        transport: i16,
        datagram: bool,
        secure: bool,
        compress: bool,
        /// Milliseconds; -1 for none.
        timeout: i32,
        /// Whether there are host, port and source address.
        addressed: bool,
        host: String,
        port: i32,
        source_address: String,
        /// Whether there are interface and hops.
        udp: bool,
        multicast_interface: String,
        multicast_hops: i32,
        /// Whether there is a resource.
        websocket: bool,
        resource: String,
        /// Whether the transport is not known here: its encoding and bytes.
        opaque: bool,
        encoding_major: u8,
        encoding_minor: u8,
        bytes: Vec<u8>,
    }

    /// An X.509 certificate.
    #[derive(Clone, Debug, Default)]
    struct CertificateFacts {
        pem: String,
        subject: String,
        issuer: String,
        serial: String,
    }

    /// A connection, with what its transport and those below it say. What a transport lacks is empty.
    #[derive(Clone, Debug, Default)]
    struct ConnectionFacts {
        incoming: bool,
        adapter_name: String,
        connection_id: String,
        /// Whether there are addresses.
        addressed: bool,
        local_address: String,
        local_port: i32,
        remote_address: String,
        remote_port: i32,
        /// Bytes; 0 where unknown.
        receive_buffer: i32,
        /// Bytes; 0 where unknown.
        send_buffer: i32,
        multicast_address: String,
        multicast_port: i32,
        /// Whether there are headers.
        websocket: bool,
        headers: Vec<Entry>,
        /// Whether there are cipher and certificates.
        tls: bool,
        cipher: String,
        certificates: Vec<CertificateFacts>,
        verified: bool,
    }

    // SAFETY: as in the main bridge: every function catches what the C++ side throws and keeps no borrowed argument.
    unsafe extern "C++" {
        include!("ice-sys/cpp/info.h");

        type Connection = crate::bridge::ffi::Connection;
        type ObjectAdapter = crate::bridge::ffi::ObjectAdapter;
        type ObjectPrx = crate::bridge::ffi::ObjectPrx;
        type Entry = crate::bridge::ffi::Entry;

        fn proxy_endpoints(proxy: &ObjectPrx) -> Result<Vec<EndpointFacts>>;
        fn adapter_endpoints(
            adapter: &ObjectAdapter,
            published: bool,
        ) -> Result<Vec<EndpointFacts>>;
        fn connection_endpoint(connection: &Connection) -> Result<EndpointFacts>;
        fn connection_info(connection: &Connection) -> Result<ConnectionFacts>;
    }
}
