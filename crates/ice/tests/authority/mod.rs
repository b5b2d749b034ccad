//! A certificate authority that lives as long as a test.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of test programs"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Signs certificates in a directory of its own, which goes with it.
pub struct Authority(PathBuf);

impl Authority {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("ice-authority-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a temporary directory");
        let authority = Self(directory);
        authority.openssl(
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -keyout ca.key -out ca.pem \
             -subj /CN=authority",
        );
        authority
    }

    /// The properties of a peer with this common name and organisational unit, which trusts this authority and asks
    /// others for their certificates.
    pub fn properties(&self, name: &str, unit: &str) -> Vec<String> {
        self.openssl(&format!(
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout {name}.key -out {name}.csr \
             -subj /OU={unit}/CN={name}"
        ));
        self.openssl(&format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -out {name}.pem"
        ));
        vec![
            format!("--IceSSL.DefaultDir={}", self.0.display()),
            "--IceSSL.CAs=ca.pem".to_owned(),
            format!("--IceSSL.CertFile={name}.pem"),
            format!("--IceSSL.KeyFile={name}.key"),
            "--IceSSL.VerifyPeer=2".to_owned(),
        ]
    }

    fn openssl(&self, arguments: &str) {
        let output = Command::new("openssl")
            .args(arguments.split_whitespace())
            .current_dir::<&Path>(&self.0)
            .stdin(Stdio::null())
            .output()
            .expect("openssl is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {arguments}: {told}");
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        // What is left of a test that failed may stay.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
