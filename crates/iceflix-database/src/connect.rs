//! How each of the two engines is connected to: what a [`Location`] comes to.

use std::sync::Arc;

use sqlx::ConnectOptions;
use sqlx::any::AnyConnectOptions;

use crate::location::Place;
use crate::{Durability, Engine, Error, Kind, Location, postgres, sqlite};

/// Where to connect to, and how.
pub(crate) struct Target {
    pub(crate) engine: Engine,
    /// For errors.
    pub(crate) name: Arc<str>,
    pub(crate) options: AnyConnectOptions,
    /// What every connection is told first.
    pub(crate) settings: Arc<str>,
}

impl Target {
    /// Makes the file where there is none; connects to nothing yet.
    pub(crate) fn of(location: &Location, durability: Durability) -> Result<Self, Error> {
        const OPENING: &str = "opening the database";
        sqlx::any::install_default_drivers();

        let engine = location.engine();
        let name = location.to_string();
        let unreachable =
            |error: std::io::Error| Error::from_io(Kind::Unreachable, &name, OPENING, &error);
        let (options, settings) = match location.place() {
            Place::File(path) => {
                let path = std::path::absolute(path).map_err(unreachable)?;
                sqlite::prepare(&path).map_err(unreachable)?;
                let options = sqlite::url(&path)?.parse();
                (options, sqlite::settings(durability))
            }
            Place::Server(server) => (
                AnyConnectOptions::from_url(server.url()),
                postgres::settings(durability),
            ),
        };
        let options = options.map_err(|error| Error::from_sqlx(engine, &name, OPENING, error))?;
        Ok(Self {
            engine,
            name: name.into(),
            options: options.disable_statement_logging(),
            settings: settings.into(),
        })
    }
}

/// Begins a transaction that will write.
pub(crate) fn begin(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => sqlite::BEGIN_WRITE,
        Engine::Postgres => postgres::BEGIN_WRITE,
    }
}

/// What is executed once when a database is opened.
pub(crate) fn prepare_file(engine: Engine) -> &'static [&'static str] {
    match engine {
        Engine::Sqlite => &[sqlite::WRITE_AHEAD],
        Engine::Postgres => &[],
    }
}
