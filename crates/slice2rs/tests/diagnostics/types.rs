//! Types that cannot stand where they stand.

use insta::assert_snapshot;

use crate::report;

#[test]
fn a_module_is_not_a_type() {
    assert_snapshot!(report("module M { module N { }; struct S { N n; }; };"), @"
    error: `N` is a module, not a type
     --> Test.ice:1:37
      |
    1 | module M { module N { }; struct S { N n; }; };
      |                                     ^
    ");
}

#[test]
fn an_exception_is_not_a_type() {
    assert_snapshot!(report("module M { exception E { }; struct S { E e; }; };"), @"
    error: `E` is an exception, not a type
     --> Test.ice:1:40
      |
    1 | module M { exception E { }; struct S { E e; }; };
      |                                        ^
    ");
}

#[test]
fn a_proxy_leads_to_an_interface() {
    assert_snapshot!(report("module M { struct P { int x; }; struct S { P* p; }; };"), @"
    error: a proxy leads to an interface, and `P` is a struct
     --> Test.ice:1:44
      |
    1 | module M { struct P { int x; }; struct S { P* p; }; };
      |                   - defined here           ^
      |
      = help: leave out the `*`
    ");
}

#[test]
fn only_exceptions_are_thrown() {
    assert_snapshot!(report("module M { interface A { }; interface I { void f() throws A; }; };"), @"
    error: `A` is an interface, not an exception
     --> Test.ice:1:59
      |
    1 | module M { interface A { }; interface I { void f() throws A; }; };
      |                      - defined here                       ^
    ");
}

#[test]
fn an_exception_is_thrown_once() {
    assert_snapshot!(report("module M { exception E { }; interface I { void f() throws E, E; }; };"), @"
    error: `E` is thrown twice
     --> Test.ice:1:62
      |
    1 | module M { exception E { }; interface I { void f() throws E, E; }; };
      |                                                              ^
    ");
}

#[test]
fn a_dictionary_key_is_something_with_an_order() {
    assert_snapshot!(report("module M { dictionary<double, int> D; };"), @"
    error: this cannot be the key of the dictionary `D`
     --> Test.ice:1:23
      |
    1 | module M { dictionary<double, int> D; };
      |                       ^^^^^^
      |
      = help: keys are whole numbers, `bool`, `string`, enumerations, and structs of those
    ");
}

#[test]
fn a_sequence_as_key_is_deprecated() {
    assert_snapshot!(report("module M { sequence<int> Key; dictionary<Key, int> D; };"), @"
    warning: a sequence as key of a dictionary is deprecated in Slice
     --> Test.ice:1:42
      |
    1 | module M { sequence<int> Key; dictionary<Key, int> D; };
      |                                          ^^^
      |
      = help: use a struct
    ");
}

#[test]
fn a_dictionary_inside_a_key_is_refused() {
    assert_snapshot!(report("module M { dictionary<int, int> D; struct K { D d; }; dictionary<K, int> E; };"), @"
    error: this cannot be the key of the dictionary `E`
     --> Test.ice:1:66
      |
    1 | module M { dictionary<int, int> D; struct K { D d; }; dictionary<K, int> E; };
      |                                                                  ^
      |
      = help: keys are whole numbers, `bool`, `string`, enumerations, and structs of those
    ");
}

#[test]
fn an_empty_struct_is_refused() {
    assert_snapshot!(report("module M { struct S { }; };"), @"
    error: the struct `S` is empty
     --> Test.ice:1:19
      |
    1 | module M { struct S { }; };
      |                   ^
      |
      = help: a struct has one member at least
    ");
}

#[test]
fn an_empty_enumeration_is_refused() {
    assert_snapshot!(report("module M { enum E { }; };"), @"
    error: the enumeration `E` is empty
     --> Test.ice:1:17
      |
    1 | module M { enum E { }; };
      |                 ^
      |
      = help: an enumeration has one enumerator at least
    ");
}

#[test]
fn a_member_of_a_struct_cannot_be_optional() {
    assert_snapshot!(report("module M { struct S { optional(1) int x; }; };"), @"
    error: `x` cannot be optional in a struct
     --> Test.ice:1:39
      |
    1 | module M { struct S { optional(1) int x; }; };
      |                                       ^
      |
      = help: exceptions, parameters and results can be; in a struct, use a sequence of none or one
    ");
}

#[test]
fn class_values_are_not_carried() {
    assert_snapshot!(report(r"
module M {
    class C { int x; };
    struct S { C c; };
};
"), @"
    error: `C` is a class with members, and class values are not carried
     --> Test.ice:3:11
      |
    3 |     class C { int x; };
      |           ^
      |
      = help: use a struct, or an interface and its proxy; or leave out what needs them: `--without-class-values`, in a build script `without_class_values(true)`

    error: class values are not carried
     --> Test.ice:4:16
      |
    4 |     struct S { C c; };
      |                ^ an object that travels by value
      |
      = help: use a struct, or a proxy: the type followed by `*`; or leave out what needs them: `--without-class-values`, in a build script `without_class_values(true)`
    ");
}

#[test]
fn an_interface_without_its_star_is_told_how_a_proxy_is_written() {
    assert_snapshot!(report("module M { interface J { void f(J other); }; };"), @"
    error: class values are not carried
     --> Test.ice:1:33
      |
    1 | module M { interface J { void f(J other); }; };
      |                                 ^ an object that travels by value
      |
      = help: `J` is an interface: write `J*` for a proxy to it; or leave out what needs them: `--without-class-values`, in a build script `without_class_values(true)`
    ");
}

#[test]
fn any_object_by_value_is_not_carried() {
    assert_snapshot!(report("module M { interface I { Object f(); }; };"), @"
    error: class values are not carried
     --> Test.ice:1:26
      |
    1 | module M { interface I { Object f(); }; };
      |                          ^^^^^^ an object that travels by value
      |
      = help: use a struct, or a proxy: the type followed by `*`; or leave out what needs them: `--without-class-values`, in a build script `without_class_values(true)`
    ");
}

#[test]
fn something_local_cannot_travel() {
    assert_snapshot!(report("module M { local interface L { void f(); }; struct S { L l; }; };"), @"
    note: `L` is local: it never travels, and is passed over
     --> Test.ice:1:12
      |
    1 | module M { local interface L { void f(); }; struct S { L l; }; };
      |            ^^^^^

    error: `L` is local and cannot be part of what travels
     --> Test.ice:1:56
      |
    1 | module M { local interface L { void f(); }; struct S { L l; }; };
      |                                                        ^
      |
      = help: make what uses it `local` too, or leave it out
    ");
}

#[test]
fn something_local_is_passed_over_with_a_note() {
    assert_snapshot!(report("module M { local interface L { void f(); }; };"), @"
    note: `L` is local: it never travels, and is passed over
     --> Test.ice:1:12
      |
    1 | module M { local interface L { void f(); }; };
      |            ^^^^^
    ");
}
