//! How many files and connections a service may have open.

use nix::sys::resource::{Resource, getrlimit, rlim_t, setrlimit};
use tracing::warn;

/// So many are enough for a small platform; the files of the service itself are among them.
const ENOUGH: rlim_t = 1024;

/// Lets this process have as many as its administrator allows. Most systems
/// begin with 1,024, kept low for programs that use `select`; each viewer takes
/// one or more.
pub(super) fn as_many_as_allowed() {
    let raised = getrlimit(Resource::RLIMIT_NOFILE).and_then(|(_, hard)| {
        setrlimit(Resource::RLIMIT_NOFILE, hard, hard)?;
        Ok(hard)
    });
    match raised {
        Ok(limit) if limit < ENOUGH => warn!(
            limit,
            "few files and connections may be open: viewers beyond are turned away, and a service may not start. \
             Raise the hard limit (ulimit -Hn, LimitNOFILE= of systemd, --ulimit nofile of containers)"
        ),
        Ok(_) => {}
        Err(error) => {
            warn!(%error, "the limit of open files stays as it is: few viewers can be served at once");
        }
    }
}
