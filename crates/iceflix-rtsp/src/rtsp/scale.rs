//! The `Scale` header (RFC 2326, section 12.34): how fast, and in which direction.

/// Reads the header's value: film time for each unit of the wall clock's, negative backwards.
/// `None` where it is no number, or 0, which would be a pause.
pub(crate) fn parse(value: &str) -> Option<f64> {
    let value = value.trim();
    let (sign, digits) = match value.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, value),
    };
    // The grammar has neither exponents nor names of what is no number.
    let plain = |b: u8| b.is_ascii_digit() || b == b'.';
    if digits.len() > 20 || !digits.bytes().all(plain) {
        return None;
    }
    let scale: f64 = digits.parse().ok()?;
    (scale > 0.0).then_some(sign * scale)
}

/// Writes the header of an answer: with three digits behind the point, where it needs any.
pub(crate) fn format(scale: f64) -> String {
    let text = format!("{scale:.3}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_written_as_the_grammar_has_them() {
        for (text, scale) in [
            ("1", 1.0),
            ("2.0", 2.0),
            (" -1 ", -1.0),
            ("-3.5", -3.5),
            ("0.25", 0.25),
            (".5", 0.5),
            ("8.", 8.0),
        ] {
            assert_eq!(parse(text), Some(scale), "{text}");
        }
        for (scale, text) in [(1.0, "1"), (20.0, "20"), (-1.0, "-1"), (2.5, "2.5")] {
            assert_eq!(format(scale), text);
        }
    }

    #[test]
    fn what_is_no_speed_is_none() {
        for text in [
            "",
            "-",
            ".",
            "0",
            "-0",
            "0.000",
            "+2",
            "--2",
            "1e3",
            "inf",
            "NaN",
            "2x",
            "1.2.3",
            "999999999999999999999",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
