//! What the compiler says about text that is wrong, as the user reads it.

mod files;
mod inheritance;
mod limits;
mod metadata;
mod names;
mod syntax;
mod types;
mod values;

use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Memory;
use slice2rs::{Options, compile};

/// All that is said about a file `Test.ice` of this text.
fn report(text: &str) -> String {
    report_on(Memory::new().with("Test.ice", text), &Options::new())
}

fn report_on(files: Memory, options: &Options) -> String {
    compile(&["Test.ice".into()], options, &files).report(Severity::Note, Style::Plain)
}
