//! What is remembered, and what had better be forgotten.

use std::{ffi::OsStr, os::unix::ffi::OsStrExt as _};

use super::*;

fn film() -> Finding {
    Finding::Film("a".repeat(64).parse().expect("an id"))
}

fn path(name: &[u8]) -> Arc<Path> {
    Path::new(OsStr::from_bytes(name)).into()
}

fn print(inode: u64, ctime: i64) -> Fingerprint {
    Fingerprint::sample(inode, 100, 5, ctime)
}

#[test]
fn what_was_remembered_is_known_after_a_restart_whatever_the_name() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("known/films");
    let names: [&[u8]; 5] = [
        b"/f/a.mp4",
        "/f/é\u{1f3ac}.mp4".as_bytes(),
        b"/f/\xff\n\".mp4",
        b"/f/100%25.mp4",
        b"/f/b c",
    ];
    let mut known = Known::open(journal.clone());
    for (n, name) in names.iter().enumerate() {
        known.remember(&path(name), print(n as u64, 7), film());
    }
    known.remember(
        &path(b"/f/x.txt"),
        print(99, 7),
        Finding::Refused("no \"video\"\n".into()),
    );
    drop(known);
    let known = Known::open(journal);
    for (n, name) in names.iter().enumerate() {
        assert_eq!(
            known.recall(&path(name), &print(n as u64, 7)),
            Some(&film())
        );
    }
    assert_eq!(
        known.recall(&path(b"/f/x.txt"), &print(99, 7)),
        Some(&Finding::Refused("no \"video\"\n".into()))
    );
}

#[test]
fn a_file_that_was_touched_is_not_known() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut known = Known::open(dir.path().join("films"));
    known.remember(&path(b"/f/a"), print(1, 7), film());
    assert_eq!(
        known.recall(&path(b"/f/a"), &print(1, 8)),
        None,
        "its bytes may have changed under an old date"
    );
    assert_eq!(
        known.recall(&path(b"/f/a"), &print(2, 7)),
        None,
        "it is another file"
    );
}

#[test]
fn a_file_that_was_renamed_is_known() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut known = Known::open(dir.path().join("films"));
    known.remember(&path(b"/f/a"), print(1, 7), film());
    assert_eq!(known.recall(&path(b"/f/b"), &print(1, 8)), Some(&film()));
    let changed = Fingerprint::sample(1, 101, 5, 8);
    assert_eq!(known.recall(&path(b"/f/b"), &changed), None);
}

#[test]
fn a_damaged_journal_costs_only_what_is_damaged() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("films");
    let mut known = Known::open(journal.clone());
    known.remember(&path(b"/f/a"), print(1, 7), film());
    known.remember(&path(b"/f/b"), print(2, 7), film());
    drop(known);
    let mut bytes = fs::read(&journal).expect("read");
    bytes.truncate(bytes.len() - 10);
    bytes.splice(header().len()..header().len(), b"\xff{}[\n".iter().copied());
    fs::write(&journal, bytes).expect("written");
    let mut known = Known::open(journal.clone());
    assert_eq!(known.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
    assert_eq!(known.recall(&path(b"/f/b"), &print(2, 7)), None);
    known.remember(&path(b"/f/b"), print(2, 7), film());
    drop(known);
    assert_eq!(
        Known::open(journal).recall(&path(b"/f/b"), &print(2, 7)),
        Some(&film())
    );
}

#[test]
fn what_is_no_journal_is_begun_anew() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("films");
    fs::write(&journal, "something else\n").expect("written");
    let mut known = Known::open(journal.clone());
    known.remember(&path(b"/f/a"), print(1, 7), film());
    drop(known);
    assert!(
        fs::read_to_string(&journal)
            .expect("read")
            .starts_with(HEADER)
    );
    assert!(
        Known::open(journal)
            .recall(&path(b"/f/a"), &print(1, 7))
            .is_some()
    );
}

#[test]
fn another_version_of_the_program_looks_again_at_what_was_refused_only() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("films");
    let mut known = Known::open(journal.clone());
    known.remember(&path(b"/f/a"), print(1, 7), film());
    known.remember(
        &path(b"/f/b"),
        print(2, 7),
        Finding::Refused("unheard of".into()),
    );
    drop(known);
    let text = fs::read_to_string(&journal)
        .expect("read")
        .replace(&header(), &format!("{HEADER} 0.0.1\n"));
    fs::write(&journal, text).expect("written");
    for _ in 0..2 {
        let known = Known::open(journal.clone());
        assert_eq!(known.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
        assert_eq!(known.recall(&path(b"/f/b"), &print(2, 7)), None);
    }
}

#[test]
fn a_journal_does_not_grow_with_each_restart() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("films");
    let mut known = Known::open(journal.clone());
    for ctime in 0..2_000 {
        known.remember(&path(b"/f/a"), print(1, ctime), film());
    }
    drop(known);
    drop(Known::open(journal.clone()));
    assert_eq!(
        fs::read_to_string(&journal).expect("read").lines().count(),
        2
    );
}

#[test]
fn two_processes_do_not_write_the_same_journal() {
    let dir = tempfile::tempdir().expect("a directory");
    let journal = dir.path().join("films");
    let mut first = Known::open(journal.clone());
    first.remember(&path(b"/f/a"), print(1, 7), film());
    let mut second = Known::open(journal);
    assert_eq!(second.recall(&path(b"/f/a"), &print(1, 7)), Some(&film()));
    second.remember(&path(b"/f/b"), print(2, 7), film());
    assert_eq!(second.recall(&path(b"/f/b"), &print(2, 7)), Some(&film()));
}
