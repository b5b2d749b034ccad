//! What was found out: the services, and what is missing among them.

use std::time::Duration;

/// The kinds of which a whole platform has at least one, in the order in which
/// they are told.
pub(super) const KINDS: [&str; 4] = ["main", "authentication", "catalog", "streaming"];

/// All that was found out.
#[derive(Debug)]
pub(super) struct Platform {
    pub(super) services: Vec<Service>,
    /// Whether all Mains told whom they know: those of another make hand out
    /// two services and tell of no others.
    pub(super) complete: bool,
}

/// One service.
#[derive(Clone, Debug)]
pub(super) struct Service {
    pub(super) kind: String,
    /// Empty where it is not known.
    pub(super) id: String,
    /// Its proxy, as it can be used.
    pub(super) proxy: String,
    pub(super) state: State,
    /// For how long Main has known it; `None` for Main itself.
    pub(super) known: Option<Duration>,
    /// What it tells of itself; `None` where it does not answer, or is of
    /// another make.
    pub(super) report: Option<Report>,
}

/// What a service tells of itself.
#[derive(Clone, Debug)]
pub(super) struct Report {
    pub(super) version: String,
    pub(super) pid: i32,
    pub(super) age: Duration,
    pub(super) problems: Vec<String>,
    pub(super) holds: Vec<(String, i64)>,
}

/// How a service is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// It answers, and can do its work.
    Up,
    /// It answers, and cannot do its work.
    NotReady,
    /// It does not answer.
    NoAnswer,
}

impl State {
    /// In a word or two: the same for people and for programs.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::NotReady => "not ready",
            Self::NoAnswer => "no answer",
        }
    }
}

impl Platform {
    /// The kinds of which no service answers. Where the list is not complete,
    /// what it does not tell of is not said to be missing.
    pub(super) fn missing(&self) -> Vec<&'static str> {
        let answers = |kind: &str| {
            let mut services = self.services.iter();
            services.any(|one| one.kind == kind && one.state != State::NoAnswer)
        };
        let told = |kind: &&str| self.complete || *kind != "streaming";
        KINDS
            .into_iter()
            .filter(|kind| told(kind) && !answers(kind))
            .collect()
    }

    /// Whether no kind is missing, and every service answers and can do its
    /// work.
    pub(super) fn is_well(&self) -> bool {
        self.missing().is_empty() && self.services.iter().all(|one| one.state == State::Up)
    }

    /// Puts the services in order: kind by kind, the oldest first.
    pub(super) fn sort(&mut self) {
        let place = |kind: &str| KINDS.iter().position(|known| *known == kind);
        self.services.sort_by_cached_key(|one| {
            (
                place(&one.kind).unwrap_or(KINDS.len()),
                std::cmp::Reverse(one.age()),
                one.id.clone(),
            )
        });
    }
}

impl Service {
    /// Its age, or for how long it has been known where it does not tell.
    pub(super) fn age(&self) -> Option<Duration> {
        self.report.as_ref().map(|report| report.age).or(self.known)
    }
}
