//! Whatever the text is, the compiler ends with a report or with Rust, and never with a panic.

use std::path::PathBuf;

use proptest::prelude::*;
use slice2rs::diagnostic::{Severity, Style};
use slice2rs::source::Memory;
use slice2rs::{Compilation, Options, compile};

fn compile_text(text: &[u8]) -> Compilation {
    let files = Memory::new().with("Test.ice", text);
    let compilation = compile(&[PathBuf::from("Test.ice")], &Options::new(), &files);
    let report = compilation.report(Severity::Note, Style::Coloured);
    assert_eq!(
        compilation.rust.is_none(),
        compilation.diagnostics.has_errors(),
        "{report}"
    );
    compilation
}

/// The words of Slice, and some that make trouble.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::sample::select(vec![
            "module", "struct", "exception", "extends", "interface", "class", "enum", "sequence<",
            "dictionary<", "const", "local", "idempotent", "optional(1)", "out", "throws", "void", "int",
            "string", "double", "bool", "Object", "Object*", "{", "}", "};", ";", "(", ")", "<", ">", ",",
            "*", "=", "::", "[", "]", "[[", "]]", "\"x\"", "\"", "1", "-7", "0x1F", "2.5", "true",
        ]),
        4 => prop::sample::select(vec![
            "A", "B", "c", "self", "Self", "Vec", "String", "Result", "type", "to", "from",
        ]),
        1 => prop::sample::select(vec![
            "\n#include \"Test.ice\"\n", "\n#if 1\n", "\n#endif\n", "\n#else\n", "\n#define A\n", "/*", "*/",
            "/** @param x {@link", "///", "//", "\\", "\u{e9}", "\r", "\0", "\u{202e}",
        ]),
    ]
    .prop_map(str::to_owned)
}

/// Definitions that are mostly right, with names that repeat.
fn definition() -> impl Strategy<Value = String> {
    let name = || {
        prop::sample::select(vec![
            "A", "B", "C", "Option", "Vec", "Ok", "type", "gen", "E",
        ])
    };
    let of = || {
        prop::sample::select(vec![
            "int", "string", "bool", "A", "B", "C", "A*", "Option*", "Vec", "Object*", "type", "E",
            "double",
        ])
    };
    prop_oneof![
        (name(), of(), of()).prop_map(|(n, a, b)| format!("struct {n} {{ {a} to; {b} from; }}")),
        (name(), of()).prop_map(|(n, a)| format!("sequence<{a}> {n};")),
        (name(), of(), of()).prop_map(|(n, a, b)| format!("dictionary<{a}, {b}> {n};")),
        (name(), name(), of())
            .prop_map(|(n, b, a)| format!("exception {n} extends {b} {{ {a} slices; }}")),
        name().prop_map(|n| format!("exception {n} {{ }}")),
        name().prop_map(|n| format!("enum {n} {{ self, fn, x = 9, }}")),
        (name(), of()).prop_map(|(n, a)| format!("const {a} k{n} = 5;")),
        name().prop_map(|n| format!("interface {n};")),
        (name(), name(), of(), of(), name()).prop_map(|(n, base, a, b, thrown)| format!(
            "interface {n} extends {base} {{ {a} request({b} current, optional(2) {a} to, out {b} result) throws {thrown}; }}"
        )),
        (name(), of(), of()).prop_map(|(n, a, b)| format!(
            "interface {n} {{ optional(4) {a} op({b} servant, out optional(9) {b} from); void fn(); }}"
        )),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_taken(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        compile_text(&bytes);
    }

    #[test]
    fn any_text_is_taken(text in "\\PC{0,200}") {
        compile_text(text.as_bytes());
    }

    #[test]
    fn any_words_are_taken(words in prop::collection::vec(word(), 0..60)) {
        compile_text(words.join(" ").as_bytes());
    }

    #[test]
    fn what_is_generated_is_always_rust(definitions in prop::collection::vec(definition(), 0..8)) {
        let text = format!("module M {{ {} }}", definitions.join("\n"));
        if let Some(rust) = compile_text(text.as_bytes()).rust {
            prop_assert!(syn::parse_file(&rust).is_ok(), "{text}");
        }
    }
}

#[test]
fn deep_nesting_of_anything_does_not_exhaust_the_stack() {
    for opening in [
        "module M {",
        "(",
        "[",
        "[[",
        "{",
        "<",
        "sequence<",
        "struct S {",
        "/*",
        "#if (\n",
        "interface I { void f(",
        "#if !!!!!!!!!!!!!!!!\n",
        "\"",
        "\\",
        "::",
        "const int a = ",
    ] {
        compile_text(opening.repeat(20_000).as_bytes());
    }
}

#[test]
fn a_lot_that_is_inherited_is_refused_in_time() {
    let operations: String = (0..100)
        .map(|number| format!("void o{number}();"))
        .collect();
    let mut text = format!("module M {{ interface I0 {{ {operations} }}");
    for number in 1..3000 {
        text.push_str(&format!("interface I{number} extends I0 {{ }}\n"));
    }
    text.push('}');
    let compilation = compile_text(text.as_bytes());
    assert!(compilation.rust.is_none());
    let report = compilation.report(Severity::Error, Style::Plain);
    assert!(report.contains("more than 20000 methods"), "{report}");
}

#[test]
fn large_text_is_compiled_in_time() {
    let mut text = String::from("module M { ");
    for number in 0..500 {
        text.push_str(&format!(
            "exception E{number} extends E{} {{ string s{number}; }} struct S{number} {{ int a; string b; }}\n",
            number.max(1) - 1
        ));
    }
    // A chain that long is refused; what counts is that it is refused soon.
    assert!(compile_text(text.as_bytes()).rust.is_none());
}
