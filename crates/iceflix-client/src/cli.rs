//! The client's commands.

mod edit;
mod list;
mod watch;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};
use iceflix_service::{Shutdown, log, settings::Settings};
use zeroize::Zeroizing;

use crate::{DEFAULT_MAIN, Error, Session, Viewer, find, password::Source};

/// Find and watch films.
#[derive(Debug, Parser)]
#[command(subcommand_precedence_over_arg = true, arg_required_else_help = true)]
pub struct Client {
    /// The proxy of Main, as `iceflix main` prints it
    #[arg(default_value = DEFAULT_MAIN, env = "ICEFLIX_MAIN")]
    main_proxy: String,
    #[command(subcommand)]
    command: Command,
}

/// Who is watching. Without a terminal the password is the first line of
/// standard input.
#[derive(Debug, Args)]
struct Credentials {
    /// Who you are
    #[arg(long, short, value_name = "NAME", env = "ICEFLIX_USER")]
    user: Option<String>,
    /// A file whose first line is the password, instead of asking for it
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Log in and print a token, for programs of your own: it is a secret, and valid for 30 seconds
    Login {
        #[command(flatten)]
        login: Credentials,
    },
    /// List titles by name, or all of them
    Search {
        /// A part of the name; letter case does not matter
        #[arg(default_value = "")]
        name: String,
        /// The whole name
        #[arg(long, requires = "name")]
        exact: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// List titles by tags
    Tags {
        /// Tags that a title has to have
        #[arg(required = true)]
        tags: Vec<String>,
        /// One of them is enough
        #[arg(long)]
        any: bool,
        #[command(flatten)]
        limit: Limit,
    },
    /// Show all there is to know of a title
    Show {
        /// Its name, a part of it, or its id
        title: String,
    },
    /// Give a title another name
    Rename {
        /// Its name, a part of it, or its id
        title: String,
        /// The new name
        name: String,
        #[command(flatten)]
        login: Credentials,
    },
    /// Add tags to a title, or remove them
    Tag {
        /// What to do
        #[arg(value_enum)]
        action: TagAction,
        /// Its name, a part of it, or its id
        title: String,
        /// The tags
        #[arg(required = true)]
        tags: Vec<String>,
        #[command(flatten)]
        login: Credentials,
    },
    /// Watch a film in a window
    Play {
        /// Its name, a part of it, or its id
        title: String,
        /// Write it to a file, .mkv or .mp4, as it comes
        #[arg(long, value_name = "FILE", group = "way")]
        record: Option<PathBuf>,
        /// Play it without picture and sound, as a check
        #[arg(long, group = "way")]
        nowhere: bool,
        /// Have another program play it; it is given a playlist file
        #[arg(long, value_name = "PROGRAM", group = "way")]
        player: Option<String>,
        #[command(flatten)]
        login: Credentials,
    },
    /// Print the RTSP address of a film for any player, and keep it working until Ctrl-C
    Url {
        /// Its name, a part of it, or its id
        title: String,
        #[command(flatten)]
        login: Credentials,
    },
    /// Have a film sent to a UDP port of this machine, print the SDP for it, and keep it going until Ctrl-C
    Sdp {
        /// Its name, a part of it, or its id
        title: String,
        /// The port for the picture; the sound arrives two ports further
        #[arg(long, value_parser = clap::value_parser!(u16).range(1..))]
        port: u16,
        #[command(flatten)]
        login: Credentials,
    },
}

#[derive(Debug, Args)]
struct Limit {
    /// List no more titles than this
    #[arg(long, default_value_t = 100)]
    limit: usize,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum TagAction {
    Add,
    Remove,
}

impl Client {
    /// Carries the command out.
    ///
    /// # Errors
    ///
    /// Whatever kept it from its end, with what to do about it.
    pub fn run(self, settings: &Settings) -> Result<ExitCode, Error> {
        log::start(settings)?;
        // The password is asked for before anything else happens, and on this thread.
        let credentials = self.command.login().map(Credentials::ask).transpose()?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|source| Error::System {
                doing: "cannot start",
                source,
            })?;
        runtime.block_on(async {
            let shutdown = Shutdown::on_signals().map_err(|source| Error::System {
                doing: "cannot wait for signals",
                source,
            })?;
            let run = async {
                // Connecting may take many tries, whatever the command.
                let connecting = Viewer::connect(settings, &self.main_proxy);
                let Some(viewer) = shutdown.unless_begun(connecting).await else {
                    return Ok(ExitCode::from(shutdown.exit_status()));
                };
                let viewer = viewer?;
                let result = self.command.run(&viewer, credentials, &shutdown).await;
                viewer.close().await;
                result
            };
            if self.command.handles_shutdown() {
                run.await
            } else {
                let ended = shutdown.unless_begun(run).await;
                ended.unwrap_or_else(|| Ok(ExitCode::from(shutdown.exit_status())))
            }
        })
    }
}

impl Credentials {
    fn ask(&self) -> Result<(String, Zeroizing<String>), Error> {
        let user = self.user.clone().ok_or(Error::NoUser)?;
        let hash = Source::choose(self.password_file.as_deref()).ask(&user)?;
        Ok((user, hash))
    }
}

impl Command {
    fn login(&self) -> Option<&Credentials> {
        match self {
            Self::Login { login }
            | Self::Rename { login, .. }
            | Self::Tag { login, .. }
            | Self::Play { login, .. }
            | Self::Url { login, .. }
            | Self::Sdp { login, .. } => Some(login),
            Self::Search { .. } | Self::Tags { .. } | Self::Show { .. } => None,
        }
    }

    /// Whether it ends in an order of its own when it is interrupted.
    fn handles_shutdown(&self) -> bool {
        matches!(
            self,
            Self::Play { .. } | Self::Url { .. } | Self::Sdp { .. }
        )
    }

    async fn run(
        &self,
        viewer: &Viewer,
        credentials: Option<(String, Zeroizing<String>)>,
        shutdown: &Shutdown,
    ) -> Result<ExitCode, Error> {
        let session = match credentials {
            Some((user, hash)) => Some(Session::login(viewer, &user, hash).await?),
            None => None,
        };
        let session = || session.as_ref().ok_or(Error::NoUser);
        match self {
            Self::Login { .. } => println!("{}", session()?.token().as_str()),
            Self::Search { name, exact, limit } => {
                list::print(find::by_name(viewer, name, *exact, limit.limit).await?);
            }
            Self::Tags { tags, any, limit } => {
                list::print(find::by_tags(viewer, tags, *any, limit.limit).await?)
            }
            Self::Show { title } => list::show(&find::one(viewer, title).await?),
            Self::Rename { title, name, .. } => {
                edit::rename(viewer, session()?, title, name).await?
            }
            Self::Tag {
                action,
                title,
                tags,
                ..
            } => edit::tag(viewer, session()?, *action, title, tags).await?,
            Self::Play {
                title,
                record,
                nowhere,
                player,
                ..
            } => {
                let way = watch::Way::choose(record.as_deref(), *nowhere, player.as_deref());
                watch::play(viewer, session()?, title, way, shutdown).await?;
            }
            Self::Url { title, .. } => watch::url(viewer, session()?, title, shutdown).await?,
            Self::Sdp { title, port, .. } => {
                watch::sdp(viewer, session()?, title, *port, shutdown).await?
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_commands_are_sound() {
        Client::command().debug_assert();
    }

    #[test]
    fn the_proxy_of_main_may_be_left_out() {
        let client = Client::parse_from(["client", "search", "sea"]);
        assert_eq!(client.main_proxy, DEFAULT_MAIN);
        let client = Client::parse_from(["client", "Main:tcp -h elsewhere -p 1", "search"]);
        assert_eq!(client.main_proxy, "Main:tcp -h elsewhere -p 1");
    }
}
