//! The store on real databases: logins, tokens, edits made beside a running service, clocks, and what goes wrong.

mod broken_file;
mod broken_server;
mod clocks;
mod edits;
mod logins;
mod old;
mod site;
mod tokens;
