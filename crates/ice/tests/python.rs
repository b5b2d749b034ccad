//! Servants of every sort called from Python on ZeroC's own runtime, and raw calls to a server there.

#![allow(clippy::unwrap_used)]

mod echo;

use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use echo::{EchoServant, Refused, Seen, communicator};
use ice::{
    Blob, BlobServant, Current, DispatchError, Encapsulation, EncodingVersion, Error, Identity,
    Interceptor, Invoked, Located, Next, Object, OperationMode, Prx as _, Reply, Servant,
    ServantLocator, TypeIds,
};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

/// Far beyond what any of these takes, and well before a test runner gives up.
const SOON: Duration = Duration::from_secs(60);

fn python(script: &str) -> Command {
    // That of the system, which has the package python3-zeroc-ice.
    let mut command = Command::new("/usr/bin/python3");
    command
        .arg(format!(
            "{}/tests/python/{script}",
            env!("CARGO_MANIFEST_DIR")
        ))
        .kill_on_drop(true);
    command
}

struct Zoo;

impl Object for Zoo {
    async fn ice_ping(&self, current: &Current) -> Result<(), DispatchError> {
        match current.identity().name.as_str() {
            "gone" => Err(Error::object_not_exist().into()),
            _ => Ok(()),
        }
    }

    async fn ice_ids(
        &self,
        types: TypeIds,
        current: &Current,
    ) -> Result<Vec<String>, DispatchError> {
        Ok(vec![current.identity().name, types.most_derived.to_owned()])
    }
}

/// Finds a servant for names that begin with `here`, and raises at the moment that the name says.
struct Finder(Arc<dyn Servant>);

fn raise(current: &Current, moment: &str) -> Result<String, DispatchError> {
    let name = current.identity().name;
    if name.ends_with(moment) {
        return Err(Refused { why: moment.into() }.into());
    }
    Ok(name)
}

impl ServantLocator for Finder {
    type Cookie = ();

    async fn locate(&self, current: &Current) -> Result<Option<Located<()>>, DispatchError> {
        let name = raise(current, "locate")?;
        if name.ends_with("wait") {
            tokio::task::yield_now().await;
        }
        let servant = name.starts_with("here").then(|| Arc::clone(&self.0));
        Ok(servant.map(|servant| Located::new(servant, ())))
    }

    async fn finished(
        &self,
        current: &Current,
        _: Arc<dyn Servant>,
        (): (),
    ) -> Result<(), DispatchError> {
        raise(current, "finished").map(|_| ())
    }
}

struct MembersOnly;

impl Interceptor for MembersOnly {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        if !current.context().contains_key("member") {
            return Err(Error::unknown("members only").into());
        }
        Ok(next.run().await)
    }
}

/// Waits, so that its oneway requests have to wait for each other.
struct Slow;

impl Interceptor for Slow {
    async fn intercept(&self, current: &Current, next: Next) -> Result<Reply, DispatchError> {
        if current.request_id() == 0 {
            tokio::task::yield_now().await;
        }
        Ok(next.run().await)
    }
}

struct Mirror;

impl Blob for Mirror {
    async fn ice_invoke(
        &self,
        params: Encapsulation,
        current: &Current,
    ) -> Result<Invoked, DispatchError> {
        assert_eq!(current.mode(), OperationMode::Idempotent);
        Ok(Invoked::Returned(params))
    }
}

#[tokio::test]
async fn servants_of_every_sort_answer_a_client_in_python() {
    let server = communicator(&[]);
    let adapter = server
        .create_adapter_with_endpoints("Servants", "tcp -h 127.0.0.1 -p 0")
        .unwrap();
    let echo = || EchoServant::new().0;
    adapter.add_default_servant(echo(), "cat").unwrap();
    adapter
        .add_default_servant(echo().with_object(Zoo), "zoo")
        .unwrap();
    adapter
        .add_servant_locator(Finder(Arc::new(echo())), "located")
        .unwrap();
    adapter
        .add(echo().intercepted_by(MembersOnly), Identity::new("guarded"))
        .unwrap();
    adapter
        .add(BlobServant::new(Mirror), Identity::new("blob"))
        .unwrap();
    let (notes, mut seen) = EchoServant::new();
    adapter
        .add(notes.intercepted_by(Slow), Identity::new("notes"))
        .unwrap();
    adapter.activate().unwrap();
    let endpoint = adapter.endpoints().remove(0).to_string();
    let client = python("client.py").arg(endpoint).output();
    let output = tokio::time::timeout(SOON, client).await.unwrap().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{complaint}");
    for expected in 0..2500 {
        let note = tokio::time::timeout(SOON, seen.recv()).await.unwrap();
        assert!(
            matches!(note, Some(Seen::Note(number)) if number == expected),
            "{expected}: {note:?}"
        );
    }
    server.destroy().await;
}

#[tokio::test]
async fn raw_calls_reach_a_server_in_python_and_come_back_as_they_are() {
    let mut server = python("server.py")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let endpoint = tokio::time::timeout(SOON, lines.next_line()).await;
    let endpoint = endpoint.unwrap().unwrap().expect("it prints its endpoint");
    let client = communicator(&[]);
    let proxy = client
        .string_to_proxy(&format!("mirror:{endpoint}"))
        .unwrap();
    for encoding in [EncodingVersion::V1_0, EncodingVersion::V1_1] {
        for body in [&b""[..], b"\x07", &[9; 300_000]] {
            let params = Encapsulation::of_body(encoding, body).unwrap();
            let call = proxy.ice_invoke("anything", OperationMode::Normal, &params);
            let result = tokio::time::timeout(SOON, call).await.unwrap().unwrap();
            assert_eq!(result, Invoked::Returned(params.clone()));
            let call = proxy.ice_invoke("refuse", OperationMode::Idempotent, &params);
            let result = tokio::time::timeout(SOON, call).await.unwrap().unwrap();
            assert_eq!(result, Invoked::Raised(params));
        }
    }
    client.destroy().await;
    drop(server.stdin.take());
    let status = tokio::time::timeout(SOON, server.wait()).await.unwrap();
    assert!(status.unwrap().success());
}
