//! Every type goes there and back unchanged.

use std::collections::BTreeMap;

use ice::Prx as _;

use crate::generated::types::{
    COPIED, Color, ESCAPES, Everything, FAVOURITE, LOWEST, MirrorPrx, Plain, Point, THIRD,
};

pub(crate) async fn exercise(mirror: MirrorPrx) {
    constants();
    structs(&mirror).await;
    collections(&mirror).await;
    proxies(&mirror).await;
}

fn constants() {
    assert_eq!(
        ESCAPES,
        "tab\t, quote\", backslash\\, AB, \u{e9}, \u{1f600}, \u{e9}"
    );
    assert_eq!((LOWEST, COPIED), (i64::MIN, 0o755));
    assert_eq!((FAVOURITE, FAVOURITE as i32), (Color::DarkBlue, 6));
    assert_eq!(THIRD.to_bits(), (1.0_f32 / 3.0).to_bits());
    assert_eq!(Point::default(), Point { x: 1, y: 0o755 });
    assert_eq!(Color::from_value(5), Some(Color::Green));
    assert_eq!(Color::from_value(1), None);
}

async fn structs(mirror: &MirrorPrx) {
    let default = Everything::default();
    assert_eq!(
        (default.a_float, default.a_string.as_str(), default.a_color),
        (2.5, "none", Color::Green)
    );
    let extreme = Everything {
        a_bool: true,
        a_byte: u8::MAX,
        a_short: i16::MIN,
        an_int: i32::MAX,
        a_long: i64::MIN,
        a_float: f32::MIN_POSITIVE,
        a_double: f64::MAX,
        a_string: "Grüße, 世界".to_owned(),
        a_color: Color::DarkBlue,
        a_point: Point { x: -1, y: 0 },
        an_object: Some(mirror.as_object().clone()),
    };
    for value in [default, extreme] {
        assert_eq!(
            mirror.same_everything(&value).await.expect("a mirror"),
            value
        );
    }
    assert_eq!(
        mirror
            .same_scalars(true, 255, -3, i32::MIN)
            .await
            .expect("a mirror"),
        (true, i64::from(i32::MIN), -3.0, 255.0)
    );
    let text = "x".repeat(300);
    assert_eq!(mirror.same_text(&text).await.expect("a mirror"), text);
    assert_eq!(
        mirror.twice("ab").await.expect("a mirror"),
        ("ab".to_owned(), "ab".to_owned())
    );
    assert_eq!(
        mirror.same_color(Color::Green).await.expect("a mirror"),
        Color::Green
    );
}

async fn collections(mirror: &MirrorPrx) {
    let bytes: Vec<u8> = (0..=255).collect();
    assert_eq!(mirror.same_bytes(&bytes).await.expect("a mirror"), bytes);
    let points = vec![Point { x: 1, y: 2 }, Point { x: 3, y: 4 }];
    let shapes = vec![points.clone(), Vec::new()];
    assert_eq!(mirror.same_shapes(&shapes).await.expect("a mirror"), shapes);
    let paint = BTreeMap::from([
        (points[0].clone(), Color::Red),
        (points[1].clone(), Color::DarkBlue),
    ]);
    assert_eq!(mirror.same_paint(&paint).await.expect("a mirror"), paint);
    let museums = BTreeMap::from([(
        Color::Red,
        BTreeMap::from([("hall".to_owned(), shapes.clone())]),
    )]);
    assert_eq!(
        mirror.same_museums(&museums).await.expect("a mirror"),
        museums
    );
    let plain = Plain {
        name: String::new(),
        points,
        museums,
    };
    assert_eq!(mirror.same_plain(&plain).await.expect("a mirror"), plain);
}

async fn proxies(mirror: &MirrorPrx) {
    let back = mirror.same_itself(Some(mirror)).await.expect("a mirror");
    assert_eq!(back.as_ref(), Some(mirror));
    assert_eq!(mirror.same_itself(None).await.expect("a mirror"), None);
    let objects = vec![None, Some(mirror.as_object().clone())];
    assert_eq!(
        mirror.same_objects(&objects).await.expect("a mirror"),
        objects
    );
}
