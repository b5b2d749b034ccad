//! `iceflix properties`: what can be set.

use std::io::{self, Write as _};

use iceflix_service::settings::property;

/// Writes every property with its default, in the form of a configuration file.
pub(super) fn print() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for property in property::ALL {
        writeln!(
            out,
            "# {}\n{}={}\n",
            property.about, property.name, property.default
        )?;
    }
    Ok(())
}
