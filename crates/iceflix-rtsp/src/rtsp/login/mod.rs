//! Logging in (RFC 2326, appendix D; RFC 2617): who may see what is asked for by its public name.
//!
//! A login belongs to its connection, as sessions do. With Basic, the password is the token, and any
//! user name will do. With Digest, the server must know the password to check what is made of it; so
//! the user name is the token as well. Neither hides it from whoever reads along: for that there is
//! TLS. Players that know both take Digest.

mod credentials;
mod digest;

use std::collections::HashMap;
use std::time::Duration;

use rtsp_types::{Request, StatusCode, headers};
use subtle::ConstantTimeEq;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{sleep, timeout};

use self::credentials::Credentials;
use self::digest::{Doubt, Nonce};
use super::answer::{self, Answer};
use super::connection::Connection;
use super::dispatch::header;
use super::path::{Door, Target};
use crate::admission::{Claim, Pass, Refusal, Renewal, Token};

/// What players show beside the login box.
const REALM: &str = "IceFlix";

/// How long a wrong token is pondered: a guess costs its connection that much.
const AFTER_WRONG: Duration = Duration::from_millis(500);

/// How many wrong tokens a connection has before it is closed.
const MAX_WRONG: u32 = 5;

/// How many films a connection may be logged in to at the same time.
const MAX_LOGINS: usize = 4;

/// How many players may be waiting to be let in at the same time: for their token to be checked,
/// and for a film whose index is being begun.
pub(crate) const ADMISSIONS: usize = 64;

/// How long an answer about a token may take.
const ADMITTED_WITHIN: Duration = Duration::from_secs(5);

/// What a connection has logged in to, and its side of the next attempt.
#[derive(Default)]
pub(super) struct Logins {
    open: HashMap<String, Login>,
    nonce: Nonce,
    wrong: u32,
}

struct Login {
    token: Token,
    secret: String,
    renewals: mpsc::Sender<Renewal>,
}

impl Logins {
    /// The secret of the mount that a name leads to.
    pub(super) fn secret(&self, media: &str) -> Option<&str> {
        self.open.get(media).map(|login| login.secret.as_str())
    }

    /// Whether there were so many wrong tokens that the connection is to end.
    pub(super) fn is_hopeless(&self) -> bool {
        self.wrong >= MAX_WRONG
    }
}

impl Connection {
    /// Lets a request pass if it is none for a film by its name, or if its connection is logged in
    /// to that.
    ///
    /// # Errors
    ///
    /// The answer: 401 with what to log in by, as a rule.
    pub(super) async fn log_in(
        &mut self,
        request: &Request<Vec<u8>>,
        cseq: Option<u32>,
    ) -> Result<(), Answer> {
        let Some(Target {
            door: Door::Media(media),
            ..
        }) = request.request_uri().and_then(Target::read)
        else {
            return Ok(());
        };
        if self.shared.config.admission.is_none() {
            return Err(answer::plain(StatusCode::NotFound, cseq));
        }
        let shown = match header(request, &headers::AUTHORIZATION) {
            // The connection is what was let in; not every player repeats itself.
            None if self.is_admitted(&media) => return Ok(()),
            None => return Err(self.ask_who(false, cseq)),
            Some(shown) => Credentials::read(shown),
        };
        let token = match shown {
            Some(Credentials::Basic { password }) => Token::new(&password),
            Some(Credentials::Digest(digest)) => {
                match digest::check(&digest, request, &mut self.logins.nonce) {
                    Ok(()) => Token::new(&digest.username),
                    Err(doubt) => return Err(self.doubt(doubt, cseq).await),
                }
            }
            None => None,
        };
        let Some(token) = token else {
            return Err(self.doubt(Doubt::Wrong, cseq).await);
        };
        match self.show(media, token).await {
            Ok(()) => {
                self.logins.wrong = 0;
                Ok(())
            }
            Err(Refusal::Token) => Err(self.doubt(Doubt::Wrong, cseq).await),
            Err(refusal) => Err(answer::plain(status(refusal), cseq)),
        }
    }

    /// Whether the connection is logged in, and what it is logged in to is still there.
    fn is_admitted(&self, media: &str) -> bool {
        let secret = self.logins.secret(media);
        secret.is_some_and(|secret| self.shared.mounts.find(secret).is_some())
    }

    /// Shows a token to whoever decides, unless it was shown before.
    async fn show(&mut self, media: String, token: Token) -> Result<(), Refusal> {
        if self.is_admitted(&media)
            && let Some(login) = self.logins.open.get_mut(&media)
        {
            let same = login.token.as_str().as_bytes();
            if bool::from(same.ct_eq(token.as_str().as_bytes())) {
                return Ok(());
            }
            let (answer, answered) = oneshot::channel();
            let renewal = Renewal {
                token: token.clone(),
                answer,
            };
            let renewed = async {
                let gone = |_| Refusal::Token;
                login.renewals.send(renewal).await.map_err(gone)?;
                answered.await.unwrap_or(Err(Refusal::Token))
            };
            let renewed = timeout(ADMITTED_WITHIN, renewed).await;
            renewed.unwrap_or(Err(Refusal::Unavailable))?;
            login.token = token;
            return Ok(());
        }
        // Those whose film is gone are over, too.
        let mounts = &self.shared.mounts;
        let open = &mut self.logins.open;
        open.retain(|name, login| *name != media && mounts.find(&login.secret).is_some());
        if self.logins.open.len() >= MAX_LOGINS {
            return Err(Refusal::Full);
        }
        let Some(admission) = &self.shared.config.admission else {
            return Err(Refusal::Media);
        };
        let claim = Claim {
            media: media.clone(),
            token: token.clone(),
            viewer: self.peer,
        };
        // However many connections there are to guess on: only so many guesses at once.
        let asked = async {
            let _turn = self.shared.admissions.acquire().await;
            admission.admit(claim).await
        };
        let admitted = timeout(ADMITTED_WITHIN, asked).await;
        let Pass { path, renewals } = admitted.unwrap_or(Err(Refusal::Unavailable))?;
        tracing::info!(peer = %self.peer, "logged in with a token");
        let login = Login {
            token,
            secret: path.trim_start_matches('/').to_owned(),
            renewals,
        };
        self.logins.open.insert(media, login);
        Ok(())
    }

    /// What the answer to credentials is that prove nothing.
    async fn doubt(&mut self, doubt: Doubt, cseq: Option<u32>) -> Answer {
        if doubt == Doubt::Wrong {
            self.logins.wrong += 1;
            match self.logins.wrong {
                1 => tracing::info!(peer = %self.peer, "a login was refused"),
                again => tracing::debug!(peer = %self.peer, again, "a login was refused"),
            }
            sleep(AFTER_WRONG).await;
        }
        self.ask_who(doubt == Doubt::Stale, cseq)
    }

    /// Asks a player to log in.
    fn ask_who(&mut self, stale: bool, cseq: Option<u32>) -> Answer {
        let nonce = self.logins.nonce.renew();
        let stale = if stale { ", stale=true" } else { "" };
        let mut answer = answer::plain(StatusCode::Unauthorized, cseq);
        answer.challenges = vec![
            format!(
                "Digest realm=\"{REALM}\", nonce=\"{nonce}\", algorithm=MD5, qop=\"auth\"{stale}"
            ),
            format!("Basic realm=\"{REALM}\""),
        ];
        answer
    }
}

fn status(refusal: Refusal) -> StatusCode {
    match refusal {
        Refusal::Token => StatusCode::Unauthorized,
        Refusal::Media => StatusCode::NotFound,
        Refusal::Full => StatusCode::NotEnoughBandwidth,
        Refusal::Unavailable => StatusCode::ServiceUnavailable,
    }
}
