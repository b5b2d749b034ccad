//! What the other languages need before they can run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, ensure};

use crate::language::Language;

/// The peers, ready to be started.
pub(crate) struct Built {
    directory: PathBuf,
}

impl Built {
    /// Compiles the C++ peer as ZeroC's C++ programs are compiled, and the interfaces for Python.
    pub(crate) fn new() -> anyhow::Result<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let slice = source.join("slice/Bench.ice");
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ice-bench");
        std::fs::create_dir_all(&directory)?;
        for compiler in ["slice2cpp", "slice2py"] {
            run(Command::new(compiler)
                .arg("--output-dir")
                .args([&directory, &slice]))?;
        }
        run(Command::new("g++")
            .args(["-std=c++17", "-O2", "-DICE_CPP11_MAPPING", "-I"])
            .arg(&directory)
            .args([source.join("peers/Peer.cpp"), directory.join("Bench.cpp")])
            .arg("-o")
            .arg(directory.join("peer"))
            .args(["-lIceStorm++11", "-lIce++11", "-lpthread"]))?;
        Ok(Self { directory })
    }

    /// The peer of a language.
    pub(crate) fn peer(&self, language: Language) -> Command {
        match language {
            Language::Cpp => Command::new(self.directory.join("peer")),
            Language::Rust => Command::new(env!("CARGO_BIN_EXE_ice-bench")),
            Language::Python => {
                // That of the system, which has the package python3-zeroc-ice.
                let mut python = Command::new("/usr/bin/python3");
                python
                    .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/peers/peer.py"))
                    .env("PYTHONPATH", &self.directory);
                python
            }
        }
    }

    /// The peer in Rust that counts its allocations.
    pub(crate) fn counting_peer() -> Command {
        Command::new(env!("CARGO_BIN_EXE_counting"))
    }
}

fn run(command: &mut Command) -> anyhow::Result<()> {
    let status = command.status().with_context(|| {
        format!("{command:?} (scripts/packages.txt tells what must be installed)")
    })?;
    ensure!(status.success(), "{command:?} failed");
    Ok(())
}
