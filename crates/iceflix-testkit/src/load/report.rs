//! What became of it.

use std::{fmt, time::Duration};

/// The kinds of operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum What {
    /// A new token.
    Login,
    /// A search by name.
    Search,
    /// Looking a title up.
    Tile,
    /// Another name for it.
    Rename,
    /// Another tag.
    AddTag,
    /// A tag fewer.
    RemoveTag,
    /// A stream, opened and stopped.
    Stream,
}

/// One operation of one viewer.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What it was.
    pub what: What,
    /// When it began, since the viewers began.
    pub begun: Duration,
    /// How long it took.
    pub took: Duration,
    /// Why it failed, where it did.
    pub failure: Option<String>,
}

/// All that the viewers did.
#[derive(Clone, Debug)]
pub struct Report {
    /// Every operation, in the order in which they began.
    pub operations: Vec<Operation>,
    /// Every acknowledged edit that is not there.
    pub lost: Vec<String>,
}

impl Report {
    /// The operations that failed.
    pub fn failures(&self) -> Vec<&Operation> {
        self.operations
            .iter()
            .filter(|operation| operation.failure.is_some())
            .collect()
    }

    /// The one that took longest.
    ///
    /// # Panics
    ///
    /// Where there was none.
    pub fn slowest(&self) -> &Operation {
        self.operations
            .iter()
            .max_by_key(|operation| operation.took)
            .unwrap()
    }

    /// How many edits were acknowledged.
    pub fn edits(&self) -> usize {
        let edit = |what| matches!(what, What::Rename | What::AddTag | What::RemoveTag);
        self.operations
            .iter()
            .filter(|operation| edit(operation.what) && operation.failure.is_none())
            .count()
    }

    /// Fails the test where an operation failed or an edit is lost.
    ///
    /// # Panics
    ///
    /// Then, with all of them.
    #[track_caller]
    pub fn assert_flawless(&self) {
        assert!(self.failures().is_empty() && self.lost.is_empty(), "{self}");
    }

    /// Fails the test where an acknowledged edit is lost.
    ///
    /// # Panics
    ///
    /// Then, with all of them.
    #[track_caller]
    pub fn assert_nothing_lost(&self) {
        assert!(self.lost.is_empty(), "{self}");
    }
}

/// One line, and one more for each failure and each loss.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let failures = self.failures();
        write!(
            f,
            "{} operations, {} failed; {} edits acknowledged, {} lost",
            self.operations.len(),
            failures.len(),
            self.edits(),
            self.lost.len()
        )?;
        if !self.operations.is_empty() {
            let Operation {
                what, begun, took, ..
            } = self.slowest();
            write!(f, "; slowest {took:.1?} ({what:?} at {begun:.1?})")?;
        }
        for Operation {
            what,
            begun,
            took,
            failure,
        } in failures
        {
            let failure = failure.as_deref().unwrap_or_default();
            write!(
                f,
                "\n  failed: {what:?} at {begun:.1?}, after {took:.1?}: {failure}"
            )?;
        }
        for lost in &self.lost {
            write!(f, "\n  lost: {lost}")?;
        }
        Ok(())
    }
}
