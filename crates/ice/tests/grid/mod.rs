//! A real IceGrid: a registry and a node on free ports, with an application of one server that is this test program.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    reason = "a module of test programs"
)]

use std::path::Path;
use std::process::Stdio;

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};

/// The name of the server of the application, and of the test that it is.
pub const SERVER: &str = "the_server_that_a_node_starts";
/// What the server is told by the node.
pub const ARGUMENTS: &str = "ICE_TEST_GRID_SERVER";

/// A registry and a node, which end with this value or with the thread that made it.
pub struct Grid {
    directory: TempDir,
    locator: String,
    node: Child,
    registry: Child,
}

impl Grid {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = socket.local_addr().unwrap().port();
        drop(socket);
        let locator = format!("TestGrid/Locator:tcp -h 127.0.0.1 -p {port}");
        for below in ["registry", "node"] {
            std::fs::create_dir(directory.path().join(below)).unwrap();
        }
        let path = directory.path().display();
        let registry = started(
            "icegridregistry",
            &[
                "--IceGrid.InstanceName=TestGrid".to_owned(),
                format!("--IceGrid.Registry.Client.Endpoints=tcp -h 127.0.0.1 -p {port}"),
                "--IceGrid.Registry.Server.Endpoints=tcp -h 127.0.0.1".to_owned(),
                "--IceGrid.Registry.Internal.Endpoints=tcp -h 127.0.0.1".to_owned(),
                "--IceGrid.Registry.AdminPermissionsVerifier=TestGrid/NullPermissionsVerifier"
                    .to_owned(),
                "--IceGrid.Registry.DynamicRegistration=1".to_owned(),
                "--IceGrid.Registry.Discovery.Enabled=0".to_owned(),
                format!("--IceGrid.Registry.LMDB.Path={path}/registry"),
                "--Ice.PrintAdapterReady=1".to_owned(),
            ],
            "IceGrid.Registry.Client ready",
        )
        .await;
        let node = started(
            "icegridnode",
            &[
                "--IceGrid.Node.Name=node".to_owned(),
                "--IceGrid.Node.Endpoints=tcp -h 127.0.0.1".to_owned(),
                format!("--IceGrid.Node.Data={path}/node"),
                "--IceGrid.Node.PrintServersReady=node".to_owned(),
                format!("--Ice.Default.Locator={locator}"),
            ],
            "node ready",
        )
        .await;
        let grid = Self {
            directory,
            locator,
            node,
            registry,
        };
        grid.deploy().await;
        grid
    }

    pub fn property(&self) -> String {
        format!("--Ice.Default.Locator={}", self.locator)
    }

    async fn deploy(&self) {
        let (script, application) = (self.file("server"), self.file("application.xml"));
        let program = std::env::current_exe().unwrap();
        let text = format!(
            "#!/bin/sh\n{ARGUMENTS}=\"$*\" exec \
             '{}' --exact {SERVER} --ignored\n",
            program.display()
        );
        std::fs::write(&script, text).unwrap();
        executable(&script);
        let server = |id: &str| {
            format!(
                "<server id='{id}' exe='{}' activation='on-demand'>\
                 <adapter name='Echo' endpoints='tcp -h 127.0.0.1' id='{id}.Echo' replica-group='Echoes'/>\
                 </server>",
                script.display()
            )
        };
        let text = format!(
            "<icegrid><application name='Echo'>\
             <replica-group id='Echoes'><load-balancing type='round-robin' n-replicas='0'/>\
             <object identity='echo' type='::Test::Echo'/></replica-group>\
             <node name='node'>{}{}</node></application></icegrid>",
            server("one"),
            server("two")
        );
        std::fs::write(&application, text).unwrap();
        self.administer(&format!("application add {}", application.display()))
            .await;
    }

    /// A command of the administration, and what it says.
    pub async fn administer(&self, command: &str) -> String {
        let output = Command::new("icegridadmin")
            .args(["-u", "test", "-p", "test", "-e", command])
            .arg(self.property())
            .stdin(Stdio::null())
            .output()
            .await
            .expect("icegridadmin is installed");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}: {told}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    /// Ends the servers, the node and the registry, in this order.
    pub async fn stop(mut self) {
        self.administer("node shutdown node").await;
        self.node.wait().await.unwrap();
        self.administer("registry shutdown Master").await;
        self.registry.wait().await.unwrap();
    }
}

fn executable(script: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(script, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Starts a program, and waits until it says that it is ready.
async fn started(program: &str, arguments: &[String], ready: &str) -> Child {
    // So that none outlives a test that is killed.
    // The registry says so on one of its streams, and the node on the other.
    let (reader, writer) = std::io::pipe().unwrap();
    let child = Command::new("setpriv")
        .args(["--pdeathsig", "KILL", program])
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(writer.try_clone().unwrap())
        .stderr(writer)
        .kill_on_drop(true)
        .spawn()
        .expect("setpriv is installed");
    let said = Receiver::from_owned_fd(reader.into()).unwrap();
    let mut lines = BufReader::new(said).lines();
    let waiting = async {
        loop {
            match lines.next_line().await.unwrap() {
                Some(line) if line == ready => return,
                Some(_) => {}
                None => panic!("{program} is not installed, or does not start"),
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), waiting)
        .await
        .expect("it is ready soon");
    // What it says later is read, and of no interest.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}
