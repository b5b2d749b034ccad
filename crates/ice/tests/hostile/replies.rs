//! A client of a server that lies.

use std::time::Duration;

use ice::{Communicator, ErrorKind, Group, Metrics, ObjectPrx, Prx as _};

use crate::echo::{EchoPrx, RefuseError, Server, communicator};
use crate::soon;
use crate::wire::{
    BATCH, CLOSE, EMPTY, HEAD, Liar, REPLY, VALIDATE, call, encapsulation, encapsulation_of_size,
    message, message_of_size, numbered, size, string,
};

fn reply(id: i32, status: u8, rest: &[u8]) -> Vec<u8> {
    message(REPLY, &[&id.to_le_bytes()[..], &[status], rest].concat())
}

fn proxy_to(liar: &Liar, client: &Communicator) -> EchoPrx {
    let proxy: ObjectPrx = client
        .string_to_proxy(&format!("echo:tcp -h 127.0.0.1 -p {}", liar.port))
        .unwrap();
    proxy.unchecked_cast()
}

/// What a call of `echo` makes of this answer.
async fn echo(
    client: &Communicator,
    answer: impl Fn(i32) -> Vec<u8> + Clone + Send + 'static,
) -> ice::Error {
    let liar = Liar::start(answer, true).await;
    soon(proxy_to(&liar, client).echo("text"))
        .await
        .unwrap_err()
}

#[tokio::test]
async fn an_answer_that_does_not_decode_is_an_error_of_its_call_alone() {
    let client = communicator(&[]);
    let results: &[(&str, Vec<u8>)] = &[
        ("nothing where a string is", EMPTY.to_vec()),
        ("not even an encapsulation", vec![]),
        ("half the head of an encapsulation", vec![9, 0, 0]),
        (
            "an encapsulation that claims more",
            encapsulation_of_size(100, b"\x01x"),
        ),
        (
            "an encapsulation that claims less",
            encapsulation_of_size(6, b"\x01x"),
        ),
        (
            "an encapsulation of less than its head",
            encapsulation_of_size(5, b"\x01x"),
        ),
        (
            "an encapsulation of no size",
            encapsulation_of_size(0, b"\x01x"),
        ),
        (
            "an encapsulation of negative size",
            encapsulation_of_size(0xffff_fff0, b"\x01x"),
        ),
        (
            "an encapsulation of 2 GiB",
            encapsulation_of_size(0x7fff_ffff, b"\x01x"),
        ),
        (
            "an encoding from the future",
            vec![8, 0, 0, 0, 1, 7, 1, b'x'],
        ),
        ("another major encoding", vec![8, 0, 0, 0, 9, 1, 1, b'x']),
        ("a string that claims more", encapsulation(b"\x09x")),
        ("a string of 2 GiB", encapsulation(b"\xff\xff\xff\xff\x7fx")),
        (
            "a string of negative length",
            encapsulation(b"\xff\xff\xff\xff\xffx"),
        ),
        ("a string that is not UTF-8", encapsulation(b"\x02\xc3\x28")),
        ("a byte too many", encapsulation(b"\x01x\x00")),
    ];
    for (what, result) in results {
        let answer = result.clone();
        let error = echo(&client, move |id| reply(id, 0, &answer)).await;
        assert!(
            matches!(error.kind().group(), Group::Marshal | Group::Protocol),
            "{what}: {error}"
        );
        assert_eq!(error.operation(), Some("echo"), "{what}: {error}");
    }
    soon(client.destroy()).await;
}

#[tokio::test]
async fn an_exception_that_does_not_decode_is_an_error_of_ice() {
    let client = communicator(&[]);
    let last = 0x20;
    let exceptions: &[(&str, Vec<u8>, ErrorKind)] = &[
        ("nothing", vec![], ErrorKind::UnmarshalOutOfBounds),
        ("no type id", vec![last], ErrorKind::UnmarshalOutOfBounds),
        (
            "a type that nobody knows",
            [vec![last], string(b"::No::Such")].concat(),
            ErrorKind::UnknownUser,
        ),
        (
            "a type id that is not UTF-8",
            [vec![last], string(b"::\xff")].concat(),
            ErrorKind::StringConversion,
        ),
        (
            "a slice that is shorter than its size",
            [
                vec![last | 0x10],
                string(b"::Test::Refused"),
                vec![2, 0, 0, 0],
            ]
            .concat(),
            ErrorKind::Marshal,
        ),
        (
            "a slice that claims more than there is",
            [
                vec![last | 0x10],
                string(b"::Test::Refused"),
                vec![99, 0, 0, 0, 1, b'x'],
            ]
            .concat(),
            ErrorKind::UnmarshalOutOfBounds,
        ),
        (
            "unknown slices without an end",
            [vec![0x10], string(b"::No::Such"), vec![4, 0, 0, 0]].concat(),
            ErrorKind::UnknownUser,
        ),
        (
            "class values",
            [
                vec![last | 0x08],
                string(b"::Test::Refused"),
                string(b"why"),
            ]
            .concat(),
            ErrorKind::FeatureNotSupported,
        ),
    ];
    for (what, body, kind) in exceptions {
        let answer = encapsulation(body);
        let liar = Liar::start(move |id| reply(id, 1, &answer), true).await;
        match soon(proxy_to(&liar, &client).refuse("")).await.unwrap_err() {
            RefuseError::Ice(error) => assert_eq!(error.kind(), *kind, "{what}: {error}"),
            RefuseError::Refused(refused) => panic!("{what}: {refused}"),
        }
    }
    // As many slices as fit into a message are passed over, however many they are.
    let slice = [vec![0x10], string(b"::X"), vec![4, 0, 0, 0]].concat();
    let answer = encapsulation(&slice.repeat(100_000));
    let error = echo(&client, move |id| reply(id, 1, &answer)).await;
    assert_eq!(error.kind(), ErrorKind::UnknownUser, "{error}");
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_refusal_that_is_cut_short_or_unknown_is_an_error_of_the_protocol() {
    let client = communicator(&[]);
    for status in 2..=7 {
        for rest in [
            &b""[..],
            b"\xff\xff\xff\xff\x7f",
            b"\x04echo\x00\xff\xff\xff\xff\x7f",
            b"\x04echo\x00\x02\x01a\x01b\x01c",
        ] {
            let error = echo(&client, move |id| reply(id, status, rest)).await;
            assert!(
                matches!(error.kind().group(), Group::Marshal | Group::Unknown),
                "{status} {rest:?}: {error}"
            );
        }
    }
    for status in [8, 42, 255] {
        let error = echo(&client, move |id| reply(id, status, &EMPTY)).await;
        assert_eq!(error.kind(), ErrorKind::UnknownReplyStatus, "{error}");
    }
    soon(client.destroy()).await;
}

#[tokio::test]
async fn the_text_of_a_refusal_may_be_any_bytes() {
    let client = communicator(&[]);
    for (status, kind) in [
        (5, ErrorKind::UnknownLocal),
        (6, ErrorKind::UnknownUser),
        (7, ErrorKind::Unknown),
    ] {
        let error = echo(&client, move |id| {
            reply(id, status, &string(b"why \xff\xfe not"))
        })
        .await;
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.reason().contains("why"), "{error}");
    }
    let names = [
        string(b"\xff"),
        string(b"\xfe"),
        vec![1],
        string(b"\xfd"),
        string(b"\xfc"),
    ]
    .concat();
    for (status, kind) in [
        (2, ErrorKind::ObjectNotExist),
        (3, ErrorKind::FacetNotExist),
        (4, ErrorKind::OperationNotExist),
    ] {
        let names = names.clone();
        let error = echo(&client, move |id| reply(id, status, &names)).await;
        assert_eq!(error.kind(), kind, "{error}");
    }
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_message_that_lies_about_itself_ends_its_connection() {
    let client = communicator(&["--Ice.MessageSizeMax=64"]);
    let with = |at: usize, byte: u8| {
        move |id: i32| {
            let mut message = reply(id, 0, &encapsulation(b"\x01x"));
            message[at] = byte;
            message
        }
    };
    let sized = |size: usize| move |id: i32| message_of_size(REPLY, 0, size, &id.to_le_bytes());
    assert_eq!(
        echo(&client, with(0, b'J')).await.kind(),
        ErrorKind::BadMagic
    );
    assert_eq!(
        echo(&client, with(4, 9)).await.kind(),
        ErrorKind::UnsupportedProtocol
    );
    assert_eq!(
        echo(&client, with(6, 9)).await.kind(),
        ErrorKind::UnsupportedEncoding
    );
    assert_eq!(
        echo(&client, with(8, 77)).await.kind(),
        ErrorKind::UnknownMessage
    );
    for size in [0, HEAD - 1] {
        assert_eq!(
            echo(&client, sized(size)).await.kind(),
            ErrorKind::IllegalMessageSize
        );
    }
    for size in [64 * 1024 + 1, 0x7fff_ffff] {
        assert_eq!(
            echo(&client, sized(size)).await.kind(),
            ErrorKind::MemoryLimit
        );
    }
    // What is cut short by the end of the connection.
    assert_eq!(
        echo(&client, sized(1000)).await.kind(),
        ErrorKind::ConnectionLost
    );
    assert_eq!(
        echo(&client, |_| vec![]).await.kind(),
        ErrorKind::ConnectionLost
    );
    soon(client.destroy()).await;
}

#[tokio::test]
async fn an_answer_that_expands_beyond_its_size_is_refused_before_it_does() {
    // The four million zeros that these few bytes of bzip2 stand for.
    const BOMB: &str = "425a6839314159265359fe54dbf3001ea34400c00010000008200030cc09aa69a2a486d42a4878bb9229c28487f2a6df98";
    let bomb: Vec<u8> = (0..BOMB.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&BOMB[at..at + 2], 16).unwrap())
        .collect();
    let client = communicator(&[]);
    for (claim, kind) in [
        (4_000_000_i32 + 14, ErrorKind::MemoryLimit),
        (i32::MAX, ErrorKind::MemoryLimit),
        (1000, ErrorKind::Compression),
        (14, ErrorKind::IllegalMessageSize),
        (3, ErrorKind::IllegalMessageSize),
        (-1, ErrorKind::IllegalMessageSize),
    ] {
        let body = [&claim.to_le_bytes()[..], &bomb].concat();
        let error = echo(&client, move |_| {
            message_of_size(REPLY, 2, HEAD + body.len(), &body)
        })
        .await;
        assert_eq!(error.kind(), kind, "{claim}: {error}");
    }
    let garbage = [&100_i32.to_le_bytes()[..], b"not bzip2"].concat();
    let error = echo(&client, move |_| {
        message_of_size(REPLY, 2, HEAD + garbage.len(), &garbage)
    })
    .await;
    assert_eq!(error.kind(), ErrorKind::Compression, "{error}");
    soon(client.destroy()).await;
}

#[tokio::test]
async fn answers_to_no_question_harm_nobody() {
    let client = communicator(&[]);
    let honest = encapsulation(b"\x01x");
    for before in [
        reply(12345, 0, &honest),
        reply(-1, 0, &honest),
        reply(0, 0, &honest),
        message(VALIDATE, &[]).repeat(3),
        numbered(7, &call(b"echo", b"", b"echo", &[0], &honest)),
        numbered(0, &call(b"echo", b"", b"echo", &[0], &honest)),
        message(
            BATCH,
            &[
                1_i32.to_le_bytes().to_vec(),
                call(b"echo", b"", b"x", &[0], &EMPTY),
            ]
            .concat(),
        ),
    ] {
        let honest = honest.clone();
        let liar = Liar::start(
            move |id| [before.clone(), reply(id, 0, &honest)].concat(),
            false,
        )
        .await;
        let proxy = proxy_to(&liar, &client);
        for _ in 0..2 {
            assert_eq!(soon(proxy.echo("text")).await.unwrap(), "x");
        }
    }
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_server_that_never_answers_or_answers_another_is_left_in_time() {
    let client = communicator(&[]);
    let half = message_of_size(REPLY, 0, 1000, b"half");
    for answer in [vec![], reply(99, 0, &EMPTY), half] {
        let liar = Liar::start(move |_| answer.clone(), false).await;
        let proxy = proxy_to(&liar, &client).with_invocation_timeout(Duration::from_millis(100));
        let error = soon(proxy.echo("text")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvocationTimeout, "{error}");
    }
    soon(client.destroy()).await;
}

#[tokio::test]
async fn a_server_that_closes_at_every_call_is_given_up() {
    let client = communicator(&[]);
    let liar = Liar::start(|_| message(CLOSE, &[]), true).await;
    let error = soon(proxy_to(&liar, &client).echo("text"))
        .await
        .unwrap_err();
    assert!(error.is_transport(), "{error}");
    soon(client.destroy()).await;
}

#[tokio::test]
async fn what_a_server_sends_unasked_cannot_reach_a_servant_of_another_adapter() {
    // The client is a server, too; but it has not offered its adapter on this connection.
    let server = Server::start(&[]);
    let honest = encapsulation(b"\x01x");
    let liar = Liar::start(
        move |id| {
            let asked = numbered(5, &call(b"echo", b"", b"echo", &[0], &honest));
            [asked, reply(id, 0, &honest)].concat()
        },
        false,
    )
    .await;
    let proxy = proxy_to(&liar, &server.communicator);
    for _ in 0..2 {
        assert_eq!(soon(proxy.echo("text")).await.unwrap(), "x");
    }
    assert_eq!(server.calls.load(std::sync::atomic::Ordering::SeqCst), 0);
    soon(server.communicator.destroy()).await;
}

#[tokio::test]
async fn metrics_that_repeat_themselves_do_not_fill_the_memory() {
    const TIMES: usize = 20_000;
    let long = [b'x'; 20_000];
    let mut metrics = vec![1, 0x21];
    metrics.extend(string(b"::IceMX::Metrics"));
    metrics.extend(string(b"id"));
    metrics.extend([0; 8 + 4 + 8 + 4]);
    // One object, and that again and again: 40 kB that would be 400 MB.
    let mut view = vec![0; 8];
    view.push(1);
    view.extend(string(&long));
    view.extend(size(TIMES));
    view.extend(metrics);
    view.resize(view.len() + TIMES - 1, 2);
    let liar = Liar::start(move |id| reply(id, 0, &encapsulation(&view)), true).await;
    let client = communicator(&[]);
    let admin: ObjectPrx = client
        .string_to_proxy(&format!("admin:tcp -h 127.0.0.1 -p {}", liar.port))
        .unwrap();
    let metrics = Metrics::of_admin(&admin).unwrap();
    let error = soon(metrics.view("View")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MemoryLimit, "{error}");
    soon(client.destroy()).await;
}
