//! Inheritance that cannot be.

use insta::assert_snapshot;

use crate::report;

#[test]
fn an_operation_comes_from_one_interface() {
    assert_snapshot!(report(r"
module M {
    interface A { void f(); };
    interface B { void f(); };
    interface C extends A, B { };
};
"), @"
    error: `C` inherits the name `f` twice, from `B` and from `A`
     --> Test.ice:5:15
      |
    3 |     interface A { void f(); };
      |                        - the other one
    4 |     interface B { void f(); };
      |                        - one of them
    5 |     interface C extends A, B { };
      |               ^
      |
      = help: rename one of them
    ");
}

#[test]
fn an_inherited_operation_is_not_defined_again() {
    assert_snapshot!(report(r"
module M {
    interface A { void f(); };
    interface B extends A { void f(); };
};
"), @"
    error: `B` inherits the name `f` from `A` already
     --> Test.ice:4:34
      |
    3 |     interface A { void f(); };
      |                        - the inherited one
    4 |     interface B extends A { void f(); };
      |                                  ^
      |
      = help: what is inherited needs no word here; another operation needs another name
    ");
}

#[test]
fn an_inherited_member_is_not_defined_again() {
    assert_snapshot!(report(r"
module M {
    exception A { int x; };
    exception B extends A { int x; };
};
"), @"
    error: a base has a member `x` already
     --> Test.ice:4:33
      |
    3 |     exception A { int x; };
      |                       - the inherited one
    4 |     exception B extends A { int x; };
      |                                 ^
    ");
}

#[test]
fn a_base_is_an_interface() {
    assert_snapshot!(report("module M { struct S { int x; }; interface I extends S { }; };"), @"
    error: `S` is a struct, and only interfaces can be inherited
     --> Test.ice:1:53
      |
    1 | module M { struct S { int x; }; interface I extends S { }; };
      |                                                     ^
      |
      = help: a struct can be a member instead
    ");
}

#[test]
fn a_base_is_defined_first() {
    assert_snapshot!(report("module M { interface A; interface B extends A { }; };"), @"
    error: `A` is declared, but not defined up to here
     --> Test.ice:1:45
      |
    1 | module M { interface A; interface B extends A { }; };
      |                                             ^
      |
      = help: a base is defined before what inherits from it
    ");
}

#[test]
fn a_base_is_listed_once() {
    assert_snapshot!(report("module M { interface A { }; interface B extends A, A { }; };"), @"
    warning: `A` is listed twice
     --> Test.ice:1:52
      |
    1 | module M { interface A { }; interface B extends A, A { }; };
      |                                                    ^
    ");
}

#[test]
fn an_exception_extends_an_exception() {
    assert_snapshot!(report("module M { interface A { }; exception B extends A { }; };"), @"
    error: `A` is an interface, not an exception
     --> Test.ice:1:49
      |
    1 | module M { interface A { }; exception B extends A { }; };
      |                      - defined here             ^
    ");
}

#[test]
fn a_colon_is_not_the_word_extends() {
    assert_snapshot!(report("module M { interface A { }; interface B : A { }; };"), @"
    error: expected `extends`, found `:`
     --> Test.ice:1:41
      |
    1 | module M { interface A { }; interface B : A { }; };
      |                                         ^
      |
      = help: Slice 3.7 has the word `extends` here
    ");
}
