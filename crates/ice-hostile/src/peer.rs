//! The two sides of a call in one process, for the targets that need a runtime.

use std::sync::LazyLock;

use ice::{Communicator, ObjectPrx, Properties, Prx as _};
use tokio::runtime::Runtime;

/// The runtime that everything here lives on, to the end of the process.
pub(crate) static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().expect("a runtime"));

/// A communicator that says nothing of what it refuses.
pub(crate) fn communicator(more: &[&str]) -> Communicator {
    let _inside = RUNTIME.enter();
    let quiet = ["--Ice.Warn.Dispatch=0", "--Ice.Warn.Connections=0"];
    let (properties, _) = Properties::from_args(quiet.iter().chain(more).copied())
        .expect("properties that are well formed");
    Communicator::new(properties).expect("a communicator")
}

/// All that can be done with a stranger's proxy without the network.
pub(crate) fn look_at(communicator: &Communicator, proxy: &ObjectPrx) {
    let text = proxy.to_string();
    let again = communicator.string_to_proxy(&text);
    // Ice writes hosts and the like without the quotes that some need, and versions that it does not read.
    if let Ok(again) = again
        && proxy.endpoints().is_empty()
        && !text.contains(['"', '\\'])
    {
        assert_eq!(again.to_string(), text, "a proxy and its text are not one");
    }
    let _ = format!("{proxy:?}");
    assert_eq!(proxy, &proxy.clone());
}
