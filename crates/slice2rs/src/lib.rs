//! Slice text to Rust source, for build scripts and as a command; needs no Ice.
//!
//! Slice is the language in which ZeroC Ice describes interfaces. This crate reads the whole of Slice 3.7 but class
//! values, and writes for each interface a proxy with async methods and a trait to implement, for each struct, enumeration,
//! exception, sequence, dictionary and constant its Rust counterpart. What it writes speaks to the crate `ice`.
//!
//! In a build script:
//!
//! ```no_run
//! fn main() -> Result<(), slice2rs::Error> {
//!     slice2rs::Builder::new()
//!         .include("/usr/share/ice/slice")
//!         .extern_module("::Ice", "ice")
//!         .compile(&["slice/Hello.ice"])
//! }
//! ```
//!
//! and in the crate: `include!(concat!(env!("OUT_DIR"), "/Hello.rs"));`.
//!
//! The phases are the folders: [`source`] holds text, `preprocess` and `lex` make words of it, `parse` a tree, `resolve`
//! a `model` in which every name is known, `check` applies the rules, `emit` writes Rust. What each has to say is a
//! [`diagnostic`]. This crate must never know what bytes look like on the wire, beyond the order of values and the formats
//! of optional ones: that is the runtime's business.
//!
//! # The mapping
//!
//! | Slice | Rust |
//! | --- | --- |
//! | `module IceFlix` | `pub mod ice_flix`, modules that are opened again are one |
//! | `bool byte short int long float double string` | `bool u8 i16 i32 i64 f32 f64 String` |
//! | `sequence<T> Name`, `dictionary<K, V> Name` | `pub type Name = Vec<T>`, `= BTreeMap<K, V>` |
//! | `struct`, `enum`, `const` | `pub struct` with public fields, `#[repr(i32)] pub enum`, `pub const` |
//! | `exception E extends B` | `pub struct E` with all members, an `Error`; `From<E> for B` |
//! | `T*`, `Object*` | `Option<TPrx>`, `Option<ice::ObjectPrx>` |
//! | `interface T` | `TPrx` to call one, `trait T` to implement one, `TServant` to make the implementation callable |
//! | an operation that throws | `Result<_, t::OperationError>`, an enum of its own in the module `t` of the interface |
//! | several results | a tuple: the return value, then the `out` parameters |
//! | `optional(1) T` | `Option<T>` |
//!
//! The guide of the mapping, `docs/slice-mapping.md` in the repository, has each construct with examples.
//!
//! Modules, operations, parameters and members are in `snake_case`, enumerators in `CamelCase`, constants in
//! `SCREAMING_CASE`; types keep their name. Acronyms are words: `getSSLInfo` is `get_ssl_info`, `IDs` is `ids`. A
//! keyword becomes `r#keyword`, or `keyword_` where Rust has no raw form of it (`self`, `Self`, `super`, `crate`). A
//! name that is taken then gets underscores at its end; names that Slice gives come before those that are derived
//! from them.
//!
//! Everything in the files that are named is generated, and of included files what that needs. `local` definitions never
//! travel and are passed over. A class with operations and without members is an interface; other classes are
//! refused, or with [`Builder::without_class_values`] left out along with what needs them.

mod builder;
mod check;
mod compilation;
pub mod diagnostic;
mod emit;
mod lex;
mod model;
mod parse;
mod preprocess;
mod resolve;
pub mod source;

pub use builder::{Builder, Error};
pub use compilation::{Compilation, Options, compile};
