//! Slice names as Rust names.
//!
//! The rule, in the words of the guide: a word begins at a capital letter behind a small letter or a digit, and at the last
//! of several capitals where a small letter follows (`SSLInfo` is `ssl_info`). Digits belong to the word before them. The
//! plural of an acronym is one word (`IDs` is `ids`), and so is each of [`MIXED`] (`theQoS` is `the_qos`). Modules, operations, parameters and members are in `snake_case`, enumerators in
//! `CamelCase`, constants in `SCREAMING_CASE`, types keep their name. A keyword of Rust becomes `r#keyword`, or
//! `keyword_` where Rust has no raw form of it. What then has a name that is taken gets underscores at its end; names
//! that Slice gives come before those that are derived from them (`...Prx`, `...Servant`, the module of an interface).

use std::collections::HashSet;

use heck::{ToShoutySnakeCase, ToSnakeCase, ToUpperCamelCase};
use proc_macro2::{Ident, Span};

/// The identifier that is spelled `name`, which may be a raw one already.
pub(super) fn ident(name: &str) -> Ident {
    let name = name.strip_prefix("r#").unwrap_or(name);
    if matches!(name, "self" | "Self" | "super" | "crate" | "_") {
        return Ident::new(&format!("{name}_"), Span::call_site());
    }
    // A keyword from edition 2024 on, and allowed as a raw name in all.
    let is_keyword = name == "gen" || syn::parse_str::<Ident>(name).is_err();
    if !is_keyword {
        Ident::new(name, Span::call_site())
    } else {
        Ident::new_raw(name, Span::call_site())
    }
}

pub(super) fn snake(name: &str) -> String {
    nonempty(regular(name).to_snake_case(), name)
}

pub(super) fn camel(name: &str) -> String {
    nonempty(regular(name).to_upper_camel_case(), name)
}

pub(super) fn shouting(name: &str) -> String {
    nonempty(regular(name).to_shouty_snake_case(), name)
}

/// Acronyms with small letters in them, which would fall apart. Who adds one renames what is generated from it.
const MIXED: [&str; 11] = [
    "DoS", "GHz", "IPv4", "IPv6", "IoT", "MHz", "OAuth", "PoE", "QoS", "VoD", "VoIP",
];

/// The name with a single capital letter at the start of each acronym that has small letters in it.
fn regular(name: &str) -> String {
    let mut regular = String::with_capacity(name.len());
    let mut rest = name;
    while let Some(first) = rest.chars().next() {
        let begins = !regular.ends_with(|c: char| c.is_ascii_uppercase());
        match mixed(rest).or_else(|| plural(rest)).filter(|_| begins) {
            Some(length) => {
                regular.push(first);
                regular.push_str(&rest[1..length].to_ascii_lowercase());
                rest = &rest[length..];
            }
            None => {
                regular.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    regular
}

/// The length of the acronym of [`MIXED`] that stands here.
fn mixed(text: &str) -> Option<usize> {
    let known = MIXED.iter().find(|known| text.starts_with(**known))?;
    ends_word(&text[known.len()..]).then_some(known.len())
}

/// The length of the acronym in the plural that stands here: capitals, and then an `s` by itself.
fn plural(text: &str) -> Option<usize> {
    let capitals = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let behind = text[capitals..].strip_prefix('s')?;
    (capitals > 1 && ends_word(behind)).then_some(capitals + 1)
}

fn ends_word(behind: &str) -> bool {
    !behind.starts_with(|c: char| c.is_ascii_lowercase())
}

fn nonempty(converted: String, name: &str) -> String {
    if converted.is_empty() {
        name.to_owned()
    } else {
        converted
    }
}

/// The types of Rust that generated code names without a path: what is called the same would hide them.
const PRIMITIVES: [&str; 9] = [
    "bool", "f32", "f64", "i16", "i32", "i64", "str", "u8", "usize",
];

/// The names of one place, each once.
#[derive(Debug, Default)]
pub(super) struct Taken {
    names: HashSet<String>,
}

impl Taken {
    /// The names of a module, where those of the primitive types are not free.
    pub(super) fn in_module() -> Self {
        Self {
            names: PRIMITIVES.map(str::to_owned).into(),
        }
    }

    /// `wanted`, or as many underscores behind it as it needs to be new.
    pub(super) fn claim(&mut self, wanted: &str) -> Ident {
        let mut name = wanted.to_owned();
        while !self.names.insert(ident(&name).to_string()) {
            name.push('_');
        }
        ident(&name)
    }
}

/// `wanted`, or as many underscores behind it as it needs to differ from all of `used`.
pub(super) fn fresh<'a>(wanted: &str, used: impl IntoIterator<Item = &'a Ident>) -> Ident {
    let used: Vec<&Ident> = used.into_iter().collect();
    let mut name = ident(wanted);
    while used.iter().any(|one| **one == name) {
        name = ident(&format!("{name}_"));
    }
    name
}

/// Names for a list of things, each told from those before it.
pub(super) fn distinct<'a>(
    names: impl IntoIterator<Item = &'a str>,
    convert: fn(&str) -> String,
) -> Vec<Ident> {
    let mut taken = Taken::default();
    names
        .into_iter()
        .map(|name| taken.claim(&convert(name)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Taken, camel, distinct, ident, shouting, snake};

    #[test]
    fn names_follow_the_customs_of_rust() {
        assert_eq!(snake("getSDP"), "get_sdp");
        assert_eq!(snake("includeAllTags"), "include_all_tags");
        assert_eq!(snake("IceMX"), "ice_mx");
        assert_eq!(snake("getSSLInfo2D"), "get_ssl_info2_d");
        assert_eq!(snake("sha256Sum"), "sha256_sum");
        assert_eq!(camel("ACMOff"), "AcmOff");
        assert_eq!(camel("red"), "Red");
        assert_eq!(shouting("MaxSize"), "MAX_SIZE");
    }

    #[test]
    fn acronyms_with_small_letters_are_one_word() {
        assert_eq!(snake("theQoS"), "the_qos");
        assert_eq!(snake("QoSPolicy"), "qos_policy");
        assert_eq!(camel("IPv6Only"), "Ipv6Only");
        assert_eq!(shouting("MaxIDs"), "MAX_IDS");
        assert_eq!(snake("URLsOfIDs2"), "urls_of_ids2");
        assert_eq!(snake("opStringSOneway"), "op_string_s_oneway");
        assert_eq!(snake("AQoSome"), "a_qo_some");
        assert_eq!(snake("IsA"), "is_a");
    }

    #[test]
    fn keywords_become_raw_or_get_an_underscore() {
        assert_eq!(ident("type").to_string(), "r#type");
        assert_eq!(ident("gen").to_string(), "r#gen");
        assert_eq!(ident("self").to_string(), "self_");
        assert_eq!(ident("Self").to_string(), "Self_");
        assert_eq!(ident("plain").to_string(), "plain");
        assert_eq!(ident("r#type").to_string(), "r#type");
        assert_eq!(Taken::default().claim("r#fn").to_string(), "r#fn");
    }

    #[test]
    fn a_name_that_is_taken_gets_underscores() {
        let mut taken = Taken::default();
        assert_eq!(taken.claim("MediaServant").to_string(), "MediaServant");
        assert_eq!(taken.claim("MediaServant").to_string(), "MediaServant_");
        let both = distinct(["fooBar", "foo_bar"], snake);
        assert_eq!(both[1].to_string(), "foo_bar_");
    }
}
