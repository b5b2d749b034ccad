//! Every metric of IceFlix: its name, its type, its label, who has it, what it
//! says.

use std::marker::PhantomData;

use super::handle::{Counter, Gauge, Histogram};
use crate::peers::Kind;

/// One metric, with handles of type `T`.
#[derive(Debug)]
pub struct Metric<T> {
    /// Its whole name.
    pub name: &'static str,
    handle: PhantomData<fn() -> T>,
}

/// A metric, whatever its type.
#[derive(Clone, Copy, Debug)]
pub struct Declared {
    /// Its whole name, as it is found in a query.
    pub name: &'static str,
    /// What it is.
    pub shape: Shape,
    /// The kinds of service that have it.
    pub services: &'static [&'static str],
    /// Its label; empty where it has none.
    pub label: &'static str,
    /// All values of its label.
    pub values: &'static [&'static str],
    /// One line for a person, without a full stop.
    pub about: &'static str,
}

impl Declared {
    /// Whether services of this kind have it.
    pub fn is_of(&self, kind: &str) -> bool {
        self.services.contains(&kind)
    }
}

/// What a metric can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// See [`Counter`].
    Counter,
    /// See [`Gauge`].
    Gauge,
    /// See [`Histogram`].
    Histogram,
    /// Labels that say what runs, always 1.
    Info,
    /// A counter or a gauge of the process, which the kernel keeps.
    Process,
}

impl Shape {
    /// The type as Prometheus has it, of the metric of this name.
    pub fn name(self, metric: &str) -> &'static str {
        match self {
            Self::Process if metric.ends_with("_total") => "counter",
            Self::Counter => "counter",
            Self::Gauge | Self::Process => "gauge",
            Self::Histogram => "histogram",
            Self::Info => "info",
        }
    }
}

/// An [`Info`](Shape::Info) has no handle.
type Info = ();
/// Nor has what the kernel keeps.
type Process = ();

const MAIN: &str = "main";
const AUTHENTICATION: &str = Kind::Authenticator.name();
const CATALOG: &str = Kind::Catalog.name();
const STREAMING: &str = Kind::StreamProvider.name();
const EVERY: &[&str] = &[MAIN, AUTHENTICATION, CATALOG, STREAMING];
/// The kinds that announce themselves.
const KINDS: &[&str] = &[AUTHENTICATION, CATALOG, STREAMING];

macro_rules! metrics {
    ($($constant:ident: $shape:ident = $name:literal of $services:expr $(, by $label:literal $values:expr)?; $about:literal)*) => {
        $(
            #[doc = concat!("`", $name, "`: ", $about, ".")]
            pub const $constant: Metric<$shape> = Metric { name: $name, handle: PhantomData };
        )*

        /// All of them.
        pub const ALL: &[Declared] = &[$(Declared {
            name: $name,
            shape: Shape::$shape,
            services: $services,
            label: metrics!(@first "" $(, $label)?),
            values: metrics!(@first &[] $(, $values)?),
            about: $about,
        }),*];
    };
    (@first $default:expr) => { $default };
    (@first $default:expr, $given:expr) => { $given };
}

metrics! {
    BUILD_INFO: Info = "iceflix_build_info" of EVERY;
        "The kind of the service and the version of the program, always 1"
    READY: Gauge = "iceflix_ready" of EVERY;
        "1 where the service can do its work, as /readyz tells, otherwise 0"
    BROKER_SUBSCRIBED: Gauge = "iceflix_broker_subscribed" of EVERY;
        "1 where events of the broker are heard, otherwise 0"
    SERVICE_CANDIDATES: Gauge = "iceflix_service_candidates" of EVERY, by "kind" KINDS;
        "Other live services that are known, by their kind"
    SERVICE_FOUND: Counter = "iceflix_service_found_total" of EVERY, by "kind" KINDS;
        "Services that came, or came back"
    SERVICE_LOST: Counter = "iceflix_service_lost_total" of EVERY, by "kind" KINDS;
        "Services that ceased to answer"
    SERVICE_DEPARTED: Counter = "iceflix_service_departed_total" of EVERY, by "kind" KINDS;
        "Services that said goodbye"

    REFERRALS: Counter = "iceflix_referrals_total" of &[MAIN], by "kind" &[AUTHENTICATION, CATALOG];
        "Services handed out to clients"
    REFERRALS_FAILED: Counter = "iceflix_referrals_failed_total" of &[MAIN], by "kind" &[AUTHENTICATION, CATALOG];
        "Times that a client asked for a service and none was alive"

    USERS: Gauge = "iceflix_users" of &[AUTHENTICATION];
        "Users in the database"
    TOKENS: Gauge = "iceflix_tokens" of &[AUTHENTICATION];
        "Live tokens in the database, of all instances that share it"
    TOKENS_ISSUED: Counter = "iceflix_tokens_issued_total" of &[AUTHENTICATION];
        "Tokens that this instance issued"
    LOGINS_REFUSED: Counter = "iceflix_logins_refused_total" of &[AUTHENTICATION], by "reason" &["malformed", "wrong", "locked", "crowded", "failed"];
        "Logins that got no token: no name or hash, unknown user or wrong hash, locked user, too many at once, database out of order"
    LOGIN_SECONDS: Histogram = "iceflix_login_seconds" of &[AUTHENTICATION];
        "How long logins took, refused ones included"
    TOKENS_CHECKED: Counter = "iceflix_tokens_checked_total" of &[AUTHENTICATION], by "answer" &["valid", "invalid", "failed"];
        "Answers to whether a token is valid"
    TOKENS_REVOKED: Counter = "iceflix_tokens_revoked_total" of &[AUTHENTICATION];
        "Ends of tokens that this instance published"
    REVOCATIONS_WAITING: Gauge = "iceflix_revocations_waiting" of &[AUTHENTICATION];
        "Ends of tokens that wait for the broker"

    TOKEN_CHECKS: Counter = "iceflix_token_checks_total" of &[CATALOG, STREAMING], by "verdict" &["valid", "invalid", "unknown"];
        "Checks of tokens that came with a request; unknown where no Authentication service could be asked"

    TITLES: Gauge = "iceflix_titles" of &[CATALOG];
        "Titles in the database"
    SEARCHES: Counter = "iceflix_searches_total" of &[CATALOG], by "kind" &["name", "tags"];
        "Searches"
    SEARCH_SECONDS: Histogram = "iceflix_search_seconds" of &[CATALOG], by "kind" &["name", "tags"];
        "How long searches took"
    TILES: Counter = "iceflix_tiles_total" of &[CATALOG], by "answer" &["found", "unavailable", "unknown", "failed"];
        "Titles that were asked for by id; unavailable where no live server has it"
    EDITS: Counter = "iceflix_edits_total" of &[CATALOG], by "answer" &["done", "unauthorized", "refused"];
        "Edits of titles; refused where the id, the name or a tag is not valid, or the database out of order"
    MEDIA_HEARD: Counter = "iceflix_media_heard_total" of &[CATALOG], by "event" &["new", "removed"];
        "What was said of media: that one is there, that one is gone"

    FILMS: Gauge = "iceflix_films" of &[STREAMING];
        "Films that are offered"
    STREAMS: Gauge = "iceflix_streams" of &[STREAMING];
        "Streams that there are, be they watched or not"
    STREAMS_OPENED: Counter = "iceflix_streams_opened_total" of &[STREAMING];
        "Streams that were opened"
    STREAMS_REFUSED: Counter = "iceflix_streams_refused_total" of &[STREAMING], by "reason" &["unauthorized", "unknown", "failed"];
        "Requests for a stream that were refused; failed where the film cannot be read, or the server or the user has as many as allowed"
    STREAMS_ENDED: Counter = "iceflix_streams_ended_total" of &[STREAMING], by "reason" &["stopped", "kicked", "not_renewed", "unused", "viewer_gone", "film_over", "failed", "service_stops"];
        "Streams that ended, by the reason"
    FILMS_UNREAD: Gauge = "iceflix_films_unread" of &[STREAMING];
        "Files that wait to be read, or are being read"
    INDEXES: Counter = "iceflix_indexes_opened_total" of &[STREAMING], by "from" &["shared", "cache", "making"];
        "Packet indexes that streams began with: one that another stream had open, one of the cache, one that was missing there"
    RTSP_CONNECTIONS: Gauge = "iceflix_rtsp_connections" of &[STREAMING];
        "RTSP connections that are open"
    RTP_STREAMS: Gauge = "iceflix_rtp_streams" of &[STREAMING];
        "Streams that have sent: RTSP sessions that played, and pushes"
    RTP_PACKETS: Counter = "iceflix_rtp_packets_total" of &[STREAMING];
        "RTP and RTCP packets sent"
    RTP_BYTES: Counter = "iceflix_rtp_bytes_total" of &[STREAMING];
        "Bytes of those packets, without the headers of UDP and TCP"
    RTP_LATE: Counter = "iceflix_rtp_late_packets_total" of &[STREAMING];
        "RTP packets that went out more than 100 ms after their time"
    RTP_REFUSED: Counter = "iceflix_rtp_refused_packets_total" of &[STREAMING];
        "Packets that the system refused to send"

    PROCESS_CPU: Process = "process_cpu_seconds_total" of EVERY;
        "Time that the process was given, in user and system mode"
    PROCESS_MEMORY: Process = "process_resident_memory_bytes" of EVERY;
        "Memory of the process that is in use"
    PROCESS_ADDRESSES: Process = "process_virtual_memory_bytes" of EVERY;
        "Address space of the process"
    PROCESS_THREADS: Process = "process_threads" of EVERY;
        "Threads of the process"
    PROCESS_FILES: Process = "process_open_fds" of EVERY;
        "Files and connections that are open"
    PROCESS_FILES_ALLOWED: Process = "process_max_fds" of EVERY;
        "Files and connections that may be open"
    PROCESS_START: Process = "process_start_time_seconds" of EVERY;
        "When the service was started, in seconds since 1970"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_prometheus() {
        let mut names: Vec<_> = ALL.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ALL.len(), "no name stands for two");
        for metric in ALL {
            let counts = metric.shape.name(metric.name) == "counter";
            assert_eq!(metric.name.ends_with("_total"), counts, "{}", metric.name);
            let plain = |c: char| c.is_ascii_lowercase() || c == '_';
            assert!(metric.name.chars().all(plain), "{}", metric.name);
            assert!(!metric.about.ends_with('.'), "{}", metric.name);
            assert_eq!(metric.label.is_empty(), metric.values.is_empty());
        }
    }
}
