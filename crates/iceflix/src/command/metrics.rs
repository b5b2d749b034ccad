//! `iceflix metrics`: what services tell at `IceFlix.Metrics.Endpoint`.

use std::io::{self, Write as _};

use iceflix_service::metrics::list;

/// Writes every metric: its name and the values of its label, its type, the
/// kinds of service that have it, and what it says.
pub(super) fn print() -> io::Result<()> {
    let mut out = io::stdout().lock();
    for metric in list::ALL {
        let labels = match metric.label {
            "" => String::new(),
            label => format!("{{{label}=\"{}\"}}", metric.values.join("|")),
        };
        writeln!(
            out,
            "{}{labels}\n    {} of {}: {}.\n",
            metric.name,
            metric.shape.name(metric.name),
            metric.services.join(", "),
            metric.about,
        )?;
    }
    Ok(())
}
