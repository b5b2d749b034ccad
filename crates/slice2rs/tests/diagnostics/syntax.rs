//! Text that is not Slice.

use insta::assert_snapshot;

use crate::report;

#[test]
fn a_missing_semicolon_is_shown_where_it_belongs() {
    assert_snapshot!(report(r"
module M {
    struct S { int x }
};
"), @"
    error: a member ends with `;`, but `}` follows
     --> Test.ice:3:20
      |
    3 |     struct S { int x }
      |                    ^ `;` is missing behind this
    ");
}

#[test]
fn two_mistakes_are_reported_in_one_run() {
    assert_snapshot!(report(r"
module M {
    struct A { int };
    struct B { int x; ; };
};
"), @"
    error: expected the name of a member, found `}`
     --> Test.ice:3:20
      |
    3 |     struct A { int };
      |                    ^ expected the name of a member

    error: expected a type, found `;`
     --> Test.ice:4:23
      |
    4 |     struct B { int x; ; };
      |                       ^ expected a type
    ");
}

#[test]
fn a_keyword_as_a_name_is_told_how_to_be_one() {
    assert_snapshot!(report("module M { struct S { int module; }; };"), @r"
    error: `module` is a keyword of Slice and cannot name a member
     --> Test.ice:1:27
      |
    1 | module M { struct S { int module; }; };
      |                           ^^^^^^
      |
      = help: write `\module` to use it as a name all the same
    ");
}

#[test]
fn a_comment_that_never_ends_is_shown_where_it_begins() {
    assert_snapshot!(report("module M { /* struct S { int x; }; };"), @"
    error: this comment never ends
     --> Test.ice:1:12
      |
    1 | module M { /* struct S { int x; }; };
      |            ^^
      |
      = help: close it with `*/`

    error: the module `M` is never closed
     --> Test.ice:1:8
      |
    1 | module M { /* struct S { int x; }; };
      |        ^
      |
      = help: a `}` is missing at the end
    ");
}

#[test]
fn a_string_ends_on_its_line() {
    assert_snapshot!(report(r#"
module M {
    const string s = "a
    b";
};
"#), @r#"
    error: this string does not end on its line
     --> Test.ice:3:22
      |
    3 |     const string s = "a
      |                      ^
      |
      = help: close it with `"`; a line break inside is written `\n`

    error: this string does not end on its line
     --> Test.ice:4:6
      |
    4 |     b";
      |      ^
      |
      = help: close it with `"`; a line break inside is written `\n`

    error: a constant ends with `;`, but `b` follows
     --> Test.ice:3:23
      |
    3 |     const string s = "a
      |                       ^ `;` is missing behind this
    "#);
}

#[test]
fn an_unknown_escape_is_shown() {
    assert_snapshot!(report(r#"module M { const string s = "a\qb\u12"; };"#), @r#"
    warning: `\q` is not an escape of Slice, and stands for itself
     --> Test.ice:1:31
      |
    1 | module M { const string s = "a\qb\u12"; };
      |                               ^^
      |
      = help: a backslash is written `\\`

    error: `\u` wants 4 digits
     --> Test.ice:1:34
      |
    1 | module M { const string s = "a\qb\u12"; };
      |                                  ^^^^
    "#);
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert_snapshot!(report(r#"module M { const string s = "\xff"; };"#), @r#"
    error: the bytes of this string are not UTF-8; write the character itself, or `\u`
     --> Test.ice:1:29
      |
    1 | module M { const string s = "\xff"; };
      |                             ^^^^^^
    "#);
}

#[test]
fn a_number_out_of_range_is_refused() {
    assert_snapshot!(report("module M { const long l = 9223372036854775808; };"), @"
    error: `9223372036854775808` is not a number: it does not fit a `long`, which ends at 9223372036854775807
     --> Test.ice:1:27
      |
    1 | module M { const long l = 9223372036854775808; };
      |                           ^^^^^^^^^^^^^^^^^^^
    ");
}

#[test]
fn an_octal_number_has_octal_digits() {
    assert_snapshot!(report("module M { const int i = 09; };"), @"
    error: `09` is not a number: what begins with 0 is octal, with the digits 0 to 7
     --> Test.ice:1:26
      |
    1 | module M { const int i = 09; };
      |                          ^^
    ");
}

#[test]
fn a_stray_character_is_shown() {
    assert_snapshot!(report("module M { struct S { int größe; }; };"), @"
    error: the character 'ö' is not part of Slice
     --> Test.ice:1:29
      |
    1 | module M { struct S { int größe; }; };
      |                             ^^^
      |
      = help: names are made of the letters a to z, A to Z and digits
    ");
}

#[test]
fn a_nested_module_is_written_in_two_steps() {
    assert_snapshot!(report("module A::B { struct S { int x; }; };"), @"
    error: one module is opened at a time
     --> Test.ice:1:9
      |
    1 | module A::B { struct S { int x; }; };
      |         ^^
      |
      = help: write `module A { module ... { ... } }`
    ");
}

#[test]
fn a_type_without_a_name_is_told_to_get_one() {
    assert_snapshot!(report("module M { sequence<sequence<int>> Rows; };"), @"
    error: a sequence holds types that have a name
     --> Test.ice:1:21
      |
    1 | module M { sequence<sequence<int>> Rows; };
      |                     ^^^^^^^^
      |
      = help: define the inner type first, `sequence<int> Row;`, then use its name
    ");
}

#[test]
fn a_struct_cannot_be_declared_ahead() {
    assert_snapshot!(report("module M { struct S; };"), @"
    error: expected `{` (a struct cannot be declared ahead of its definition), found `;`
     --> Test.ice:1:20
      |
    1 | module M { struct S; };
      |                    ^ expected `{` (a struct cannot be declared ahead of its definition)
    ");
}

#[test]
fn a_module_that_is_never_closed_is_named() {
    assert_snapshot!(report(r"
module M {
    struct S { int x; };

"), @"
    error: the module `M` is never closed
     --> Test.ice:2:8
      |
    2 | module M {
      |        ^
      |
      = help: a `}` is missing at the end
    ");
}

#[test]
fn a_brace_that_closes_nothing_is_shown() {
    assert_snapshot!(report(r"
module M { };
};
"), @"
    error: `}` closes nothing
     --> Test.ice:3:1
      |
    3 | };
      | ^
    ");
}

#[test]
fn something_outside_of_a_module_is_refused() {
    assert_snapshot!(report("struct S { int x; };"), @"
    error: `S` is outside of any module
     --> Test.ice:1:8
      |
    1 | struct S { int x; };
      |        ^
      |
      = help: put it into `module NAME { ... }`
    ");
}

#[test]
fn parameters_that_go_in_come_first() {
    assert_snapshot!(report("module M { interface I { void f(out int a, int b); }; };"), @"
    error: `b` goes in, and stands behind one that goes out
     --> Test.ice:1:48
      |
    1 | module M { interface I { void f(out int a, int b); }; };
      |                                         -      ^
      |                                         |
      |                                         the first that goes out
      |
      = help: move it before all `out` parameters
    ");
}
