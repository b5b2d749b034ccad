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
holds (services, users, tokens, titles, films, unread, streams); what is not known is null.";

/// Of whom `iceflix media` and `iceflix stream` ask.
const LOCAL_HELP: &str = "\
Asked are the services that run on this machine for this user and this cache directory (IceFlix.CacheDir), and nobody \
else can ask them: what is shown are names of files, titles and users.";

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
        /// The directories of its films; otherwise the property IceFlix.Streaming.Directory
        directories: Vec<PathBuf>,
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
    /// Look at films and at what the streaming services of this machine make of them
    #[command(subcommand, after_help = LOCAL_HELP)]
    Media(Media),
    /// Look at the streams of the streaming services of this machine, and end them
    #[command(subcommand, after_help = LOCAL_HELP)]
    Stream(Stream),
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

/// What can be done about films.
#[derive(Debug, Subcommand)]
pub(crate) enum Media {
    /// List the files that the running services have looked at: what each is, and whether it is offered
    List {
        /// Only what lies in these directories, or is one of these files
        paths: Vec<PathBuf>,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Have the running services look at their directories again, now
    Reload,
    /// Look into files: what each holds, and how it would be served or why not. Asks no service
    Check {
        /// Files, and directories that are searched
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
}

/// What can be done about streams.
#[derive(Debug, Subcommand)]
pub(crate) enum Stream {
    /// List the streams: who watches what, since when, and how
    List {
        /// Print a JSON array
        #[arg(long)]
        json: bool,
    },
    /// End streams, by their names in the list
    Kick {
        /// As `iceflix stream list` shows them
        #[arg(required = true)]
        streams: Vec<String>,
    },
}
