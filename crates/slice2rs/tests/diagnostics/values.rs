//! Values that do not fit.

use insta::assert_snapshot;

use crate::report;

#[test]
fn a_constant_fits_its_type() {
    assert_snapshot!(report(r"
module M {
    const byte b = 256;
    const short s = -32769;
    const float f = 1e39;
};
"), @"
    error: this does not fit a `byte`
     --> Test.ice:3:20
      |
    3 |     const byte b = 256;
      |                    ^^^ outside of 0 to 255

    error: this does not fit a `short`
     --> Test.ice:4:21
      |
    4 |     const short s = -32769;
      |                     ^^^^^^ outside of -32768 to 32767

    error: this does not fit a `float`
     --> Test.ice:5:21
      |
    5 |     const float f = 1e39;
      |                     ^^^^ outside of 3.4e38 either way
    ");
}

#[test]
fn a_constant_is_of_its_type() {
    assert_snapshot!(report(r#"
module M {
    const string s = 5;
    const bool b = 1;
    const int i = "5";
};
"#), @r#"
    error: a value of type `string` is wanted here, not a whole number
     --> Test.ice:3:22
      |
    3 |     const string s = 5;
      |                      ^ this is a whole number

    error: a value of type `bool` is wanted here, not a whole number
     --> Test.ice:4:20
      |
    4 |     const bool b = 1;
      |                    ^ this is a whole number

    error: a value of type `int` is wanted here, not a string
     --> Test.ice:5:19
      |
    5 |     const int i = "5";
      |                   ^^^ this is a string
    "#);
}

#[test]
fn a_constant_of_a_struct_is_refused() {
    assert_snapshot!(report("module M { struct S { int x; }; const S s = 1; };"), @"
    error: a constant of this type cannot have a value
     --> Test.ice:1:39
      |
    1 | module M { struct S { int x; }; const S s = 1; };
      |                                       ^
      |
      = help: numbers, `bool`, `string` and enumerations can

    error: `::M::s` differs from `::M::S` in the case of letters only, which Slice does not allow
     --> Test.ice:1:41
      |
    1 | module M { struct S { int x; }; const S s = 1; };
      |                   - the other one       ^
    ");
}

#[test]
fn an_unknown_enumerator_is_told_the_known_ones() {
    assert_snapshot!(report("module M { enum Color { red, green }; const Color c = blue; };"), @"
    error: `blue` is not an enumerator of `Color`
     --> Test.ice:1:55
      |
    1 | module M { enum Color { red, green }; const Color c = blue; };
      |                                                       ^^^^
      |
      = help: it has `red`, `green`
    ");
}

#[test]
fn enumerators_have_values_of_their_own() {
    assert_snapshot!(report("module M { enum E { a = 1, b = 1 }; };"), @"
    error: `b` has the value 1 as `a` has
     --> Test.ice:1:28
      |
    1 | module M { enum E { a = 1, b = 1 }; };
      |                     -      ^
      |                     |
      |                     the other one
    ");
}

#[test]
fn enumerators_are_not_negative_and_not_too_large() {
    assert_snapshot!(report("module M { enum E { a = -1 }; enum F { b = 2147483647, c }; };"), @"
    error: the value -1 of `a` is outside of 0 to 2147483647
     --> Test.ice:1:21
      |
    1 | module M { enum E { a = -1 }; enum F { b = 2147483647, c }; };
      |                     ^

    error: the value 2147483648 of `c` is outside of 0 to 2147483647
     --> Test.ice:1:56
      |
    1 | module M { enum E { a = -1 }; enum F { b = 2147483647, c }; };
      |                                                        ^
    ");
}

#[test]
fn a_tag_is_used_once() {
    assert_snapshot!(report("module M { interface I { void f(optional(1) int a, optional(1) int b); }; };"), @"
    error: the tag 1 is used twice
     --> Test.ice:1:68
      |
    1 | module M { interface I { void f(optional(1) int a, optional(1) int b); }; };
      |                                                 - the first use    ^
    ");
}

#[test]
fn a_tag_is_not_negative() {
    assert_snapshot!(report("module M { exception E { optional(-1) int a; }; };"), @"
    error: a tag is a number from 0 to 2147483647
     --> Test.ice:1:35
      |
    1 | module M { exception E { optional(-1) int a; }; };
      |                                   ^^
    ");
}
