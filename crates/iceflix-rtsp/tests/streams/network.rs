//! Players behind a network that loses, delays and reorders. They run in a network namespace of
//! their own, which only root can make: elsewhere these tests say that they were left out.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::support::film::film;
use crate::support::player::{arg, picture_sums, sums_in};
use crate::support::{eventually, server_with};

/// A namespace with a way to it; dropped, both are gone.
struct Network {
    name: String,
    /// Our end of the way.
    device: String,
    address: Ipv4Addr,
}

impl Network {
    /// `None` where the system does not allow it.
    fn make() -> Option<Self> {
        static CALLS: AtomicU32 = AtomicU32::new(0);
        let number = std::process::id() % 4_000 * 8 + CALLS.fetch_add(1, Ordering::Relaxed) % 8;
        // Four addresses each, of those that are kept for measuring networks (RFC 2544).
        let first = u32::from(Ipv4Addr::new(198, 18, 0, 0)) + 4 * number;
        let [address, other] = [first + 1, first + 2].map(Ipv4Addr::from);
        let network = Self {
            name: format!("iceflix-{number}"),
            device: format!("iceflix{number}"),
            address,
        };
        let Self { name, device, .. } = &network;
        let (ours, theirs) = (format!("{address}/30"), format!("{other}/30"));
        let made = ip(&format!("netns add {name}"))
            && ip(&format!(
                "link add {device} type veth peer name v netns {name}"
            ))
            && ip(&format!("address add {ours} dev {device}"))
            && ip(&format!("link set {device} up"))
            && ip(&format!("-n {name} address add {theirs} dev v"))
            && ip(&format!("-n {name} link set v up"));
        if !made {
            println!("left out: no network namespace can be made here");
        }
        made.then_some(network)
    }

    /// What leaves us is lost, delayed and reordered from now on; where the kernel cannot do that by
    /// itself, the way is too narrow for it, which loses and delays as well. Returns whether the
    /// kernel can do either.
    #[must_use]
    fn spoil(&self, narrow: &str) -> bool {
        let device = &self.device;
        let netem = format!("qdisc add dev {device} root netem loss 2% delay 20ms 10ms");
        let tbf = format!("qdisc add dev {device} root tbf rate {narrow} burst 8kb latency 40ms");
        let spoilt = tc(&netem) || tc(&tbf);
        if !spoilt {
            println!("left out: the kernel has no way to spoil a network");
        }
        spoilt
    }

    fn mend(&self) {
        assert!(tc(&format!("qdisc del dev {} root", self.device)));
    }

    /// A player in there, which writes the sums of the pictures that it decodes.
    fn player(&self, transport: &str, url: &str, more: &[&str]) -> Command {
        let mut command = Command::new("timeout");
        command.args([
            "60", "ip", "netns", "exec", &self.name, "ffmpeg", "-nostdin",
        ]);
        command.args(["-v", "fatal", "-rtsp_transport", transport, "-i", url]);
        command
            .args(["-map", "0:v", "-fps_mode", "passthrough"])
            .args(more);
        command.args(["-f", "framemd5", "-"]);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        ip(&format!("link del {}", self.device));
        ip(&format!("netns del {}", self.name));
    }
}

fn ip(arguments: &str) -> bool {
    succeeds("ip", arguments)
}

fn tc(arguments: &str) -> bool {
    succeeds("tc", arguments)
}

fn succeeds(program: &str, arguments: &str) -> bool {
    let output = Command::new(program).args(arguments.split(' ')).output();
    output.is_ok_and(|output| output.status.success())
}

/// Starts a player, and returns what it wrote when it is over.
async fn finished(mut player: Command) -> Output {
    tokio::task::spawn_blocking(move || player.output().expect("it is installed"))
        .await
        .expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_by_tcp_over_a_bad_network_is_whole() {
    let Some(network) = Network::make() else {
        return;
    };
    if !network.spoil("3mbit") {
        return;
    }
    let endpoint = SocketAddr::from((network.address, 0));
    let server = server_with(|config| config.endpoint = endpoint).await;
    let mount = server.mount(film().open());
    let url = mount.url(&network.address.to_string());
    let output = finished(network.player("tcp", &url, &["-frames:v", "90"])).await;
    assert!(output.status.success());
    let original = picture_sums(&["-i", arg(&film().video)], Some(90)).await;
    assert_eq!(sums_in(&output), original);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_player_by_udp_recovers_when_the_network_does() {
    let Some(network) = Network::make() else {
        return;
    };
    let endpoint = SocketAddr::from((network.address, 0));
    let server = server_with(|config| config.endpoint = endpoint).await;
    let mount = server.mount(film().open());
    let url = mount.url(&network.address.to_string());
    let playing = tokio::spawn(finished(network.player("udp", &url, &[])));
    let sent = || server.statistics().packets;
    eventually(|| sent() > 100).await;
    if !network.spoil("500kbit") {
        return;
    }
    let before = sent();
    eventually(|| sent() > before + 250).await;
    network.mend();
    let output = playing.await.expect("no panic");
    assert!(output.status.success());
    let sums = sums_in(&output);
    let original = picture_sums(&["-i", arg(&film().video)], None).await;
    // The last second is there as if nothing had been.
    let last = &original[original.len() - 30..];
    assert!(
        sums.ends_with(last),
        "{} of {} pictures",
        sums.len(),
        original.len()
    );
    assert_ne!(sums, original, "something was lost in between");
    tokio::time::timeout(Duration::from_secs(30), server.shutdown())
        .await
        .expect("it stops");
}
