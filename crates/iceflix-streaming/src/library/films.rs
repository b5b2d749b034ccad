//! Which films there are now: the rules, without disk or clock.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use iceflix_media::MediaId;

use super::fingerprint::Fingerprint;

/// The films that can be played, by id and by path. A film may lie at several
/// paths; it is there as long as one of them is.
#[derive(Debug, Default)]
pub(crate) struct Films {
    by_path: BTreeMap<Arc<Path>, (MediaId, Fingerprint)>,
    /// Never an empty list.
    by_id: BTreeMap<MediaId, Vec<Arc<Path>>>,
    /// Ids that were touched since the last look, and whether they were there
    /// then.
    touched: BTreeMap<MediaId, bool>,
}

impl Films {
    /// A film lies at this path. What lay there before is gone.
    pub(crate) fn found(&mut self, path: &Arc<Path>, print: Fingerprint, id: MediaId) {
        if let Some((old, known)) = self.by_path.get_mut(path)
            && *old == id
        {
            *known = print;
            return;
        }
        self.lost(path);
        self.touch(id);
        self.by_path.insert(Arc::clone(path), (id, print));
        self.by_id.entry(id).or_default().push(Arc::clone(path));
    }

    /// Nothing that can be played lies at this path.
    pub(crate) fn lost(&mut self, path: &Path) {
        let Some((id, _)) = self.by_path.remove(path) else {
            return;
        };
        self.touch(id);
        if let Some(paths) = self.by_id.get_mut(&id) {
            paths.retain(|other| **other != *path);
            if paths.is_empty() {
                self.by_id.remove(&id);
            }
        }
    }

    fn touch(&mut self, id: MediaId) {
        let present = self.by_id.contains_key(&id);
        self.touched.entry(id).or_insert(present);
    }

    /// The ids that came or went since the last call. One that went and came
    /// back, as with a file that was renamed, is not among them.
    pub(crate) fn changes(&mut self) -> Vec<MediaId> {
        let touched = std::mem::take(&mut self.touched);
        touched
            .into_iter()
            .filter(|(id, was)| self.by_id.contains_key(id) != *was)
            .map(|(id, _)| id)
            .collect()
    }

    /// What lies at a path.
    pub(crate) fn at(&self, path: &Path) -> Option<(MediaId, Fingerprint)> {
        self.by_path.get(path).copied()
    }

    /// All paths, with what lies there.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&Arc<Path>, MediaId, &Fingerprint)> {
        self.by_path
            .iter()
            .map(|(path, (id, print))| (path, *id, print))
    }

    /// The paths at or below `top`.
    pub(crate) fn below(&self, top: &Path) -> impl Iterator<Item = &Arc<Path>> {
        // Paths are in order of their components: what lies below comes right after.
        let from = self
            .by_path
            .range::<Path, _>((std::ops::Bound::Included(top), std::ops::Bound::Unbounded));
        from.map(|(path, _)| path)
            .take_while(move |path| path.starts_with(top))
    }

    /// Where a film lies, the oldest way first; empty where there is none.
    pub(crate) fn ways(&self, id: MediaId) -> Vec<(Arc<Path>, Fingerprint)> {
        let paths = self.by_id.get(&id).map_or(&[][..], Vec::as_slice);
        paths
            .iter()
            .filter_map(|path| Some((Arc::clone(path), self.by_path.get(path)?.1)))
            .collect()
    }

    /// The name of a film: that of its file, without the extension.
    pub(crate) fn name(&self, id: MediaId) -> Option<String> {
        self.by_id.get(&id)?.first().map(|path| name_of(path))
    }

    /// All ids.
    pub(crate) fn ids(&self) -> impl Iterator<Item = MediaId> {
        self.by_id.keys().copied()
    }

    /// How many films there are.
    pub(crate) fn len(&self) -> usize {
        self.by_id.len()
    }
}

/// A file's name without its extension, fit to be shown: what is no Unicode,
/// and characters that control a terminal, are replaced.
fn name_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name: String = stem
        .chars()
        .map(|c| {
            if c.is_control() {
                char::REPLACEMENT_CHARACTER
            } else {
                c
            }
        })
        .collect();
    match name.trim() {
        "" => "untitled".to_owned(),
        name => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

    use super::*;

    fn id(digit: char) -> MediaId {
        digit.to_string().repeat(64).parse().expect("an id")
    }

    fn path(text: &str) -> Arc<Path> {
        Path::new(text).into()
    }

    fn print(inode: u64) -> Fingerprint {
        Fingerprint::sample(inode, 1, 1, 1)
    }

    #[test]
    fn a_film_comes_and_goes() {
        let mut films = Films::default();
        films.found(&path("/f/Alien.mp4"), print(1), id('a'));
        assert_eq!(films.changes(), [id('a')]);
        assert_eq!(films.name(id('a')).as_deref(), Some("Alien"));
        films.lost(&path("/f/Alien.mp4"));
        assert_eq!(films.changes(), [id('a')]);
        assert_eq!(films.name(id('a')), None);
        assert_eq!(films.len(), 0);
    }

    #[test]
    fn a_film_stays_as_long_as_one_of_its_files_does() {
        let mut films = Films::default();
        films.found(&path("/f/one.mp4"), print(1), id('a'));
        films.found(&path("/f/two.mp4"), print(2), id('a'));
        films.changes();
        films.lost(&path("/f/one.mp4"));
        assert_eq!(films.changes(), []);
        assert_eq!(films.ways(id('a')), [(path("/f/two.mp4"), print(2))]);
        assert_eq!(films.name(id('a')).as_deref(), Some("two"));
    }

    #[test]
    fn a_renamed_file_is_no_change() {
        let mut films = Films::default();
        films.found(&path("/f/one.mp4"), print(1), id('a'));
        films.changes();
        films.lost(&path("/f/one.mp4"));
        films.found(&path("/f/other.mp4"), print(1), id('a'));
        assert_eq!(films.changes(), []);
        assert_eq!(films.name(id('a')).as_deref(), Some("other"));
    }

    #[test]
    fn another_film_in_the_same_place_is_two_changes() {
        let mut films = Films::default();
        films.found(&path("/f/one.mp4"), print(1), id('a'));
        films.changes();
        films.found(&path("/f/one.mp4"), print(2), id('b'));
        assert_eq!(films.changes(), [id('a'), id('b')]);
        assert_eq!(films.at(&path("/f/one.mp4")), Some((id('b'), print(2))));
    }

    #[test]
    fn what_lies_below_is_not_what_begins_alike() {
        let mut films = Films::default();
        for (n, text) in [
            "/f/a",
            "/f/a b.mp4",
            "/f/a/1.mp4",
            "/f/a/b/2.mp4",
            "/f/a.mp4",
            "/f/b.mp4",
        ]
        .iter()
        .enumerate()
        {
            films.found(
                &path(text),
                print(n as u64),
                id(char::from_digit(n as u32, 10).expect("a digit")),
            );
        }
        let below: Vec<_> = films
            .below(Path::new("/f/a"))
            .map(|path| path.display().to_string())
            .collect();
        assert_eq!(below, ["/f/a", "/f/a/1.mp4", "/f/a/b/2.mp4"]);
        assert_eq!(films.below(Path::new("/f")).count(), 6);
    }

    #[test]
    fn names_are_fit_to_be_shown() {
        let named = |bytes: &[u8]| name_of(Path::new(OsStr::from_bytes(bytes)));
        assert_eq!(
            named(b"/f/Blade Runner (1982).final.mkv"),
            "Blade Runner (1982).final"
        );
        assert_eq!(named(b"/f/no extension"), "no extension");
        assert_eq!(named(b"/f/ .mp4"), "untitled");
        assert_eq!(named(b"/f/\xff\xfe.mp4"), "\u{fffd}\u{fffd}");
        assert_eq!(
            named(b"/f/\x1b[2Jred\nalert.mp4"),
            "\u{fffd}[2Jred\u{fffd}alert"
        );
    }
}
