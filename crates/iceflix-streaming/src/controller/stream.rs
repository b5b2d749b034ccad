//! One stream while it lives: the task behind a controller. It owns whatever
//! the stream holds, so that all is free when it ends.

use std::{future::pending, pin::Pin, sync::Arc};

use iceflix_index::Index;
use iceflix_rtsp::{End, Event, Mount, Push};
use iceflix_service::token::Verdict;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use tracing::info;

use super::{
    Shared, host,
    life::{Life, Step, Why},
    servant::{Command, refusal},
    topic::SyncTopic,
};
use crate::library::told;

type Check = Pin<Box<dyn Future<Output = (Arc<str>, Verdict, Instant)> + Send>>;

/// A stream, or the offer of one.
pub(crate) struct Stream {
    /// Names it in logs: its identity is a key.
    pub(crate) number: u64,
    pub(crate) index: Arc<Index>,
    pub(crate) life: Life,
    pub(crate) topic: SyncTopic,
    pub(crate) commands: mpsc::Receiver<Command>,
    pub(crate) shared: Arc<Shared>,
    pub(crate) way: Way,
}

/// How the film gets to its viewer.
#[derive(Default)]
pub(crate) struct Way {
    push: Option<Push>,
    mount: Option<Mount>,
    /// RTSP sessions that play, one too many for each that paused.
    playing: usize,
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
    Pushed(Option<Event>),
    Mounted(Event),
    Time,
}

impl Stream {
    /// Lives until there is a reason to end, which it returns; nothing is sent
    /// any more then.
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
                event = pushed(&mut self.way.push) => Happening::Pushed(event),
                event = mounted(&mut self.way.mount) => Happening::Mounted(event),
                () = sleep_until(self.life.wake()) => Happening::Time,
                () = self.shared.stopping.cancelled() => break Why::ServiceStops,
            };
            let why = match happening {
                Happening::Command(Command::Stop(answer)) => {
                    stopped = Some(answer);
                    Some(Why::Stopped)
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
                Happening::Pushed(event) => self.push_event(event),
                Happening::Mounted(event) => self.mount_event(event),
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

    /// Answers that nobody waits for any more are dropped.
    fn carry_out(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Accept(token, answer) => {
                self.life.accept(token, now);
                let _ = answer.send(());
            }
            Command::Push { to, port, answer } => {
                let pushed = self
                    .shared
                    .server(|server| server.push(Arc::clone(&self.index), to, port));
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
                let url = self.shared.server(|server| {
                    let host = host::for_viewer(server.local_addr().ip(), viewer);
                    let host = host.map_err(|reason| refusal(self.number, reason))?;
                    let mount = self
                        .way
                        .mount
                        .get_or_insert_with(|| server.mount(Arc::clone(&self.index)));
                    info!(
                        stream = self.number,
                        mount = mount.number(),
                        "to be fetched by RTSP"
                    );
                    Ok(mount.url(&host))
                });
                self.life.present();
                let _ = answer.send(url.and_then(|url| url));
            }
            Command::Topic(answer) => {
                let (name, made) = (self.topic.name().to_owned(), self.topic.make());
                self.shared.tasks.spawn(async move {
                    made.await;
                    let _ = answer.send(name);
                });
            }
            Command::Doubt => self.life.doubt(now),
            // Those that may end the stream are not carried out here.
            Command::Revoked(_) | Command::Stop(_) => {}
        }
    }

    fn push_event(&mut self, event: Option<Event>) -> Option<Why> {
        let why = match event {
            Some(Event::Started) => return None,
            Some(Event::Finished) => Why::FilmOver,
            Some(Event::Ended(End::Failed(_))) => Why::Failed,
            Some(Event::Ended(_)) | None => Why::ViewerGone,
        };
        self.way.push = None;
        (self.way.playing == 0).then_some(why)
    }

    fn mount_event(&mut self, event: Event) -> Option<Why> {
        match event {
            Event::Started => {
                self.way.playing += 1;
                self.life.present();
            }
            // The player may go back to the beginning.
            Event::Finished => {}
            Event::Ended(End::Failed(_)) => return Some(Why::Failed),
            Event::Ended(end) => {
                self.way.playing = self.way.playing.saturating_sub(1);
                // Who said goodbye may play again, as long as the token is renewed.
                let vanished = !matches!(end, End::TornDown | End::Withdrawn);
                if vanished && self.way.playing == 0 && self.way.push.is_none() {
                    self.life.absent(Instant::now());
                }
            }
        }
        None
    }
}

async fn running(check: &mut Option<Check>) -> (Arc<str>, Verdict, Instant) {
    match check {
        Some(check) => check.await,
        None => pending().await,
    }
}

async fn pushed(push: &mut Option<Push>) -> Option<Event> {
    match push {
        Some(push) => push.next_event().await,
        None => pending().await,
    }
}

/// A mount has events as long as it is there.
async fn mounted(mount: &mut Option<Mount>) -> Event {
    if let Some(mount) = mount
        && let Some(event) = mount.next_event().await
    {
        return event;
    }
    pending().await
}
