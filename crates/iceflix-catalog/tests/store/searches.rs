//! Searches, by name and by tags.

use iceflix_catalog::store::MOST_FOUND;

use crate::place::{Place, all, any_of, exact, id, name, numbers, on_both, part, strings, tag};

on_both!(
    a_name_is_found_without_letter_case_in_every_script,
    a_tag_is_found_without_letter_case_in_every_script,
    the_empty_term_is_a_part_of_every_name_and_no_name,
    no_letter_of_a_term_means_anything,
    titles_are_found_by_all_or_any_of_their_tags,
    no_tags_are_borne_by_all_and_what_is_no_tag_by_none,
    any_number_of_tags_may_be_looked_for,
    a_result_is_cut_to_what_a_client_can_receive,
);

async fn a_name_is_found_without_letter_case_in_every_script(place: Place) {
    let names = [
        "Die große Straße",
        "Οδός Ονείρων",
        "İstanbul",
        "Ame\u{301}lie",
        "БРАТ",
        "七人の侍",
        "El Niño del Camión",
    ];
    let catalog = place.with(&names).await;
    for (term, number) in [
        ("GROSSE STRASSE", 0),
        ("GROẞE", 0),
        ("ΟΔΌΣ", 1),
        ("ονείρων", 1),
        ("istanbul", 2),
        ("ISTANBUL", 2),
        ("ıstanbul", 2),
        ("AMÉLIE", 3),
        ("брат", 4),
        ("七人", 5),
        ("侍", 5),
        ("NIÑO", 6),
        ("NIN\u{303}O", 6),
        ("camión", 6),
    ] {
        assert_eq!(part(&catalog, term).await, [number], "{term}");
    }
    assert!(
        part(&catalog, "nino").await.is_empty(),
        "ñ is a letter of its own"
    );
    for (number, name) in names.iter().enumerate() {
        assert_eq!(exact(&catalog, name).await, [number]);
        assert_eq!(
            exact(&catalog, &name.to_uppercase()).await,
            [number],
            "{name}"
        );
    }
}

async fn a_tag_is_found_without_letter_case_in_every_script(place: Place) {
    let catalog = place.with(&["Alien"]).await;
    let borne = ["Año nuevo", "Straße", "Οδός", "KIRMIZI"];
    tag(&catalog, 0, &borne).await;
    for term in [
        "AÑO NUEVO",
        "an\u{303}o nuevo",
        " STRASSE ",
        "οδός",
        "ΟΔΌΣ",
        "kırmızı",
    ] {
        assert_eq!(all(&catalog, &[term]).await, [0], "{term}");
    }
    assert!(all(&catalog, &["ano nuevo"]).await.is_empty());
}

async fn the_empty_term_is_a_part_of_every_name_and_no_name(place: Place) {
    let catalog = place.with(&["b", "A", "c"]).await;
    assert_eq!(
        part(&catalog, "").await,
        [1, 0, 2],
        "by name, without letter case"
    );
    assert!(exact(&catalog, "").await.is_empty());
}

async fn no_letter_of_a_term_means_anything(place: Place) {
    let catalog = place
        .with(&["100% pure", "100 pure", "a_b", "axb", "c\\d", "it's"])
        .await;
    for (term, number) in [("0%", 0), ("a_b", 2), ("\\", 4), ("'", 5)] {
        assert_eq!(part(&catalog, term).await, [number], "{term}");
    }
    for term in [
        "%%",
        "_____________",
        "*",
        "\0",
        "\n",
        &"a".repeat(1 << 20),
        &"%".repeat(12_000),
    ] {
        assert!(part(&catalog, term).await.is_empty());
        assert!(exact(&catalog, term).await.is_empty());
    }
}

async fn titles_are_found_by_all_or_any_of_their_tags(place: Place) {
    let catalog = place.with(&["Alien", "Brazil", "Casablanca"]).await;
    tag(&catalog, 0, &["space", "Drama"]).await;
    tag(&catalog, 1, &["drama"]).await;

    assert_eq!(all(&catalog, &["drama"]).await, [0, 1]);
    assert_eq!(all(&catalog, &["DRAMA", " space ", "Space"]).await, [0]);
    assert!(all(&catalog, &["drama", "western"]).await.is_empty());
    assert_eq!(any_of(&catalog, &["space", "western"]).await, [0]);
    assert_eq!(any_of(&catalog, &["space", "DRAMA"]).await, [0, 1]);
    assert!(any_of(&catalog, &["western"]).await.is_empty());
}

async fn no_tags_are_borne_by_all_and_what_is_no_tag_by_none(place: Place) {
    let catalog = place.with(&["Alien", "Brazil"]).await;
    tag(&catalog, 0, &["space"]).await;
    assert_eq!(all(&catalog, &[]).await, [0, 1]);
    assert!(any_of(&catalog, &[]).await.is_empty());
    for odd in ["", "\0", &"a".repeat(1 << 20)] {
        assert!(all(&catalog, &["space", odd]).await.is_empty());
        assert_eq!(any_of(&catalog, &["space", odd]).await, [0]);
    }
}

async fn any_number_of_tags_may_be_looked_for(place: Place) {
    let catalog = place.with(&["Alien", "Brazil"]).await;
    tag(&catalog, 0, &["first"]).await;
    tag(&catalog, 1, &["last"]).await;
    let mut many: Vec<_> = (0..100_000).map(|n| n.to_string()).collect();
    many.insert(0, "first".into());
    many.push("last".into());
    assert_eq!(numbers(catalog.by_tags(&many, false).await), [0, 1]);
    assert!(numbers(catalog.by_tags(&many, true).await).is_empty());
    let same = strings(&["first"; 1_000]);
    assert_eq!(numbers(catalog.by_tags(&same, true).await), [0]);
}

async fn a_result_is_cut_to_what_a_client_can_receive(place: Place) {
    let catalog = place.open().await;
    let title = |n| (id(n), name(&format!("{n:06}")));
    let most: Vec<_> = (0..MOST_FOUND).map(title).collect();
    catalog.discovered(&most).await.expect("created");
    assert_eq!(part(&catalog, "").await.len(), MOST_FOUND);

    let one_more = [title(MOST_FOUND)];
    catalog.discovered(&one_more).await.expect("created");
    let found = catalog.by_name("0", false).await.expect("the database");
    assert!(found.cut);
    assert_eq!(found.ids.len(), MOST_FOUND);
    // As Ice encodes a sequence of strings: a size of five bytes, then a size of one byte for each.
    let bytes = 5 + found
        .ids
        .iter()
        .map(|id| 1 + id.to_string().len())
        .sum::<usize>();
    assert!(bytes < 1_000_000, "{bytes}");
}
