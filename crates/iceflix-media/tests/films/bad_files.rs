//! Files that are no film, or no whole one: each is refused with a reason that fits, and at once.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use iceflix_media::{Cancel, Error, compile, hash, probe};
use tempfile::TempDir;

use crate::film::{PLAIN, film, made, refused};

/// What probing and compiling say of a file with this content, which must be the same.
fn verdict(name: &str, content: &[u8]) -> Error {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join(name);
    fs::write(&path, content).expect("written");
    verdict_of(&path)
}

fn verdict_of(path: &Path) -> Error {
    let begun = Instant::now();
    let probed = probe(path).expect_err("no film");
    let compiled = refused(path);
    assert_eq!(probed.to_string(), compiled.to_string());
    assert!(begun.elapsed() < Duration::from_secs(5));
    let text = probed.to_string();
    assert!(
        text.contains(path.to_str().expect("plain")),
        "{text} names the file"
    );
    probed
}

fn content(path: &Path) -> Vec<u8> {
    fs::read(path).expect("there")
}

fn position(content: &[u8], wanted: &[u8]) -> usize {
    content
        .windows(wanted.len())
        .position(|part| part == wanted)
        .expect("it is in there")
}

#[test]
fn an_empty_file() {
    assert!(matches!(verdict("empty.mp4", &[]), Error::Empty { .. }));
}

#[test]
fn a_file_that_is_not_there() {
    let error = verdict_of(Path::new("/nowhere/film.mp4"));
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
}

#[test]
fn a_directory() {
    let dir = TempDir::new().expect("a directory");
    let error = verdict_of(dir.path());
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    assert!(hash(dir.path(), &mut |_| (), &Cancel::new()).is_err());
}

#[test]
fn a_named_pipe_that_nobody_writes_to() {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("pipe.mp4");
    crate::film::run("mkfifo", &[path.to_str().expect("plain")]);
    assert!(matches!(verdict_of(&path), Error::Unreadable { .. }));
}

#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("secret.mp4");
    fs::write(&path, content(&film("end.mp4", PLAIN))).expect("written");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("set");
    if fs::File::open(&path).is_ok() {
        eprintln!("skipped: this user may read every file");
        return;
    }
    assert!(matches!(verdict_of(&path), Error::Unreadable { .. }));
}

#[test]
fn a_text_that_is_named_like_a_film() {
    let error = verdict(
        "text.mp4",
        "Not a film, whatever its name says.\n"
            .repeat(50)
            .as_bytes(),
    );
    assert!(matches!(error, Error::NotVideo { .. }), "{error:?}");
}

#[test]
fn noise() {
    let mut state = 1_u32;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    });
    let noise: Vec<_> = noise.take(200_000).collect();
    assert!(matches!(
        verdict("noise.mkv", &noise),
        Error::NotVideo { .. }
    ));
    let mut dressed = b"\0\0\0\x18ftypisom\0\0\x02\0isomiso2".to_vec();
    dressed.extend(&noise);
    let error = verdict("dressed.mp4", &dressed);
    assert!(
        matches!(error, Error::Broken { .. } | Error::Truncated { .. }),
        "{error:?}"
    );
}

#[test]
fn an_mp4_without_its_table_of_contents() {
    let whole = content(&film("end.mp4", PLAIN));
    let error = verdict("cut.mp4", &whole[..whole.len() / 2]);
    assert!(matches!(error, Error::Truncated { .. }), "{error:?}");
    let contents = position(&whole, b"moov") - 4;
    let error = verdict("headless.mp4", &whole[..contents]);
    assert!(
        matches!(&error, Error::Truncated { reason, .. } if reason.contains("moov")),
        "{error:?}"
    );
}

#[test]
fn an_mp4_that_ends_in_the_middle() {
    let whole = content(&film("start.mp4", &format!("{PLAIN} -movflags +faststart")));
    let error = verdict("cut.mp4", &whole[..whole.len() / 2]);
    assert!(matches!(error, Error::Truncated { .. }), "{error:?}");
    assert!(error.to_string().contains("copy it again"), "{error}");
}

#[test]
fn an_mp4_in_fragments_that_ends_in_the_middle_of_one() {
    let flags = "-movflags frag_keyframe+empty_moov+default_base_moof";
    let whole = content(&film("fragments.mp4", &format!("{PLAIN} {flags}")));
    assert!(matches!(
        verdict("cut.mp4", &whole[..whole.len() / 2]),
        Error::Truncated { .. }
    ));
}

#[test]
fn a_matroska_that_ends_in_the_middle() {
    let whole = content(&film("film.mkv", PLAIN));
    assert!(matches!(
        verdict("cut.mkv", &whole[..whole.len() / 2]),
        Error::Truncated { .. }
    ));
}

#[test]
fn a_film_with_a_damaged_table_of_contents() {
    let whole = content(&film("start.mp4", &format!("{PLAIN} -movflags +faststart")));
    for part in [
        &b"mvhd"[..],
        b"trak",
        b"mdia",
        b"stbl",
        b"stsd",
        b"avc1",
        b"avcC",
        b"stsz",
        b"stco",
    ] {
        for with in [&b"\0\0\0\0"[..], b"\xff\xff\xff\xff", b"free"] {
            let mut damaged = whole.clone();
            let at = position(&whole, part);
            damaged[at..at + 4].copy_from_slice(with);
            survives(part, &damaged);
            damaged.copy_from_slice(&whole);
            damaged[at - 4..at].copy_from_slice(with);
            survives(part, &damaged);
            damaged.copy_from_slice(&whole);
            damaged[at + 8..at + 12].copy_from_slice(with);
            survives(part, &damaged);
        }
    }
}

#[test]
fn a_film_with_damaged_content() {
    for path in [film("film.mkv", PLAIN), film("end.mp4", PLAIN)] {
        let whole = content(&path);
        for start in [1_000, 5_000, whole.len() / 3, whole.len() - 9_000] {
            let mut damaged = whole.clone();
            for (n, byte) in damaged[start..start + 8_000].iter_mut().enumerate() {
                *byte = (n * 37 + start) as u8;
            }
            survives(path.as_os_str().as_encoded_bytes(), &damaged);
        }
    }
}

/// Whatever comes of it, it comes soon, and leaves an index or nothing.
pub(crate) fn survives(what: &[u8], content: &[u8]) {
    let what = String::from_utf8_lossy(what);
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("film");
    fs::write(&path, content).expect("written");
    let begun = Instant::now();
    let _ = probe(&path);
    let into = dir.path().join("index");
    let compiled = compile(&path, &into, &mut |_| (), &Cancel::new());
    eprintln!(
        "ZZ {what} both {:?} {:?}",
        begun.elapsed(),
        compiled.as_ref().err().map(|e| e.to_string())
    );
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "{what}: {compiled:?}"
    );
    assert_eq!(compiled.is_ok(), into.exists(), "{what}: {compiled:?}");
    assert_eq!(
        fs::read_dir(dir.path()).expect("there").count(),
        1 + usize::from(into.exists()),
        "{what}"
    );
}

#[test]
fn a_film_without_pictures() {
    let error = verdict_of(&made("sound.m4a", "-f lavfi -i sine=d=2 -c:a aac"));
    assert!(
        matches!(&error, Error::NotVideo { found, .. } if found.contains("AAC")),
        "{error:?}"
    );
}

#[test]
fn a_film_of_a_codec_that_nothing_decodes() {
    let film = made(
        "uncommon.mkv",
        "-f lavfi -i testsrc2=s=320x180:d=2 -c:v ffv1 -strict -2",
    );
    let mut content = content(&film);
    let at = position(&content, b"FFV1");
    content[at..at + 4].copy_from_slice(b"NONE");
    let error = verdict("uncommon.mkv", &content);
    assert!(
        matches!(&error, Error::NoServableTrack { reason, .. } if reason.contains("nothing that decodes")),
        "{error:?}"
    );
}

#[test]
fn a_container_that_is_not_served() {
    let error = verdict_of(&made(
        "film.wmv",
        "-f lavfi -i testsrc2=s=320x180:d=2 -c:v wmv2",
    ));
    assert!(
        matches!(&error, Error::NoServableTrack { reason, .. } if reason.contains("Matroska")),
        "{error:?}"
    );
}

#[test]
fn a_file_that_grows_while_it_is_read() {
    let dir = TempDir::new().expect("a directory");
    let path = dir.path().join("film.mp4");
    fs::copy(film("end.mp4", PLAIN), &path).expect("copied");
    let mut grew = false;
    let mut grow = |_| {
        if !std::mem::replace(&mut grew, true) {
            let mut file = fs::File::options().append(true).open(&path).expect("there");
            file.write_all(b"more").expect("written");
        }
    };
    let error = compile(&path, &dir.path().join("index"), &mut grow, &Cancel::new())
        .expect_err("it changed");
    assert!(matches!(error, Error::Changed { .. }), "{error:?}");
}

#[test]
fn work_that_is_cancelled() {
    let path = film("end.mp4", PLAIN);
    let dir = TempDir::new().expect("a directory");
    let cancel = Cancel::new();
    cancel.cancel();
    let error = compile(&path, &dir.path().join("index"), &mut |_| (), &cancel)
        .expect_err("it is cancelled");
    assert!(matches!(error, Error::Cancelled { .. }), "{error:?}");
    assert_eq!(fs::read_dir(dir.path()).expect("there").count(), 0);
}
