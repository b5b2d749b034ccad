//! Tags, and the set of them that a title bears.

use crate::store::fold::fold;

/// The longest tag, in characters.
const LONGEST_TAG: usize = 100;

/// The most tags of one title: with the longest name and the longest tags, a title still fits into half of
/// the largest message.
pub(crate) const MOST_TAGS: usize = 1_000;

/// A tag: 1 to 100 characters without control characters and without white space around them.
///
/// Tags that differ in letter case only are the same tag, as names are in a search; a title shows a tag
/// as it was spelt when it first got it.
#[derive(Debug, Clone)]
pub struct Tag {
    spelt: String,
    folded: String,
}

/// A text that cannot be a tag, or a tag too many.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadTag {
    /// Too long.
    #[error("a tag has at most {LONGEST_TAG} characters")]
    Long,
    /// A control character, such as the end of a line.
    #[error("a tag must not hold control characters")]
    Control,
    /// More than a title can bear.
    #[error("a title has at most {MOST_TAGS} tags")]
    TooMany,
}

impl Tag {
    /// The tag that `text` is, white space around it left away; `None` where nothing else is there.
    ///
    /// # Errors
    ///
    /// Where the rest breaks a rule of tags.
    pub fn parse(text: &str) -> Result<Option<Self>, BadTag> {
        let spelt = text.trim();
        // No character takes more than four bytes: a megabyte is refused without being counted.
        if spelt.len() > LONGEST_TAG * 4 || spelt.chars().count() > LONGEST_TAG {
            return Err(BadTag::Long);
        }
        if spelt.chars().any(char::is_control) {
            return Err(BadTag::Control);
        }
        Ok((!spelt.is_empty()).then(|| Self {
            folded: fold(spelt),
            spelt: spelt.to_owned(),
        }))
    }

    /// The tag as it was spelt.
    pub fn as_str(&self) -> &str {
        &self.spelt
    }

    /// What tags are compared by.
    pub(crate) fn folded(&self) -> &str {
        &self.folded
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.folded == other.folded
    }
}

impl Eq for Tag {}

/// Reads the tags of a request; empty ones are left away, and of equal ones all but the first.
///
/// # Errors
///
/// Where one breaks a rule of tags, or there are more than a title can bear.
pub fn parse_all(texts: &[String]) -> Result<Vec<Tag>, BadTag> {
    let mut tags: Vec<Tag> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for text in texts {
        let Some(tag) = Tag::parse(text)? else {
            continue;
        };
        if !seen.insert(tag.folded.clone()) {
            continue;
        }
        if tags.len() == MOST_TAGS {
            return Err(BadTag::TooMany);
        }
        tags.push(tag);
    }
    Ok(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spelt(texts: &[&str]) -> Result<Vec<String>, BadTag> {
        let texts: Vec<_> = texts.iter().map(ToString::to_string).collect();
        let tags = parse_all(&texts)?;
        Ok(tags.iter().map(|tag| tag.as_str().to_owned()).collect())
    }

    #[test]
    fn tags_are_trimmed_and_empty_ones_left_away() {
        let tags = spelt(&[" drama ", "", "  ", "film noir"]);
        assert_eq!(tags, Ok(vec!["drama".into(), "film noir".into()]));
    }

    #[test]
    fn of_equal_tags_the_first_spelling_stays() {
        assert_eq!(
            spelt(&["Drama", "DRAMA", "comedy"]),
            Ok(vec!["Drama".into(), "comedy".into()])
        );
    }

    #[test]
    fn what_is_too_long_or_too_many_or_controls_a_terminal_is_refused() {
        assert_eq!(spelt(&["ok", &"a".repeat(101)]), Err(BadTag::Long));
        assert_eq!(spelt(&[&"a".repeat(1 << 20)]), Err(BadTag::Long));
        assert_eq!(spelt(&["a\nb"]), Err(BadTag::Control));
        let many: Vec<_> = (0..100_000).map(|n| n.to_string()).collect();
        assert_eq!(parse_all(&many), Err(BadTag::TooMany));
        assert_eq!(
            parse_all(&vec!["same".to_owned(); 100_000]).map(|tags| tags.len()),
            Ok(1)
        );
    }

    proptest! {
        #[test]
        fn tags_are_a_set_in_order(texts in prop::collection::vec("[aAbBcC ]{0,3}", 0..12)) {
            let tags = parse_all(&texts).expect("good tags");
            let mut expected: Vec<String> = Vec::new();
            for text in &texts {
                let known = expected.iter().any(|one| one.eq_ignore_ascii_case(text.trim()));
                if !text.trim().is_empty() && !known {
                    expected.push(text.trim().to_owned());
                }
            }
            let spelt: Vec<_> = tags.iter().map(|tag| tag.as_str().to_owned()).collect();
            prop_assert_eq!(&spelt, &expected);
            prop_assert_eq!(parse_all(&spelt).expect("good tags"), tags, "reading again changes nothing");
        }
    }
}
