//! What may be absent arrives, or does not.

use std::collections::BTreeMap;

use crate::generated::optionals::{Color, Fixed, Partial, SievePrx, Variable, sieve};

pub(crate) async fn exercise(sieve: SievePrx) {
    scalars(&sieve).await;
    aggregates(&sieve).await;
    exceptions(&sieve).await;
}

async fn scalars(sieve: &SievePrx) {
    for value in [None, Some(-7)] {
        assert_eq!(sieve.pass_one(value).await.expect("it passes"), value);
    }
    let none = (None, None, None, None, None, None);
    assert_eq!(
        sieve
            .pass_scalars(None, None, None, None, None, None)
            .await
            .expect("it passes"),
        none
    );
    assert_eq!(
        sieve
            .pass_scalars(Some(255), None, Some(i64::MIN), Some(0.5), None, Some(true))
            .await
            .expect("it passes"),
        (Some(true), Some(255), None, Some(i64::MIN), Some(0.5), None)
    );
    assert_eq!(
        sieve
            .pass_text(1, Some("text"), 2)
            .await
            .expect("it passes"),
        (Some("text".to_owned()), 3)
    );
    assert_eq!(
        sieve.pass_text(1, None, 2).await.expect("it passes"),
        (None, 3)
    );
    assert_eq!(
        sieve
            .pass_color(Some(Color::Green))
            .await
            .expect("it passes"),
        Some(Color::Green)
    );
}

async fn aggregates(sieve: &SievePrx) {
    let fixed = Fixed { a: -1, b: 2 };
    assert_eq!(
        sieve.pass_fixed(Some(&fixed)).await.expect("it passes"),
        Some(fixed.clone())
    );
    assert_eq!(sieve.pass_fixed(None).await.expect("it passes"), None);
    let variable = Variable { a: "a".to_owned() };
    assert_eq!(
        sieve
            .pass_variable(Some(&variable))
            .await
            .expect("it passes"),
        Some(variable)
    );
    // Sizes take one byte up to 254, five from there on.
    for length in [0, 1, 254, 255, 300] {
        let bytes = vec![7; length];
        assert_eq!(
            sieve.pass_bytes(Some(&bytes)).await.expect("it passes"),
            Some(bytes)
        );
        let ints = vec![-7; length];
        assert_eq!(
            sieve.pass_ints(Some(&ints)).await.expect("it passes"),
            Some(ints)
        );
        let strings = vec!["s".to_owned(); length];
        assert_eq!(
            sieve.pass_strings(Some(&strings)).await.expect("it passes"),
            Some(strings)
        );
        let fixeds = vec![fixed.clone(); length];
        assert_eq!(
            sieve.pass_fixeds(Some(&fixeds)).await.expect("it passes"),
            Some(fixeds)
        );
        let ints: BTreeMap<i32, i32> = (0..).take(length).map(|n| (n, -n)).collect();
        assert_eq!(
            sieve.pass_int_map(Some(&ints)).await.expect("it passes"),
            Some(ints)
        );
        let strings: BTreeMap<String, i32> =
            (0..).take(length).map(|n| (n.to_string(), n)).collect();
        assert_eq!(
            sieve
                .pass_string_map(Some(&strings))
                .await
                .expect("it passes"),
            Some(strings)
        );
    }
    assert_eq!(sieve.pass_proxy(None).await.expect("it passes"), None);
    assert_eq!(
        sieve
            .pass_proxy(Some(Some(sieve)))
            .await
            .expect("it passes"),
        Some(Some(sieve.clone()))
    );
}

async fn exceptions(sieve: &SievePrx) {
    match sieve.fail(Some(1), None, false).await {
        Err(sieve::FailError::Partial(Partial {
            always,
            number: Some(1),
            text: None,
        })) => {
            assert_eq!(always, "always");
        }
        other => panic!("{other:?}"),
    }
    match sieve.fail(None, Some("text"), true).await {
        Err(sieve::FailError::PartialDerived(derived)) => {
            assert_eq!((derived.number, derived.more), (None, None));
            assert_eq!(derived.text.as_deref(), Some("text"));
        }
        other => panic!("{other:?}"),
    }
    match sieve.fail(Some(2), None, true).await {
        Err(sieve::FailError::PartialDerived(derived)) => {
            assert_eq!((derived.number, derived.more), (Some(2), Some(vec![2; 3])));
        }
        other => panic!("{other:?}"),
    }
}
