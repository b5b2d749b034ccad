//! How a line is written: each says which service wrote it.

use std::{fmt, sync::OnceLock};

use serde::Serialize;
use serde_json::{Map, Value};
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    fmt::{
        FmtContext, FormatEvent, FormatFields,
        format::Writer,
        time::{FormatTime, SystemTime},
    },
    registry::LookupSpan,
};

/// The service that this process is.
static WRITER: OnceLock<Service> = OnceLock::new();

struct Service {
    kind: &'static str,
    id: String,
}

/// How much of the id stands in a line for people: as much as in the table of
/// `iceflix status` where that has little room.
const SHORT_ID: usize = 8;

/// Every further line is one of this service. A process is one service: a
/// second call changes nothing.
pub(crate) fn belong_to(kind: &'static str, id: &str) {
    let id = id.to_owned();
    let _ = WRITER.set(Service { kind, id });
}

/// Lines for people:
/// `TIME LEVEL service id part: message name=value`.
pub(super) struct Text;

/// Lines for programs: an object with `timestamp`, `level`, `service` and `id`
/// (of the service that writes), `target` (the part of it), `message`, and
/// `fields` with whatever the message is about.
pub(super) struct Json;

impl<S, N> FormatEvent<S, N> for Text
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let meta = event.metadata();
        let (dim, plain) = match to.has_ansi_escapes() {
            true => ("\u{1b}[2m", "\u{1b}[0m"),
            false => ("", ""),
        };
        write!(to, "{dim}")?;
        SystemTime.format_time(&mut to)?;
        write!(to, "{plain} ")?;
        let colour = match *meta.level() {
            _ if dim.is_empty() => "",
            Level::ERROR => "\u{1b}[31m",
            Level::WARN => "\u{1b}[33m",
            Level::INFO => "\u{1b}[32m",
            Level::DEBUG => "\u{1b}[34m",
            Level::TRACE => "\u{1b}[35m",
        };
        write!(to, "{colour}{:>5}{plain} ", meta.level().as_str())?;
        if let Some(Service { kind, id }) = WRITER.get() {
            let id = id.get(..SHORT_ID).unwrap_or(id);
            write!(to, "{kind} {id} ")?;
        }
        write!(to, "{dim}{}:{plain} ", meta.target())?;
        context.field_format().format_fields(to.by_ref(), event)?;
        writeln!(to)
    }
}

impl<S, N> FormatEvent<S, N> for Json
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        _: &FmtContext<'_, S, N>,
        mut to: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let meta = event.metadata();
        let mut time = String::new();
        SystemTime.format_time(&mut Writer::new(&mut time))?;
        let mut told = Told::default();
        event.record(&mut told);
        let writer = WRITER.get();
        let line = Line {
            timestamp: &time,
            level: meta.level().as_str(),
            service: writer.map(|service| service.kind),
            id: writer.map(|service| service.id.as_str()),
            target: meta.target(),
            message: &told.message,
            fields: told.fields,
        };
        // One line, whatever is in it: line breaks are escaped.
        let line = serde_json::to_string(&line).map_err(|_| fmt::Error)?;
        writeln!(to, "{line}")
    }
}

/// A line for programs, in the order of its names.
#[derive(Serialize)]
struct Line<'a> {
    timestamp: &'a str,
    level: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    service: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    target: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
}

/// What an event says.
#[derive(Default)]
struct Told {
    message: String,
    fields: Map<String, Value>,
}

impl Told {
    fn take(&mut self, field: &Field, value: Value) {
        match (field.name(), value) {
            ("message", Value::String(message)) => self.message = message,
            (name, value) => {
                self.fields.insert(name.to_owned(), value);
            }
        }
    }
}

impl Visit for Told {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.take(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }
}
