//! The side of the service.

use std::{path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{UnixListener, UnixStream},
    sync::Semaphore,
    time::timeout,
};
use tracing::{debug, info, warn};

use super::{Answer, Door, Question};
use crate::{controller::Controllers, library::Library};

/// The longest question, in bytes.
const LONGEST: u64 = 4_096;

/// How long a question may take to be asked, answered and read.
const WITHIN: Duration = Duration::from_secs(10);

/// How many are answered at the same time.
const AT_ONCE: usize = 8;

/// Answers an administrator.
#[derive(Clone)]
pub(crate) struct Desk {
    pub(crate) library: Arc<Library>,
    pub(crate) controllers: Controllers,
}

impl Desk {
    /// Answers until it is dropped.
    pub(crate) async fn serve(self, door: Door) {
        let listener = door.listener.try_clone().and_then(UnixListener::from_std);
        let listener = match listener {
            Ok(listener) => listener,
            Err(error) => {
                warn!(%error, "`iceflix stream` and `iceflix media` cannot reach this service");
                return;
            }
        };
        let places = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else {
                return;
            };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let desk = self.clone();
                    tokio::spawn(async move {
                        match timeout(WITHIN, desk.answer(stream)).await {
                            Ok(Ok(())) => {}
                            Ok(Err(error)) => debug!(%error, "an administrator was not answered"),
                            Err(_) => debug!("an administrator was not answered in time"),
                        }
                        drop(place);
                    });
                }
                Err(error) => {
                    warn!(%error, "an administrator cannot be heard");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
    }

    async fn answer(&self, mut stream: UnixStream) -> std::io::Result<()> {
        let (read, mut write) = stream.split();
        let mut line = Vec::new();
        let mut read = BufReader::new(read.take(LONGEST));
        read.read_until(b'\n', &mut line).await?;
        // One who only looked whether somebody is there.
        if line.is_empty() {
            return Ok(());
        }
        let answer = self.think(serde_json::from_slice(&line)?).await;
        let mut text = serde_json::to_vec(&answer)?;
        text.push(b'\n');
        write.write_all(&text).await
    }

    async fn think(&self, question: Question) -> Answer {
        match question {
            Question::Streams => {
                let mut reports = self.controllers.reports().await;
                for report in &mut reports {
                    report.name = report
                        .media
                        .parse()
                        .ok()
                        .and_then(|id| self.library.name(id));
                }
                Answer::Streams(reports)
            }
            Question::Kick(number) => {
                info!(stream = number, "an administrator ends this stream");
                Answer::Kicked(self.controllers.kick(number).await)
            }
            Question::Films => {
                let (files, silent) = self.library.list().await;
                Answer::Films {
                    files,
                    silent: told(silent),
                }
            }
            Question::Reload => {
                self.library.rescan();
                Answer::Reloading(told(self.library.directories()))
            }
        }
    }
}

fn told(paths: Vec<PathBuf>) -> Vec<String> {
    let paths = paths.into_iter();
    paths.map(|path| path.display().to_string()).collect()
}
