//! What `iceflix up` says when everything runs.

use std::{ffi::OsStr, path::Path};

use iceflix_client::DEFAULT_MAIN;
use iceflix_service::Settings;

use super::{children::Child, first_start::FirstUser};

/// Prints what runs, and what to type next, with this program called as it was
/// called here.
pub(super) fn print(
    settings: &Settings,
    children: &[Child],
    logs: &Path,
    first_user: Option<&FirstUser>,
) {
    let program = std::env::args_os().next();
    let program = program.as_deref().and_then(OsStr::to_str);
    let program = program.unwrap_or("iceflix");
    let (client, status) = match elsewhere(settings, children) {
        Some(main) => (
            format!("{program} client '{main}'"),
            format!("{program} status '{main}'"),
        ),
        None => (format!("{program} client"), format!("{program} status")),
    };
    println!("IceFlix is up. Its logs are in {}.", logs.display());
    if let Some(FirstUser { name, password }) = first_user {
        println!();
        println!("    user      {name}");
        println!("    password  {}", password.as_str());
        println!("              (shown this once; `{program} user passwd {name}` sets another)");
    }
    let user = first_user.map_or("NAME", |user| user.name);
    println!();
    println!("Type next, in another terminal:");
    println!();
    println!("    {client} search                     # what there is");
    println!("    {client} play TITLE --user {user}   # watch it in a window");
    println!("    {client} url TITLE --user {user}    # an address for VLC, mpv or any player");
    println!(
        "    {status}                            # which services are there, and how they are"
    );
    println!();
    println!("Ctrl-C stops all of it.");
}

/// The proxy of Main, where the client would not look for it by itself.
fn elsewhere<'a>(settings: &Settings, children: &'a [Child]) -> Option<&'a str> {
    let default = DEFAULT_MAIN.split_once(':').map_or("", |(_, rest)| rest);
    if settings.ice("MainAdapter.Endpoints", default) == default {
        return None;
    }
    let main = children.iter().find(|child| child.name() == "main")?;
    Some(&main.ready_line)
}
