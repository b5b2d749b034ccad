//! The words of the command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

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
    /// Administer the users
    #[command(subcommand)]
    User(User),
    /// List the properties of IceFlix with their defaults
    Properties,
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
