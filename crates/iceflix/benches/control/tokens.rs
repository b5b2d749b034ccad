//! Ten thousand live tokens, and how late a subscriber hears of their ends.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream};
use ice::Current;
use iceflix_client::password;
use iceflix_slice::{AuthenticatorPrx, TokenRevocation, TokenRevocationServant};
use iceflix_testkit::{
    Platform,
    peer::Peer,
    platform::{PASSWORD, USER},
};
use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::timeout,
};

use crate::{
    ICEFLIX,
    figures::{milliseconds, progress, row, spread},
};

const TOKENS: usize = 10_000;
/// Long enough that all are alive before the first ends.
const LIFETIME: Duration = Duration::from_secs(30);
/// How many logins are under way at a time.
const LOGINS_AT_ONCE: usize = 64;
/// How long after its time a revocation is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// A token that ended.
struct End {
    asked: Instant,
    heard: Instant,
}

struct Revocations(UnboundedSender<(String, Instant)>);

impl TokenRevocation for Revocations {
    async fn revoke(&self, authentication: String, _: &Current) -> Result<(), ice::Error> {
        // The measurement may be over.
        let _ = self.0.send((authentication, Instant::now()));
        Ok(())
    }
}

pub(crate) fn measure() {
    let platform = Platform::start(ICEFLIX);
    let main = platform.service(&["main"]);
    let lifetime = format!(
        "--IceFlix.Authentication.TokenLifetime={}",
        LIFETIME.as_secs()
    );
    let _auth = platform.service(&["auth", &lifetime]);
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut peer = Peer::join(&platform);
        let (sender, mut revoked) = unbounded_channel();
        peer.listen(
            "AuthenticationStatus",
            TokenRevocationServant::new(Revocations(sender)),
        )
        .await;
        let authenticator = peer.authenticator(&peer.proxy(&main.proxy)).await;

        let issued = issue(&authenticator).await;
        progress("the ends of all of them");
        // Nobody here knows the moment between question and answer at which a token began to live: the lateness
        // that is shown is too high by what the login took.
        let ends = receive(&mut revoked, issued).await;
        let late = ends
            .iter()
            .map(|end| end.heard.saturating_duration_since(end.asked + LIFETIME))
            .collect();
        row(
            "tokens whose ends are published",
            format!("{} of {TOKENS}", ends.len()),
            "all",
        );
        show("from the end of a token to its subscribers", late, "200 ms");

        let issued = issue(&authenticator).await;
        progress("the user is removed");
        let removed = Instant::now();
        assert!(platform.run(&["user", "remove", USER]).status.success());
        let ends = receive(&mut revoked, issued).await;
        let after = ends.iter().map(|end| end.heard - removed).collect();
        show("from `user remove` to the ends of 10,000 tokens", after, "");
        peer.communicator.destroy().await;
    });
}

/// Logs in until there are enough tokens; says when each was asked for.
async fn issue(authenticator: &AuthenticatorPrx) -> HashMap<String, Instant> {
    progress(format!("{TOKENS} logins"));
    let hash = password::hash(PASSWORD);
    // The first pays the slow hash; the others are known by it.
    authenticator
        .refresh_authorization(USER, &hash)
        .await
        .unwrap();
    let begun = Instant::now();
    let issued: HashMap<String, Instant> = stream::iter(0..TOKENS)
        .map(async |_| {
            let begun = Instant::now();
            let token = authenticator.refresh_authorization(USER, &hash).await;
            (token.unwrap(), begun)
        })
        .buffer_unordered(LOGINS_AT_ONCE)
        .collect()
        .await;
    let rate = TOKENS as f64 / begun.elapsed().as_secs_f64();
    row(
        "logins of a known user, 64 in flight",
        format!("{rate:.0}/s"),
        "",
    );
    issued
}

/// When the end of each of these tokens was heard, for those of which it comes in time.
async fn receive(
    revoked: &mut UnboundedReceiver<(String, Instant)>,
    mut issued: HashMap<String, Instant>,
) -> Vec<End> {
    let mut ends = Vec::new();
    while !issued.is_empty()
        && let Ok(Some((token, heard))) = timeout(LIFETIME + PATIENCE, revoked.recv()).await
    {
        if let Some(asked) = issued.remove(&token) {
            ends.push(End { asked, heard });
        }
    }
    ends
}

fn show(what: &str, times: Vec<Duration>, wanted: &str) {
    let [median, most, longest] = spread(times);
    row(&format!("{what}: median"), milliseconds(median), "");
    row("    99 of 100 within", milliseconds(most), "");
    row("    the longest", milliseconds(longest), wanted);
}
