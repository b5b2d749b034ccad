//! Text that would make the compiler nest too deeply is refused before it does.

use insta::assert_snapshot;

use crate::report;

#[test]
fn modules_nest_to_a_limit() {
    let text = format!(
        "{}{}",
        "module M { module N { ".repeat(40),
        "} }".repeat(40)
    );
    let report = report(&text);
    assert!(report.contains("modules nest deeper than 32"), "{report}");
}

#[test]
fn types_nest_to_a_limit() {
    let mut text = "module M { sequence<int> S0; ".to_owned();
    for depth in 1..100 {
        text.push_str(&format!("sequence<S{}> S{depth}; ", depth - 1));
    }
    let report = report(&(text + "};"));
    assert!(report.contains("nests deeper than 64 types"), "{report}");
}

#[test]
fn mistakes_are_reported_to_a_limit() {
    let text = format!("module M {{ {} }};", "struct S { int x } ".repeat(1000));
    let count = report(&text).matches("error:").count();
    assert_eq!(count, 50);
}

#[test]
fn one_mistake_is_reported_once() {
    assert_snapshot!(report("module M { struct S { Missing m; }; struct T { S s; }; interface I { S f(S s); }; };"), @"
    error: `Missing` is not defined
     --> Test.ice:1:23
      |
    1 | module M { struct S { Missing m; }; struct T { S s; }; interface I { S f(S s); }; };
      |                       ^^^^^^^ not defined up to here
      |
      = help: a name is defined before it is used: define it above, declare the interface, or include its file
    ");
}
