//! Lengths of time as people write them in a property.

use std::time::Duration;

/// Reads `2`, `0.5` (seconds) or a number with a unit: `500ms`, `2s`, `10min`, `1h`.
/// `None` for anything else, for what is negative and for more than a year.
pub(super) fn parse(text: &str) -> Option<Duration> {
    const YEAR: Duration = Duration::from_secs(365 * 24 * 3600);
    let text = text.trim();
    let length = match text.parse::<f64>() {
        Ok(seconds) => Duration::try_from_secs_f64(seconds).ok()?,
        Err(_) => humantime::parse_duration(text).ok()?,
    };
    (length <= YEAR).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_numbers_are_seconds() {
        assert_eq!(parse("2"), Some(Duration::from_secs(2)));
        assert_eq!(parse(" 0.25 "), Some(Duration::from_millis(250)));
    }

    #[test]
    fn units_are_understood() {
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(parse("1h 30min"), Some(Duration::from_secs(5400)));
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for text in [
            "",
            "soon",
            "-1",
            "NaN",
            "inf",
            "1e30",
            "10 years",
            "2 parsecs",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
