//! What was done to one title, and what must be seen of it.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use iceflix_client::Viewer;
use iceflix_slice::Media;

use crate::process::PATIENCE;

/// How often a title is looked at: Main names another catalogue at each turn,
/// and all of them must agree.
const LOOKS: usize = 4;

/// The edits of one title, all made by one viewer.
#[derive(Debug)]
pub(super) struct Edits {
    pub(super) title: String,
    /// The last name that was acknowledged.
    name: Option<String>,
    /// Names that were asked for since, and of which nobody knows.
    doubtful_names: Vec<String>,
    /// Whether each tag must be there; `None` where nobody knows.
    tags: BTreeMap<String, Option<bool>>,
}

impl Edits {
    pub(super) fn new(title: String) -> Self {
        Self {
            title,
            name: None,
            doubtful_names: Vec::new(),
            tags: BTreeMap::new(),
        }
    }

    /// The name that everybody must see now; `None` where nobody knows.
    pub(super) fn name_for_sure(&self) -> Option<&str> {
        let doubtful = !self.doubtful_names.is_empty();
        self.name.as_deref().filter(|_| !doubtful)
    }

    pub(super) fn renamed(&mut self, name: String, acknowledged: bool) {
        if acknowledged {
            self.name = Some(name);
            self.doubtful_names.clear();
        } else {
            self.doubtful_names.push(name);
        }
    }

    /// A tag was added, or removed.
    pub(super) fn tagged(&mut self, tag: String, there: bool, acknowledged: bool) {
        self.tags.insert(tag, acknowledged.then_some(there));
    }

    /// What should be seen, and is not.
    pub(super) async fn missing(&self, viewer: &Viewer) -> Vec<String> {
        for _ in 0..LOOKS {
            let missing = self.differences(&self.read(viewer).await);
            if !missing.is_empty() {
                return missing;
            }
        }
        Vec::new()
    }

    fn differences(&self, media: &Media) -> Vec<String> {
        let Self { title, .. } = self;
        let mut missing = Vec::new();
        let is = &media.info.name;
        if let Some(name) = &self.name
            && name != is
            && !self.doubtful_names.contains(is)
        {
            missing.push(format!(
                "{title} is named {is:?}, and was last named {name:?}"
            ));
        }
        for (tag, there) in &self.tags {
            match (there, media.info.tags.contains(tag)) {
                (Some(true), false) => missing.push(format!("{title} lacks the tag {tag:?}")),
                (Some(false), true) => missing.push(format!("{title} still bears {tag:?}")),
                _ => {}
            }
        }
        missing
    }

    /// The title as a catalogue has it now. One that is away may come back.
    async fn read(&self, viewer: &Viewer) -> Media {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let error = match viewer.tile(&self.title).await {
                Ok(media) => return media,
                Err(error) => error,
            };
            assert!(
                Instant::now() < deadline,
                "{} cannot be read: {error}",
                self.title
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
