//! The words of the command line.

use std::{path::PathBuf, time::Duration};

use clap::{Parser, Subcommand};
use iceflix_client::DEFAULT_MAIN;
use iceflix_service::settings::Value;

/// What the table and the exit status of `iceflix status` mean.
const STATUS_HELP: &str = "\
No login is needed: what is shown are counts, never what is counted. An age like \"> 5m\" is for how long Main \
has known a service that does not tell its own.\n\n\
The exit status is 0 where all is well, 1 where no Main answers, 3 where one does and a kind of service is missing, \
or a service does not answer or is not ready.\n\n\
JSON is one object: well, complete (false where a Main of another make tells of two services alone), missing (kinds), \
services (a list). Each of these has kind (main, authentication, catalog, streaming), id, proxy, state (up, not ready, \
no answer), age_seconds, known_seconds (to Main), version, pid, problems (broker, database, directory, start, stop), \
holds (services, users, tokens, titles, films, streams); what is not known is null.";

/// Video on demand from any number of machines: one catalogue, one login, any player.
#[derive(Debug, Parser)]
#[command(
    name = "iceflix",
    version,
    arg_required_else_help = true,
    after_help = "Any Ice property can be given as --Name=value, anywhere, and --Ice.Config=FILE names files of\n\
                  them; the last one wins. `iceflix properties` lists those of IceFlix."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the program can be.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the whole platform on this machine: broker and services, restarted if one dies
    Up {
        /// Directories of films, a streaming service for each; by default three films of our own
        directories: Vec<PathBuf>,
    },
    /// Run the broker (an icebox with IceStorm)
    Icestorm,
    /// Run an Authentication service
    Auth,
    /// Run a Main service
    Main,
    /// Run a Catalogue service
    Catalog,
    /// Run a Streaming service
    Streaming {
        /// The directory of its films; otherwise the property IceFlix.Streaming.Directory
        directory: Option<PathBuf>,
    },
    /// Find and watch films
    Client(iceflix_client::cli::Client),
    /// Show every live service: its kind, id, state, age, what it holds, and where it is
    #[command(after_help = STATUS_HELP)]
    Status {
        /// The proxy of Main, as `iceflix main` prints it; each of its endpoints is asked by itself
        #[arg(default_value = DEFAULT_MAIN, env = "ICEFLIX_MAIN")]
        main_proxy: String,
        /// Print it as JSON, for programs
        #[arg(long)]
        json: bool,
        /// How long a service may take to answer, such as 1s or 500ms
        #[arg(long, value_name = "TIME", default_value = "1s", value_parser = <Duration as Value>::read)]
        within: Duration,
    },
    /// Administer the users
    #[command(subcommand)]
    User(User),
    /// List the properties of IceFlix with their defaults
    Properties,
    /// List the metrics that services tell at IceFlix.Metrics.Endpoint
    Metrics,
}

/// What can be done with users. The running services notice within a second.
#[derive(Debug, Subcommand)]
pub(crate) enum User {
    /// Add a user; asks for the password, or takes the first line of standard input
    Add {
        /// The new user's name
        name: String,
    },
    /// Change a password, which ends every login of the user
    Passwd {
        /// The user's name
        name: String,
    },
    /// Remove a user, which ends every login of the user
    Remove {
        /// The user's name
        name: String,
    },
    /// Lock a user out, which ends every login of the user
    Lock {
        /// The user's name
        name: String,
    },
    /// Let a locked user log in again
    Unlock {
        /// The user's name
        name: String,
    },
    /// List the users, when they were added and last logged in, and who is locked
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
}
