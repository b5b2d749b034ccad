//! What `iceflix up` says when everything runs.

use std::path::Path;

use super::{children::Child, first_start::FirstUser};

/// Prints what runs, and what to type next.
pub(super) fn print(children: &[Child], logs: &Path, first_user: Option<&FirstUser>) {
    let main = children
        .iter()
        .find(|child| child.name() == "main")
        .map_or("", |child| child.ready_line.as_str());
    println!("IceFlix is up. Its logs are in {}.", logs.display());
    if let Some(FirstUser { name, password }) = first_user {
        println!();
        println!("    user      {name}");
        println!("    password  {}", password.as_str());
        println!("              (shown this once; another: iceflix user passwd {name})");
    }
    let user = first_user.map_or("NAME", |user| user.name);
    println!();
    println!("In another terminal:");
    println!();
    println!("    iceflix client search                        what there is");
    println!("    iceflix client play TITLE --user {user:<10}  watch it here");
    println!(
        "    iceflix client url TITLE --user {user:<10}   an address for VLC, mpv or any other player"
    );
    println!();
    println!("Elsewhere, name the door: iceflix client '{main}' search");
    println!("Ctrl-C stops all of it.");
}
