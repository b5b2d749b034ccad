//! Which parts make a platform, and how each is started.

use std::{net::SocketAddr, path::PathBuf};

use iceflix_service::settings::property::METRICS_ENDPOINT;

use super::children::Part;

/// The parts in the order of their start. The properties that `up` was given
/// hold for all of them; where metrics are told at a port, each service has one
/// of its own, from that one upwards.
pub(super) fn parts(
    properties: &[String],
    directories: &[PathBuf],
    metrics: Option<SocketAddr>,
) -> Vec<Part> {
    let is_replaced = |property: &str| {
        let name = property.split('=').next().unwrap_or_default();
        metrics_of(metrics, 0).is_some() && name.trim_start_matches("--") == METRICS_ENDPOINT.name
    };
    let part = |name: &str, words: &[&str], own: &[&str]| Part {
        name: name.to_owned(),
        arguments: words
            .iter()
            .chain(own)
            .map(|&word| word.to_owned())
            .chain(properties.iter().filter(|one| !is_replaced(one)).cloned())
            .collect(),
    };
    let mut parts = vec![
        part("icestorm", &["icestorm"], &[]),
        part("main", &["main"], &[]),
        part("auth", &["auth"], &[]),
        part("catalog", &["catalog"], &[]),
    ];
    let services = parts.len() - 1;
    for (part, number) in parts.iter_mut().skip(1).zip(0..) {
        part.arguments.extend(metrics_of(metrics, number));
    }
    for (number, directory) in directories.iter().enumerate() {
        let mut streaming = match number {
            0 => part("streaming", &["streaming"], &[]),
            _ => part(&format!("streaming-{}", number + 1), &["streaming"], &[]),
        };
        if number > 0 {
            // The configured ports belong to the first; the others take any. Viewers learn them from their URLs.
            streaming
                .arguments
                .push("--StreamingAdapter.Endpoints=tcp -h 127.0.0.1".to_owned());
            streaming
                .arguments
                .push("--IceFlix.Streaming.Rtsp.Endpoint=127.0.0.1:0".to_owned());
        }
        let own = metrics_of(metrics, services + number);
        streaming.arguments.extend(own);
        streaming.arguments.push("--".to_owned());
        streaming.arguments.push(directory.display().to_string());
        parts.push(streaming);
    }
    parts
}

/// The property for the service with this number. Port 0 is another one each
/// time by itself; of ports beyond the last, the service itself complains.
fn metrics_of(first: Option<SocketAddr>, number: usize) -> Option<String> {
    let first = first.filter(|first| first.port() != 0)?;
    let port = usize::from(first.port()) + number;
    let host = match first {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    };
    Some(format!("--{}={host}:{port}", METRICS_ENDPOINT.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_tells_its_metrics_at_a_port_of_its_own() {
        let told = |metrics: &str| -> Vec<_> {
            let films = ["/films".into(), "/more".into()];
            let given = format!("--IceFlix.Metrics.Endpoint={metrics}");
            let parts = parts(&[given], &films, metrics.parse().ok());
            let told = parts.iter().flat_map(|part| &part.arguments);
            told.filter_map(|one| one.strip_prefix("--IceFlix.Metrics.Endpoint="))
                .map(str::to_owned)
                .collect()
        };
        let expected = ["9464", "9465", "9466", "9467", "9468"];
        assert_eq!(
            told("[::1]:9464"),
            expected.map(|port| format!("[::1]:{port}"))
        );
        assert_eq!(told("127.0.0.1:0"), ["127.0.0.1:0"; 6]);
    }

    #[test]
    fn each_directory_has_a_streaming_service_and_only_the_first_has_the_known_ports() {
        let parts = parts(
            &["--IceFlix.DataDir=/d".to_owned()],
            &["/films".into(), "/more".into()],
            None,
        );
        let names: Vec<&str> = parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "icestorm",
                "main",
                "auth",
                "catalog",
                "streaming",
                "streaming-2"
            ]
        );
        assert_eq!(
            parts[4].arguments,
            ["streaming", "--IceFlix.DataDir=/d", "--", "/films"]
        );
        assert!(
            parts[5]
                .arguments
                .iter()
                .any(|argument| argument.ends_with("Rtsp.Endpoint=127.0.0.1:0"))
        );
    }
}
