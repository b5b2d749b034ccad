//! One stream while it lives: the task behind a controller. It owns whatever
//! the stream holds, so that all is free when it ends.

use std::{future::pending, pin::Pin, sync::Arc};

use iceflix_index::Index;
use iceflix_media::MediaId;
use iceflix_rtsp::Mount;
use iceflix_service::token::Verdict;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::info;

use super::{
    Shared, host,
    life::{Life, Step, Why},
    report::Report,
    seats::Viewer,
    servant::{Command, refusal},
    topic::SyncTopic,
    way::{Meaning, News, Way},
};
use crate::library::told;

type Check = Pin<Box<dyn Future<Output = (Arc<str>, Verdict, Instant)> + Send>>;

/// A stream, or the offer of one.
pub(crate) struct Stream {
    /// Names it in logs: its identity is a key.
    pub(crate) number: u64,
    pub(crate) media: MediaId,
    pub(crate) viewer: Viewer,
    pub(crate) since: Instant,
    pub(crate) index: Arc<Index>,
    pub(crate) life: Life,
    pub(crate) topic: SyncTopic,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) way: Way,
}

/// How a stream ended, and who waits for that.
pub(crate) struct Over {
    pub(crate) why: Why,
    pub(crate) topic: SyncTopic,
    pub(crate) stopped: Option<oneshot::Sender<()>>,
}

enum Happening {
    Command(Command),
    Checked(Arc<str>, Verdict, Instant),
    News(News),
    Time,
}

impl Stream {
    /// Lives until there is a reason to end, which it returns. What is on its
    /// way to the viewer ends with a goodbye at once.
    pub(crate) async fn run(mut self) -> Over {
        let mut check: Option<Check> = None;
        let mut stopped = None;
        let why = loop {
            if let Some(why) = self.step(&mut check) {
                break why;
            }
            self.shared.holders.hold(self.number, self.life.tokens());
            let happening = tokio::select! {
                Some(command) = self.commands.recv() => Happening::Command(command),
                (token, verdict, asked) = running(&mut check) => Happening::Checked(token, verdict, asked),
                news = self.way.news() => Happening::News(news),
                () = sleep_until(self.life.wake()) => Happening::Time,
                () = self.shared.stopping.cancelled() => break Why::ServiceStops,
            };
            let why = match happening {
                Happening::Command(Command::Stop(answer)) => {
                    stopped = Some(answer);
                    Some(Why::Stopped)
                }
                Happening::Command(Command::Kick(answer)) => {
                    stopped = Some(answer);
                    Some(Why::Kicked)
                }
                Happening::Command(Command::Revoked(token)) => {
                    let step = self.life.dead(&token, Instant::now());
                    self.take(step, &mut check)
                }
                Happening::Command(command) => {
                    self.carry_out(command);
                    None
                }
                Happening::Checked(token, verdict, asked) => {
                    check = None;
                    let step = self.life.verdict(&token, verdict, asked, Instant::now());
                    self.take(step, &mut check)
                }
                Happening::News(news) => self.hear(news),
                Happening::Time => None,
            };
            if let Some(why) = why {
                break why;
            }
        };
        Over {
            why,
            topic: self.topic,
            stopped,
        }
    }

    /// Does what is due.
    fn step(&mut self, check: &mut Option<Check>) -> Option<Why> {
        while let Some(step) = self.life.due(Instant::now()) {
            if let Some(why) = self.take(Some(step), check) {
                return Some(why);
            }
        }
        None
    }

    fn take(&mut self, step: Option<Step>, check: &mut Option<Check>) -> Option<Why> {
        match step? {
            Step::End(why) => return Some(why),
            Step::Ask => {
                info!(
                    stream = self.number,
                    "the token has died: the viewer is asked for a new one"
                );
                // Whether the broker is there or not, time goes on.
                self.shared.tasks.spawn(self.topic.ask(self.number));
            }
            Step::Check(token) => {
                let checks = self.shared.checks.clone();
                check.get_or_insert_with(|| {
                    Box::pin(async move {
                        let asked = Instant::now();
                        let verdict = checks.check(&token).await;
                        (token, verdict, asked)
                    })
                });
            }
        }
        None
    }

    fn hear(&mut self, news: News) -> Option<Why> {
        match self.way.take(news) {
            Meaning::Nothing => {}
            Meaning::Present => self.life.present(),
            Meaning::Absent => self.life.absent(Instant::now()),
            Meaning::Over(why) => return Some(why),
        }
        None
    }

    /// Answers that nobody waits for any more are dropped.
    fn carry_out(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Accept(token, answer) => {
                self.life.accept(token, now);
                let _ = answer.send(());
            }
            Command::Push { to, port, answer } => {
                let pushed = self.shared.server(|server| match &self.way.push {
                    Some(push) => server.redirect(push, to, port),
                    None => server.push(Arc::clone(&self.index), to, port),
                });
                let _ = answer.send(pushed.and_then(|pushed| {
                    let push = pushed.map_err(|error| refusal(self.number, told(&error)))?;
                    info!(stream = self.number, %to, port, "pushed");
                    let sdp = push.sdp().to_owned();
                    self.way.push = Some(push);
                    self.life.present();
                    Ok(sdp)
                }));
            }
            Command::Url { viewer, answer } => {
                let endpoint = self.shared.server(|server| server.local_addr().ip());
                let host = endpoint.and_then(|endpoint| {
                    host::for_viewer(endpoint, viewer)
                        .map_err(|reason| refusal(self.number, reason))
                });
                let url = host.and_then(|host| Ok(self.mount()?.url(&host)));
                let _ = answer.send(url);
            }
            Command::Path(answer) => {
                let _ = answer.send(self.mount().map(|mount| mount.path()));
            }
            Command::Topic(answer) => {
                let (name, made) = (self.topic.name().to_owned(), self.topic.make());
                self.shared.tasks.spawn(async move {
                    made.await;
                    let _ = answer.send(name);
                });
            }
            Command::Report(answer) => {
                let _ = answer.send(self.report());
            }
            Command::Doubt => self.life.doubt(now),
            // Those that may end the stream are not carried out here.
            Command::Revoked(_) | Command::Stop(_) | Command::Kick(_) => {}
        }
    }

    /// Has the film fetched by RTSP.
    fn mount(&mut self) -> Result<&Mount, ice::Error> {
        let Self {
            shared, way, index, ..
        } = self;
        let mount = match &mut way.mount {
            Some(mount) => mount,
            none => none.insert(shared.server(|server| server.mount(Arc::clone(index)))?),
        };
        info!(
            stream = self.number,
            mount = mount.number(),
            "to be fetched by RTSP"
        );
        self.life.present();
        Ok(mount)
    }

    fn report(&self) -> Report {
        Report {
            number: self.number,
            media: self.media.to_string(),
            name: None,
            user: self.viewer.user.as_deref().map(str::to_owned),
            address: self.viewer.address,
            seconds: self.since.elapsed().as_secs(),
            in_grace: self.life.is_in_grace(),
            way: self.way.report(),
        }
    }
}

async fn running(check: &mut Option<Check>) -> (Arc<str>, Verdict, Instant) {
    match check {
        Some(check) => check.await,
        None => pending().await,
    }
}
