//! `iceflix user`: who may log in.

mod list;

use anyhow::Context as _;
use iceflix_auth::store::{
    Users,
    user::{Hash, Name},
};
use iceflix_client::password::Source;
use iceflix_service::settings::Settings;

use crate::cli::User;

/// Carries out one change, or lists.
///
/// # Errors
///
/// Where the database or the change is refused.
pub(super) fn run(settings: &Settings, action: User) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let users = open(settings).await?;
        match action {
            User::Add { name } => {
                let name = Name::parse(&name)?;
                users.add(&name, &new_hash(&name)?).await?;
                println!("{name} can log in now.");
            }
            User::Passwd { name } => {
                let name = Name::parse(&name)?;
                users.change_password(&name, &new_hash(&name)?).await?;
                println!("{name} has a new password; whoever was logged in with the old one is logged out.");
            }
            User::Remove { name } => {
                let name = Name::parse(&name)?;
                users.remove(&name).await?;
                println!("{name} is removed and logged out.");
            }
            User::Lock { name } => {
                let name = Name::parse(&name)?;
                users.lock(&name).await?;
                println!("{name} is locked and logged out.");
            }
            User::Unlock { name } => {
                let name = Name::parse(&name)?;
                users.unlock(&name).await?;
                println!("{name} can log in again.");
            }
            User::List { json } => list::print(&users.list().await?, json)?,
        }
        users.close().await;
        Ok(())
    })
}

/// Asks for a new password of this user.
fn new_hash(name: &Name) -> anyhow::Result<Hash> {
    let hash = Source::choose(None).ask_new(name.as_str())?;
    Hash::parse(&hash).context("the hash of a password has an odd shape")
}

/// The users of the database that the Authentication service would use.
///
/// # Errors
///
/// Where it cannot be opened.
pub(super) async fn open(settings: &Settings) -> anyhow::Result<Users> {
    Ok(Users::open(&iceflix_auth::database(settings)?).await?)
}
