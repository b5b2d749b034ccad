//! Metadata.

use insta::assert_snapshot;

use crate::report;

#[test]
fn unknown_metadata_is_noted() {
    assert_snapshot!(report(r#"["quux:1"] module M { };"#), @r#"
    note: the metadata `quux:1` is not known here and passed over
     --> Test.ice:1:2
      |
    1 | ["quux:1"] module M { };
      |  ^^^^^^^^
    "#);
}

#[test]
fn metadata_of_other_languages_is_theirs() {
    assert_snapshot!(report(r#"["cpp:const", "java:package:x"] module M { };"#), @"");
}

#[test]
fn an_unknown_format_is_refused() {
    assert_snapshot!(report(r#"module M { ["format:round"] interface I { }; };"#), @r#"
    error: `round` is not a format
     --> Test.ice:1:13
      |
    1 | module M { ["format:round"] interface I { }; };
      |             ^^^^^^^^^^^^^^
      |
      = help: the formats are `sliced`, `compact` and `default`
    "#);
}

#[test]
fn metadata_of_the_file_comes_first() {
    assert_snapshot!(report(r#"module M { [["underscore"]] struct S { int x; }; };"#), @r#"
    error: metadata of the file stands before everything that the file defines
     --> Test.ice:1:13
      |
    1 | module M { [["underscore"]] struct S { int x; }; };
      |             ^
      |
      = help: move `[[...]]` to the top of the file, or write `[...]` for what follows
    "#);
}
