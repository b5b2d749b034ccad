//! Files, includes and directives.

use insta::assert_snapshot;
use slice2rs::Options;
use slice2rs::source::Memory;

use crate::{report, report_on};

#[test]
fn a_file_that_is_not_there_is_named() {
    assert_snapshot!(report_on(Memory::new(), &Options::new()), @"error: `Test.ice` cannot be read: there is no such file");
}

#[test]
fn an_include_that_is_not_found_says_where_it_was_looked_for() {
    let mut options = Options::new();
    options.include("slice").include("more");
    let files = Memory::new().with("Test.ice", "#include \"Missing.ice\"\nmodule M { };");
    assert_snapshot!(report_on(files, &options), @r#"
    error: `Missing.ice` is not found
     --> Test.ice:1:1
      |
    1 | #include "Missing.ice"
      | ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: looked for `Missing.ice`, `slice/Missing.ice`, `more/Missing.ice`; name its directory with `-I DIR`
    "#);
}

#[test]
fn an_include_without_directories_says_what_to_do() {
    assert_snapshot!(report("#include <Missing.ice>"), @"
    error: `Missing.ice` is not found
     --> Test.ice:1:1
      |
    1 | #include <Missing.ice>
      | ^^^^^^^^^^^^^^^^^^^^^^
      |
      = help: name the directory that it is in as include directory (`-I DIR`)
    ");
}

#[test]
fn a_file_that_includes_itself_ends() {
    assert_snapshot!(report("#include \"Test.ice\"\nmodule M { };"), @r#"
    error: `Test.ice` is included over and over again
     --> Test.ice:1:1
      |
    1 | #include "Test.ice"
      | ^^^^^^^^^^^^^^^^^^^
      |
      = help: begin the included file with `#pragma once`
    "#);
}

#[test]
fn includes_that_double_at_every_step_end() {
    let mut files = Memory::new().with("Test.ice", "#include \"0.ice\"");
    for step in 0..40 {
        let next = step + 1;
        let text = format!("#include \"{next}.ice\"\n#include \"{next}.ice\"\n");
        files = files.with(format!("{step}.ice"), text);
    }
    let report = report_on(files.with("40.ice", ""), &Options::new());
    assert!(report.contains("over and over again"), "{report}");
}

#[test]
fn guards_and_pragma_once_let_a_file_in_once() {
    let files = Memory::new()
        .with("Test.ice", "#include \"A.ice\"\n#include \"B.ice\"\n#include \"./A.ice\"\nmodule M { struct S { A::T t; B::U u; }; };")
        .with("A.ice", "#pragma once\n#include \"B.ice\"\nmodule A { struct T { int x; }; };")
        .with("B.ice", "#ifndef B_ICE\n#define B_ICE\n#include \"A.ice\"\nmodule B { struct U { int x; }; };\n#endif\n");
    assert_eq!(report_on(files, &Options::new()), "");
}

#[test]
fn a_file_without_a_guard_is_told_to_have_one() {
    let files = Memory::new()
        .with("Test.ice", "#include \"A.ice\"\n#include \"A.ice\"\n")
        .with("A.ice", "module A { struct T { int x; }; };");
    assert_snapshot!(report_on(files, &Options::new()), @"
    error: `T` is defined twice
     --> A.ice:1:19
      |
    1 | module A { struct T { int x; }; };
      |                   ^
      |
     ::: A.ice:1:19
      |
    1 | module A { struct T { int x; }; };
      |                   - first defined here
      |
      = help: begin files that are included with `#pragma once`
    ");
}

#[test]
fn a_mistake_in_an_included_file_is_shown_there() {
    let files = Memory::new()
        .with("Test.ice", "#include \"A.ice\"\n")
        .with("A.ice", "module A {\n    struct T { int };\n};");
    assert_snapshot!(report_on(files, &Options::new()), @"
    error: expected the name of a member, found `}`
     --> A.ice:2:20
      |
    2 |     struct T { int };
      |                    ^ expected the name of a member
    ");
}

#[test]
fn text_that_is_not_utf_8_is_named_with_its_line() {
    let files = Memory::new().with("Test.ice", b"module M {\n// \xff\n};".to_vec());
    assert_snapshot!(report_on(files, &Options::new()), @"error: `Test.ice` cannot be read: line 2 is not UTF-8 text");
}

#[test]
fn conditions_choose_what_is_read() {
    let text = "
#if defined(__SLICE2RS__) && ICE_VERSION >= 30700
module Chosen { struct S { int x; }; };
#elif defined(OTHER)
this is not Slice
#else
neither is this
#endif
#ifdef OTHER
nor this
#endif
";
    assert_eq!(report(text), "");
}

#[test]
fn a_condition_that_never_ends_is_shown_where_it_begins() {
    assert_snapshot!(report("#ifdef A\nmodule M { };\n"), @"
    error: this condition never ends
     --> Test.ice:1:1
      |
    1 | #ifdef A
      | ^^^^^^^^
      |
      = help: close it with `#endif`
    ");
}

#[test]
fn a_condition_that_makes_no_sense_is_refused() {
    assert_snapshot!(report("#if 1 +\n#endif\n#endif\n#else\n"), @"
    error: this condition cannot be read: `+` is left over
     --> Test.ice:1:1
      |
    1 | #if 1 +
      | ^^^^^^^

    error: there is no `#if` that this `#endif` could close
     --> Test.ice:3:1
      |
    3 | #endif
      | ^^^^^^

    error: there is no `#if` that this `#else` could belong to
     --> Test.ice:4:1
      |
    4 | #else
      | ^^^^^
    ");
}

#[test]
fn a_macro_that_is_used_wrongly_is_shown_with_its_definition() {
    assert_snapshot!(report("#define F(x) x\nmodule M { const int Max = F(1, 2); };"), @"
    error: the macro `F` is given 2 arguments, and takes 1
     --> Test.ice:2:28
      |
    1 | #define F(x) x
      | -------------- defined here
    2 | module M { const int Max = F(1, 2); };
      |                            ^

    error: expected the value of the constant, found `;`
     --> Test.ice:2:35
      |
    2 | module M { const int Max = F(1, 2); };
      |                                   ^ expected the value of the constant
    ");
}

#[test]
fn a_macro_that_stands_for_no_slice_is_refused_where_it_is_used() {
    assert_snapshot!(report("#define TEXT a#b\nmodule M { const int Max = TEXT; };"), @"
    error: what the macro `TEXT` stands for is not Slice: the character '#' is not part of Slice
     --> Test.ice:2:28
      |
    1 | #define TEXT a#b
      | ---------------- defined here
    2 | module M { const int Max = TEXT; };
      |                            ^^^^

    error: expected the value of the constant, found `;`
     --> Test.ice:2:32
      |
    2 | module M { const int Max = TEXT; };
      |                                ^ expected the value of the constant
    ");
}

#[test]
fn macros_that_never_end_are_refused() {
    let mut text = String::from("#define X0 a a\n");
    for number in 1..40 {
        let before = number - 1;
        text.push_str(&format!("#define X{number} X{before} X{before}\n"));
    }
    let report = report(&format!("{text}module M {{ X39 }}"));
    assert!(report.contains("the macro `X"), "{report}");
    assert!(report.contains("becomes more and more words"), "{report}");
}

#[test]
fn directives_that_are_not_known_are_refused() {
    assert_snapshot!(report("#embed \"x\"\n#error not today\n"), @r#"
    error: `#embed` is not a directive
     --> Test.ice:1:1
      |
    1 | #embed "x"
      | ^^^^^^^^^^

    error: the file itself reports: not today
     --> Test.ice:2:1
      |
    2 | #error not today
      | ^^^^^^^^^^^^^^^^
    "#);
}
