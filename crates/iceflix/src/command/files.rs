//! How many files and connections a service may have open.

use nix::sys::resource::{Resource, getrlimit, setrlimit};

/// Lets this process have as many as its administrator allows. Most systems
/// begin with 1,024, kept low for programs that use `select`; each viewer takes
/// one or more.
pub(super) fn as_many_as_allowed() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE)
        .and_then(|(_, hard)| setrlimit(Resource::RLIMIT_NOFILE, hard, hard));
    if let Err(error) = raised {
        tracing::warn!(%error, "the limit of open files stays as it is: few viewers can be served at once");
    }
}
