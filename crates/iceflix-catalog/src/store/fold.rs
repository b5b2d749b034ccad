//! Letter case and spelling, taken out of a text for comparison.

use hashbrown::HashMap;
use icu_casemap::CaseMapper;
use icu_normalizer::{ComposingNormalizer, DecomposingNormalizer};

/// What is the same for two texts that differ in letter case only, in any script, or in whether letters
/// and marks are one character or several.
///
/// It is the canonical caseless matching of the Unicode Standard (section 3.13, definition D145), composed again so that
/// a part of a text is made of whole letters: `e` is no part of `é`. Beyond the standard, the Turkish letters `I ı` and
/// `İ i` all become `i`: which of them are a pair depends on a language that nobody tells us.
pub(crate) fn fold(text: &str) -> String {
    fold_words(text, |word, folded| folded.push_str(&fold_any(word)))
}

/// Has `fold_any` add the folded words that are not plain.
fn fold_words(text: &str, mut fold_any: impl FnMut(&str, &mut String)) -> String {
    let mut folded = String::with_capacity(text.len());
    // No mark is one with a space, so words fold by themselves; and most words of most names are plain.
    for word in text.split_inclusive(' ') {
        if word.is_ascii() {
            let start = folded.len();
            folded.push_str(word);
            folded[start..].make_ascii_lowercase();
        } else {
            fold_any(word, &mut folded);
        }
    }
    folded
}

/// Folds very many texts: a word that was folded lately is not folded again, which takes a microsecond.
#[derive(Debug, Default)]
pub(crate) struct Folding(HashMap<Box<str>, Box<str>>);

impl Folding {
    /// So many words are remembered: then it begins anew.
    const WORDS: usize = 50_000;

    /// As [`fold`].
    pub(crate) fn fold(&mut self, text: &str) -> String {
        fold_words(text, |word, folded| {
            if let Some(known) = self.0.get(word) {
                folded.push_str(known);
                return;
            }
            let new = fold_any(word);
            folded.push_str(&new);
            if self.0.len() >= Self::WORDS {
                self.0.clear();
            }
            self.0.insert(word.into(), new.into());
        })
    }
}

fn fold_any(word: &str) -> String {
    let decompose = DecomposingNormalizer::new_nfd();
    let folded = CaseMapper::new()
        .fold_string(&decompose.normalize(word))
        .into_owned();
    // Folding leaves letters that are decomposed no further only in part.
    let folded = decompose.normalize(&folded);
    ComposingNormalizer::new_nfc()
        .normalize(&without_dots(&folded))
        .into_owned()
}

/// Makes one letter of `ı`, `i` and `i` with a dot above.
fn without_dots(decomposed: &str) -> String {
    const DOTLESS: char = 'ı';
    const DOT_ABOVE: char = '\u{307}';
    let mut text = String::with_capacity(decomposed.len());
    for letter in decomposed.chars() {
        match letter {
            DOTLESS => text.push('i'),
            DOT_ABOVE if text.ends_with('i') => {}
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn same(one: &str, other: &str) {
        assert_eq!(fold(one), fold(other), "{one} and {other}");
    }

    #[track_caller]
    fn different(one: &str, other: &str) {
        assert_ne!(fold(one), fold(other), "{one} and {other}");
    }

    #[test]
    fn letter_case_does_not_matter_in_any_script() {
        same("The MATRIX", "the matrix");
        same("EL NIÑO CAMIÓN", "el niño camión");
        same("БРАТ", "брат");
        same("ԱՆՈՒՆԸ", "անունը");
        same("ᏣᎳᎩ", "ꮳꮃꭹ");
        same("𐐔𐐇", "𐐼𐐯");
    }

    #[test]
    fn german_sharp_s_is_a_double_s() {
        same("Die große Straße", "DIE GROSSE STRASSE");
        same("GROẞ", "groß");
    }

    #[test]
    fn greek_final_sigma_is_a_sigma() {
        same("ΟΔΟΣ", "οδος");
        same("Οδός", "ΟΔΌΣ");
        same("ᾳ", "ΑΙ");
    }

    #[test]
    fn turkish_letters_i_are_one_letter() {
        same("İSTANBUL", "istanbul");
        same("ISPARTA", "ısparta");
        same("ISPARTA", "isparta");
        same("İstanbul", "I\u{307}stanbul");
    }

    #[test]
    fn combining_and_precomposed_letters_are_the_same() {
        same("Amélie", "Ame\u{301}lie");
        same("ÅNGSTRÖM", "a\u{30a}ngstro\u{308}m");
        same("한국", "\u{1112}\u{1161}\u{11ab}\u{1100}\u{116e}\u{11a8}");
        same("q\u{307}\u{323}", "q\u{323}\u{307}");
    }

    #[test]
    fn other_letters_stay_other_letters() {
        different("Amélie", "Amelie");
        different("año", "ano");
        different("七", "八");
        assert!(
            !fold("Amélie").contains(&fold("Ame")),
            "é is a letter of its own"
        );
    }

    proptest! {
        #[test]
        fn words_fold_by_themselves_as_they_do_together(
            text in "[a-zA-Z \u{300}-\u{345}\u{307}iIİıéßςΣ]{0,12}"
        ) {
            prop_assert_eq!(fold(&text), fold_any(&text));
            let mut folding = Folding::default();
            prop_assert_eq!(folding.fold(&text), fold_any(&text));
            prop_assert_eq!(folding.fold(&text), fold_any(&text));
        }

        #[test]
        fn folding_again_changes_nothing(text in ".{0,40}") {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }

        #[test]
        fn upper_and_lower_case_fold_alike(
            text in "[[\\p{Latin}\\p{Greek}\\p{Cyrillic}\\p{Armenian}]&&\\p{L}]{0,20}"
        ) {
            prop_assert_eq!(fold(&text.to_uppercase()), fold(&text));
            prop_assert_eq!(fold(&text.to_lowercase()), fold(&text));
        }
    }
}
