//! RTSP over TLS.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use iceflix_rtsp::{Config, Secure, Server};
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tempfile::TempDir;

use super::support::film::film;
use super::support::player::{arg, picture_sums};
use super::support::{PATIENCE, eventually, server_with};

/// Makes a certificate for this machine, and its key, in a directory. Both are good for as long as
/// there is no other.
fn certify(dir: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (dir.join("server.pem"), dir.join("server.key"));
    let done = Command::new("openssl")
        .args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(' '))
        .args("-subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1".split(' '))
        .args("-config /dev/null -addext basicConstraints=critical,CA:FALSE".split(' '))
        .args(["-out", arg(&certificate), "-keyout", arg(&key)])
        .output()
        .expect("openssl is installed");
    let told = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{told}");
    (certificate, key)
}

/// A server that speaks TLS as well, and the directory of its certificate.
async fn secure_server(set: impl FnOnce(&mut Config)) -> (Server, SocketAddr, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (certificate, key) = certify(dir.path());
    let server = server_with(|config| {
        config.secure = Some(Secure {
            endpoint: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            certificate,
            key,
        });
        set(config);
    });
    let server = server.await;
    let address = server.secure_addr().expect("it speaks TLS");
    (server, address, dir)
}

/// A connection of a player that trusts this certificate and no other.
fn connect(to: SocketAddr, trusted: &Path) -> StreamOwned<ClientConnection, TcpStream> {
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(trusted).expect("a certificate");
    roots.add(certificate).expect("an anchor");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").expect("an address");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a client");
    let socket = TcpStream::connect(to).expect("a server");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
    StreamOwned::new(connection, socket)
}

/// The answer to a request, as far as its empty line.
fn ask(connection: &mut (impl Read + Write), request: &str) -> std::io::Result<String> {
    connection.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        connection.read_exact(&mut byte)?;
        answer.extend(byte);
    }
    Ok(String::from_utf8(answer).expect("text"))
}

const OPTIONS: &str = "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_film_arrives_bit_for_bit_over_tls() {
    let (server, _, _dir) = secure_server(|_| {}).await;
    let mount = server.mount(film().open());
    let url = mount.secure_url("127.0.0.1").expect("it speaks TLS");
    assert!(url.starts_with("rtsps://127.0.0.1:"));
    let frames = Some(45);
    let got = picture_sums(&["-rtsp_transport", "tcp", "-i", &url], frames).await;
    let wanted = picture_sums(&["-i", arg(&film().video)], frames).await;
    assert_eq!(got, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_for_in_secret_is_not_sent_in_the_open() {
    let (server, address, dir) = secure_server(|_| {}).await;
    let mount = server.mount(film().open());
    let url = mount.secure_url("127.0.0.1").expect("it speaks TLS");
    let mut player = connect(address, &dir.path().join("server.pem"));
    let mut set_up = |way| {
        let request = format!("SETUP {url}/track1 RTSP/1.0\r\nCSeq: 1\r\nTransport: {way}\r\n\r\n");
        ask(&mut player, &request).expect("an answer")
    };
    let refused = set_up("RTP/AVP;unicast;client_port=5000-5001");
    assert!(refused.starts_with("RTSP/1.0 461 "), "{refused}");
    let taken = set_up("RTP/AVP;unicast;client_port=5000-5001,RTP/AVP/TCP;interleaved=0-1");
    assert!(taken.contains("Transport: RTP/AVP/TCP;"), "{taken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_renewed_is_shown_to_whoever_comes_next() {
    let (_server, address, dir) = secure_server(|_| {}).await;
    let pem = dir.path().join("server.pem");
    let old = dir.path().join("old.pem");
    std::fs::copy(&pem, &old).expect("a copy");
    let mut stays = connect(address, &old);
    ask(&mut stays, OPTIONS).expect("an answer");
    certify(dir.path());
    ask(&mut connect(address, &pem), OPTIONS).expect("an answer");
    assert!(ask(&mut connect(address, &old), OPTIONS).is_err());
    ask(&mut stays, OPTIONS).expect("who was there stays");
    let second = dir.path().join("second.pem");
    std::fs::rename(&pem, &second).expect("moved");
    std::fs::write(&pem, "nothing of use").expect("written");
    let newcomer = ask(&mut connect(address, &second), OPTIONS);
    newcomer.expect("the last one that was of use");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_of_no_use_says_what_is_wrong_at_start() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (certificate, key) = certify(dir.path());
    let (other, empty) = (dir.path().join("other"), dir.path().join("empty"));
    std::fs::create_dir(&other).expect("a directory");
    let (_, others_key) = certify(&other);
    std::fs::write(&empty, "").expect("a file");
    let absent = dir.path().join("absent");
    for (certificate, key, blamed) in [
        (&certificate, &others_key, &others_key),
        (&certificate, &empty, &empty),
        (&empty, &key, &empty),
        (&absent, &key, &absent),
        (&certificate, &absent, &absent),
    ] {
        let endpoint = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let config = Config {
            endpoint,
            secure: Some(Secure {
                endpoint,
                certificate: certificate.clone(),
                key: key.clone(),
            }),
            ..Config::default()
        };
        let error = Server::bind(config).await.expect_err("of no use");
        assert!(error.to_string().contains(arg(blamed)), "{error}");
        assert!(std::error::Error::source(&error).is_some(), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_speaks_no_tls_or_only_half_of_it_is_gone_soon() {
    let (server, address, _dir) =
        secure_server(|config| config.request_timeout = Duration::from_millis(300)).await;
    for begun in [OPTIONS.as_bytes(), b"", b"\x16\x03\x01\x02\x00\x01\x00"] {
        let mut socket = TcpStream::connect(address).expect("a server");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket");
        socket.write_all(begun).expect("the server listens");
        let mut told = Vec::new();
        // Reset or closed: gone either way.
        let _ = socket.read_to_end(&mut told);
        assert!(!told.starts_with(b"RTSP"), "{told:?}");
    }
    eventually(|| server.statistics().connections == 0).await;
}
