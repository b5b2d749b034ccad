//! Every demo, in Rust with itself, and each half of it with the other half in Python.

mod clock;
mod program;
mod tls;

use program::{Program, properties};

/// The programs of a demo: server and client in Rust, then both in Python.
macro_rules! demo {
    ($name:literal) => {
        [
            Program::Rust(env!(concat!("CARGO_BIN_EXE_", $name, "-server"))),
            Program::Rust(env!(concat!("CARGO_BIN_EXE_", $name, "-client"))),
            Program::Python(concat!($name, "/server.py")),
            Program::Python(concat!($name, "/client.py")),
        ]
    };
}
use demo;

/// Who calls whom.
fn pairs([server, client, python_server, python_client]: [Program; 4]) -> [(Program, Program); 3] {
    [
        (server, client),
        (python_server, client),
        (server, python_client),
    ]
}

/// What the client prints, for each pair. The name is that of the properties; the server stops by itself where
/// the client tells it to.
async fn outputs(
    programs: [Program; 4],
    name: &str,
    arguments: &[&str],
    stops: bool,
) -> Vec<String> {
    let mut outputs = Vec::new();
    for (server, client) in pairs(programs) {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let here = directory.path();
        let endpoint = format!("{name}.Endpoints=tcp -h 127.0.0.1 -p 0\n");
        let mut server = server.start(here, &properties(here, "server.conf", &endpoint), &[]);
        let proxy = format!("{name}.Proxy={}\n", server.line().await);
        let proxy = properties(here, "client.conf", &proxy);
        outputs.push(client.print(here, &proxy, arguments).await);
        if stops {
            server.ended().await;
        } else {
            server.interrupt().await;
        }
    }
    outputs
}

/// That a demo prints the same, whoever calls whom.
async fn prints(programs: [Program; 4], name: &str, expected: &str) {
    for output in outputs(programs, name, &[], false).await {
        assert_eq!(output, expected);
    }
}

#[tokio::test]
async fn hello_greets_by_name_and_ends_when_it_is_told_to() {
    let arguments = ["--shutdown", "Ana", "", "Zoë"];
    for output in outputs(demo!("hello"), "Hello", &arguments, true).await {
        assert_eq!(output, "Hello, Ana!\nWho?\nHello, Zoë!\n");
    }
    prints(demo!("hello"), "Hello", "Hello, World!\n").await;
}

#[tokio::test]
async fn throughput_measures_every_kind_of_value_both_ways() {
    let arguments = ["--rounds", "2", "--bytes", "50000"];
    for output in outputs(demo!("throughput"), "Throughput", &arguments, false).await {
        let lines: Vec<&str> = output.lines().collect();
        assert_eq!(lines.len(), 6, "{output}");
        for (line, what) in lines
            .iter()
            .zip(["bytes", "bytes", "strings", "strings", "structs"])
        {
            assert!(line.starts_with(what) && line.contains("MB/s"), "{line}");
        }
    }
}

#[tokio::test]
async fn latency_measures_calls_that_do_nothing() {
    for output in outputs(demo!("latency"), "Latency", &["--calls", "20"], false).await {
        assert!(output.starts_with("20 calls: median "), "{output}");
        assert_eq!(
            output.matches("µs").count() + output.matches("ms").count(),
            3,
            "{output}"
        );
    }
}

#[tokio::test]
async fn callback_calls_an_object_of_its_client() {
    let expected = "callback 1\ncallback 2\ncallback 3\n";
    prints(demo!("callback"), "Callback", expected).await;
}

#[tokio::test]
async fn bidirectional_calls_back_over_the_clients_connection() {
    let expected = "callback 1\ncallback 2\ncallback 3\n";
    prints(demo!("bidirectional"), "Callback", expected).await;
}

#[tokio::test]
async fn context_greets_in_the_language_that_comes_along() {
    let expected = "without a context: Hello\n\
                    with one of the proxy: Bonjour\n\
                    with one by properties: Guten Tag\n";
    prints(demo!("context"), "Context", expected).await;
}

#[tokio::test]
async fn default_servant_serves_every_note() {
    let expected = "shopping: \"bread, milk\"\ngarden: \"water the roses\"\nideas: \"\"\n";
    prints(demo!("default-servant"), "Notes", expected).await;
}

#[tokio::test]
async fn facets_tell_what_an_object_can_do_as_well() {
    let expected = "a kettle: 96.5 °C\na lamp: no thermometer\n";
    prints(demo!("facets"), "Facets", expected).await;
}

#[tokio::test]
async fn properties_of_the_command_line_count_and_traces_are_seen_where_they_are_asked_for() {
    let directory = tempfile::tempdir().expect("there is room for a directory");
    let here = directory.path();
    let empty = properties(here, "empty.conf", "");
    for (server, client) in pairs(demo!("hello")) {
        let endpoints = "--Hello.Endpoints=tcp -h 127.0.0.1 -p 0";
        let mut server = server.start(here, &empty, &[endpoints]);
        let proxy = format!("--Hello.Proxy={}", server.line().await);
        let arguments = [&proxy, "--Ice.Trace.Network=2"];
        let output = client.run(here, &empty, &arguments).await;
        assert_eq!(output.stdout, b"Hello, World!\n");
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(
            messages.contains("established tcp connection"),
            "{messages}"
        );
        server.interrupt().await;
    }
}

#[tokio::test]
async fn those_that_take_arguments_explain_them() {
    for [_, client, _, _] in [
        demo!("hello"),
        demo!("throughput"),
        demo!("latency"),
        demo!("callback"),
        demo!("bidirectional"),
    ] {
        let directory = tempfile::tempdir().expect("there is room for a directory");
        let empty = properties(directory.path(), "empty.conf", "");
        let help = client.print(directory.path(), &empty, &["--help"]).await;
        assert!(help.contains("Usage:"), "{help}");
    }
}
