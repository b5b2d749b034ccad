//! Names: unknown, taken, reserved.

use insta::assert_snapshot;

use crate::report;

#[test]
fn a_name_that_is_not_defined_is_shown() {
    assert_snapshot!(report("module M { struct S { Missing m; }; };"), @"
    error: `Missing` is not defined
     --> Test.ice:1:23
      |
    1 | module M { struct S { Missing m; }; };
      |                       ^^^^^^^ not defined up to here
      |
      = help: a name is defined before it is used: define it above, declare the interface, or include its file
    ");
}

#[test]
fn a_name_in_the_wrong_case_is_suggested() {
    assert_snapshot!(report("module M { struct Point { int x; }; struct S { point p; }; };"), @"
    error: `point` is not defined
     --> Test.ice:1:48
      |
    1 | module M { struct Point { int x; }; struct S { point p; }; };
      |                                                ^^^^^ not defined up to here
      |
      = help: did you mean `::M::Point`?
    ");
}

#[test]
fn a_name_of_another_module_is_suggested() {
    assert_snapshot!(report("module A { struct Point { int x; }; }; module M { struct S { Point p; }; };"), @"
    error: `Point` is not defined
     --> Test.ice:1:62
      |
    1 | module A { struct Point { int x; }; }; module M { struct S { Point p; }; };
      |                                                              ^^^^^ not defined up to here
      |
      = help: did you mean `::A::Point`?
    ");
}

#[test]
fn a_use_before_the_definition_is_refused() {
    assert_snapshot!(report(r"
module M {
    struct A { B b; };
    struct B { int x; };
};
"), @"
    error: `B` is not defined
     --> Test.ice:3:16
      |
    3 |     struct A { B b; };
      |                ^ not defined up to here
      |
      = help: a name is defined before it is used: define it above, declare the interface, or include its file
    ");
}

#[test]
fn a_second_definition_is_shown_with_the_first() {
    assert_snapshot!(report(r"
module M {
    struct S { int x; };
    enum S { a };
};
"), @"
    error: `S` is defined twice
     --> Test.ice:4:10
      |
    3 |     struct S { int x; };
      |            - first defined here
    4 |     enum S { a };
      |          ^
    ");
}

#[test]
fn names_that_differ_in_case_only_are_refused() {
    assert_snapshot!(report(r"
module M {
    struct foo { int x; };
    struct Foo { int x; };
};
"), @"
    error: `::M::Foo` differs from `::M::foo` in the case of letters only, which Slice does not allow
     --> Test.ice:4:12
      |
    3 |     struct foo { int x; };
      |            --- the other one
    4 |     struct Foo { int x; };
      |            ^^^
    ");
}

#[test]
fn members_of_one_name_are_refused() {
    assert_snapshot!(report("module M { struct S { int a; int A; }; };"), @"
    error: the member `A` differs from `a` in the case of letters only, which Slice does not allow
     --> Test.ice:1:34
      |
    1 | module M { struct S { int a; int A; }; };
      |                           -      ^
      |                           |
      |                           the first one
    ");
}

#[test]
fn parameters_of_one_name_are_refused() {
    assert_snapshot!(report("module M { interface I { void f(int a, out int a); }; };"), @"
    error: there are two parameters of the name `a`
     --> Test.ice:1:48
      |
    1 | module M { interface I { void f(int a, out int a); }; };
      |                                     -          ^
      |                                     |
      |                                     the first one
    ");
}

#[test]
fn the_prefix_ice_is_reserved() {
    assert_snapshot!(report("module IceCream { };"), @r#"
    error: the name `IceCream` begins with `Ice`, which is reserved
     --> Test.ice:1:8
      |
    1 | module IceCream { };
      |        ^^^^^^^^
      |
      = help: write `[["ice-prefix"]]` at the top of the file to allow it
    "#);
}

#[test]
fn reserved_endings_are_refused() {
    assert_snapshot!(report("module M { struct FooPrx { int fooHolder; }; };"), @"
    error: the name `FooPrx` ends with `Prx`, which is reserved
     --> Test.ice:1:19
      |
    1 | module M { struct FooPrx { int fooHolder; }; };
      |                   ^^^^^^
      |
      = help: choose another name

    error: the name `fooHolder` ends with `Holder`, which is reserved
     --> Test.ice:1:32
      |
    1 | module M { struct FooPrx { int fooHolder; }; };
      |                                ^^^^^^^^^
      |
      = help: choose another name
    ");
}

#[test]
fn underscores_must_be_allowed() {
    assert_snapshot!(report("module M { struct S { int a_b; int c__d; }; };"), @r#"
    error: the name `a_b` has an underscore
     --> Test.ice:1:27
      |
    1 | module M { struct S { int a_b; int c__d; }; };
      |                           ^^^
      |
      = help: write `[["underscore"]]` at the top of the file to allow them

    error: the name `c__d` has two underscores in a row
     --> Test.ice:1:36
      |
    1 | module M { struct S { int a_b; int c__d; }; };
      |                                    ^^^^
      |
      = help: choose another name
    "#);
}

#[test]
fn an_operation_cannot_have_the_name_of_its_interface() {
    assert_snapshot!(report("module M { interface Run { void run(); }; };"), @"
    error: the operation `run` has the name of its interface
     --> Test.ice:1:33
      |
    1 | module M { interface Run { void run(); }; };
      |                      ---        ^^^
      |                      |
      |                      the interface
      |
      = help: some languages cannot tell the two apart; choose another name
    ");
}

#[test]
fn an_operation_cannot_have_the_name_of_a_type_in_use() {
    assert_snapshot!(report("module M { enum Color { red }; interface I { Color color(); }; };"), @"
    error: the operation `color` has the name of a type that its interface uses
     --> Test.ice:1:52
      |
    1 | module M { enum Color { red }; interface I { Color color(); }; };
      |                                              ----- ^^^^^
      |                                              |
      |                                              the type
      |
      = help: choose another name; the case of letters makes no difference
    ");
}

#[test]
fn a_definition_cannot_have_the_name_of_its_module() {
    assert_snapshot!(report("module M { struct M { int x; }; };"), @"
    error: the name `M` of the definition is that of the module `M` around it
     --> Test.ice:1:19
      |
    1 | module M { struct M { int x; }; };
      |                   ^
      |
      = help: some languages cannot tell the two apart; choose another name
    ");
}

#[test]
fn an_interface_and_a_class_cannot_share_a_name() {
    assert_snapshot!(report("module M { interface I; class I; };"), @"
    error: `I` is both an interface and a class
     --> Test.ice:1:31
      |
    1 | module M { interface I; class I; };
      |                      -        ^
      |                      |
      |                      first declared here
    ");
}

#[test]
fn an_interface_that_is_never_defined_is_reported() {
    assert_snapshot!(report("module M { interface I; struct S { I* i; }; };"), @"
    warning: `I` is declared, but never defined: its proxy has no operations
     --> Test.ice:1:22
      |
    1 | module M { interface I; struct S { I* i; }; };
      |                      ^             -- needed here
      |
      = help: compile the file that defines it along, or name its module as one that is generated elsewhere
    ");
}

#[test]
fn a_name_keeps_its_meaning_in_a_module() {
    assert_snapshot!(report(r"
module M {
    struct S { int x; };
    module N {
        sequence<S> List;
        struct S { int y; };
    };
};
"), @"
    error: `S` has meant `::M::S` in this module up to here
     --> Test.ice:6:16
      |
    5 |         sequence<S> List;
      |                  - used in that meaning
    6 |         struct S { int y; };
      |                ^
      |
      = help: write `::M::S` there, or choose another name here
    ");
}

#[test]
fn an_enumerator_without_its_enumeration_must_be_the_only_one() {
    assert_snapshot!(report(r"
module M {
    enum Color { red };
    enum Shade { red };
    exception E { optional(red) int x; };
};
"), @"
    error: `red` can mean an enumerator of `Color` or of `Shade`
     --> Test.ice:5:28
      |
    5 |     exception E { optional(red) int x; };
      |                            ^^^
      |
      = help: write `Color::red`
    ");
}
