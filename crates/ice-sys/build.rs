//! Compiles the C++ side of the bridge and links the Ice runtime.

use std::path::Path;
use std::process::exit;

const SOURCES: &[&str] = &[
    "cpp/adapter.cpp",
    "cpp/buffer.cpp",
    "cpp/call.cpp",
    "cpp/communicator.cpp",
    "cpp/connection.cpp",
    "cpp/context.cpp",
    "cpp/dispatch.cpp",
    "cpp/failure.cpp",
    "cpp/info.cpp",
    "cpp/lengths.cpp",
    "cpp/locator.cpp",
    "cpp/metrics.cpp",
    "cpp/options.cpp",
    "cpp/properties.cpp",
    "cpp/proxy.cpp",
    "cpp/sent.cpp",
];

const BRIDGES: &[&str] = &[
    "src/bridge.rs",
    "src/bridge/adapter.rs",
    "src/bridge/buffer.rs",
    "src/bridge/call.rs",
    "src/bridge/context.rs",
    "src/bridge/info.rs",
    "src/bridge/metrics.rs",
    "src/bridge/options.rs",
];

fn main() {
    println!("cargo:rerun-if-changed=cpp");
    println!("cargo:rerun-if-env-changed=ICE_HOME");

    let home = std::env::var("ICE_HOME").ok();
    let headers = home.as_ref().map_or_else(
        || "/usr/include".to_owned(),
        |home| format!("{home}/include"),
    );
    if !Path::new(&headers).join("Ice/Ice.h").exists() {
        eprintln!(
            "ZeroC Ice 3.7 for C++ is not installed: {headers}/Ice/Ice.h is missing.\n\
             On Debian and Ubuntu: apt-get install libzeroc-ice-dev\n\
             Elsewhere: set ICE_HOME to where its include and lib directories are."
        );
        exit(1);
    }

    let mut build = cxx_build::bridges(BRIDGES);
    build
        .files(SOURCES)
        .std("c++17")
        .define("ICE_CPP11_MAPPING", None)
        .flag_if_supported("-Wno-deprecated-declarations");
    if let Some(home) = &home {
        build.include(headers);
        println!("cargo:rustc-link-search=native={home}/lib");
    }
    build.compile("ice_sys_bridge");

    // After the bridge: a static library takes its symbols from what follows it. That of TLS is for the certificates of
    // peers: without the plug-in there are none, and nothing of it runs.
    println!("cargo:rustc-link-lib=IceSSL++11");
    println!("cargo:rustc-link-lib=Ice++11");
}
