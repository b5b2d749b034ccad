//! Which parts make a platform, and how each is started.

use std::path::PathBuf;

use super::children::Part;

/// The parts in the order of their start. The properties that `up` was given
/// hold for all of them.
pub(super) fn parts(properties: &[String], directories: &[PathBuf]) -> Vec<Part> {
    let part = |name: &str, words: &[&str], own: &[&str]| Part {
        name: name.to_owned(),
        arguments: words
            .iter()
            .chain(own)
            .map(|&word| word.to_owned())
            .chain(properties.iter().cloned())
            .collect(),
    };
    let mut parts = vec![
        part("icestorm", &["icestorm"], &[]),
        part("main", &["main"], &[]),
        part("auth", &["auth"], &[]),
        part("catalog", &["catalog"], &[]),
    ];
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
        streaming.arguments.push("--".to_owned());
        streaming.arguments.push(directory.display().to_string());
        parts.push(streaming);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_directory_has_a_streaming_service_and_only_the_first_has_the_known_ports() {
        let parts = parts(
            &["--IceFlix.DataDir=/d".to_owned()],
            &["/films".into(), "/more".into()],
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
