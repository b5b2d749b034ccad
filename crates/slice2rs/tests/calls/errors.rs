//! Exceptions arrive as what they were thrown as, or as the nearest base that is declared.

use ice::{ErrorKind, Prx as _};

use crate::generated::errors::{
    Base, CalmPrx, Derived, MostDerived, SlicedThrowerPrx, ThrowerPrx, sliced_thrower, thrower,
};

pub(crate) async fn exercise(thrower: SlicedThrowerPrx) {
    assert_eq!(
        thrower.ice_ids().await.expect("it is there"),
        [
            "::Errors::Calm",
            "::Errors::SlicedThrower",
            "::Errors::Thrower",
            "::Ice::Object"
        ]
    );
    let base = ThrowerPrx::from(thrower.clone());
    match base.throw_base("for a reason").await {
        Err(thrower::ThrowBaseError::Base(Base { why })) => assert_eq!(why, "for a reason"),
        other => panic!("{other:?}"),
    }
    match base.throw_any(2).await {
        Err(thrower::ThrowAnyError::Derived(Derived { why, code: 9 })) => assert_eq!(why, "asked"),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        base.throw_any(-1).await,
        Err(thrower::ThrowAnyError::Empty(_))
    ));
    assert!(matches!(
        base.throw_any(-2).await,
        Err(thrower::ThrowAnyError::EmptyDerived(_))
    ));
    match base.throw_any(-3).await {
        Err(thrower::ThrowAnyError::Ice(why)) => assert_eq!(why.kind(), ErrorKind::Unknown),
        other => panic!("{other:?}"),
    }
    assert_eq!(base.throw_any(0).await.expect("nothing is thrown"), 0);
    base.throw_nothing().await.expect("nothing is thrown");

    match thrower.throw_sliced(3).await {
        Err(why @ sliced_thrower::ThrowSlicedError::MostDerived(_)) => {
            assert_eq!(
                why.to_string(),
                "MostDerived (why: \"asked\", code: 9, detail: \"deep\")"
            );
        }
        other => panic!("{other:?}"),
    }
    match thrower.throw_compact(3).await {
        Err(sliced_thrower::ThrowCompactError::MostDerived(most)) => {
            assert_eq!(
                Base::from(most.clone()),
                Base {
                    why: "asked".to_owned()
                }
            );
            assert_eq!(Derived::from(most).code, 9);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(Derived::default().code, 7);
    assert_eq!(MostDerived::default().detail, "");

    // An inherited operation, called on the derived interface and on its base.
    assert_eq!(thrower.state().await.expect("it is there"), "calm");
    let calm = CalmPrx::from(thrower);
    assert_eq!(calm.count().await.expect("it is there"), 1);
    let not_a_thrower = calm
        .checked_cast::<ThrowerPrx>()
        .await
        .expect("it is there");
    assert!(not_a_thrower.is_some());
}
