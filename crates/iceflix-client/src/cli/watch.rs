//! Films, watched.

use std::{
    io::{IsTerminal as _, Write as _},
    path::Path,
    time::Duration,
};

use iceflix_service::Shutdown;

use crate::{
    Error, Session, Stream, Viewer,
    find::{self, printable},
    player::{self, Sink},
};

/// How to watch.
#[derive(Clone, Copy, Debug)]
pub(super) enum Way<'a> {
    Window,
    Nowhere,
    Record(&'a Path),
    Program(&'a str),
}

impl<'a> Way<'a> {
    /// The one that was asked for; a window otherwise.
    pub(super) fn choose(record: Option<&'a Path>, nowhere: bool, player: Option<&'a str>) -> Self {
        match (record, nowhere, player) {
            (Some(file), ..) => Self::Record(file),
            (_, true, _) => Self::Nowhere,
            (.., Some(program)) => Self::Program(program),
            _ => Self::Window,
        }
    }
}

/// Plays a film to its end, or to Ctrl-C.
pub(super) async fn play(
    viewer: &Viewer,
    session: &Session,
    title: &str,
    way: Way<'_>,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let media = find::one(viewer, title).await?;
    let stream = Stream::open(viewer, session, &media).await?;
    let url = stream.url().await?;
    eprintln!("{} (Ctrl-C stops)", printable(&media.info.name));
    let playing = async {
        match way {
            Way::Window => player::play(&url, Sink::Window, show_progress)
                .await
                .map(Some),
            Way::Nowhere => player::play(&url, Sink::Nowhere, show_progress)
                .await
                .map(Some),
            Way::Record(file) => player::record(&url, file).await.map(Some),
            Way::Program(program) => player::external(program, &url).await.map(|()| None),
        }
    };
    let played = shutdown.unless_begun(playing).await;
    stream.stop().await;
    match played {
        Some(Ok(Some(ended))) => eprintln!("\nThe end, after {}.", clock(ended.at)),
        Some(Ok(None)) => eprintln!("The player has ended."),
        Some(Err(error)) => return Err(error.into()),
        None => eprintln!("\nStopped."),
    }
    Ok(())
}

/// Prints the address of a stream and keeps it alive until Ctrl-C.
pub(super) async fn url(
    viewer: &Viewer,
    session: &Session,
    title: &str,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let media = find::one(viewer, title).await?;
    let stream = Stream::open(viewer, session, &media).await?;
    println!("{}", stream.url().await?.as_str());
    eprintln!("This address is yours alone, and works until Ctrl-C.");
    keep(stream, shutdown).await;
    Ok(())
}

/// Has a film sent, prints its SDP and keeps it going until Ctrl-C.
pub(super) async fn sdp(
    viewer: &Viewer,
    session: &Session,
    title: &str,
    port: u16,
    shutdown: &Shutdown,
) -> Result<(), Error> {
    let media = find::one(viewer, title).await?;
    let stream = Stream::open(viewer, session, &media).await?;
    print!("{}", stream.push(port).await?);
    // A reader of a pipe waits for it.
    let _ = std::io::stdout().flush();
    keep(stream, shutdown).await;
    Ok(())
}

async fn keep(mut stream: Stream, shutdown: &Shutdown) {
    if shutdown.unless_begun(stream.ended()).await.is_some() {
        eprintln!("The server has ended the stream.");
    }
    stream.stop().await;
}

fn show_progress(at: Duration, of: Option<Duration>) {
    let mut errors = std::io::stderr();
    if errors.is_terminal() {
        let of = of.map_or_else(String::new, |of| format!(" / {}", clock(of)));
        // A terminal that is gone is no reason to stop the film.
        let _ = write!(errors, "\r{}{of} ", clock(at));
    }
}

fn clock(length: Duration) -> String {
    let seconds = length.as_secs();
    format!(
        "{:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_read_like_a_clock() {
        assert_eq!(clock(Duration::from_millis(3_725_900)), "01:02:05");
    }
}
