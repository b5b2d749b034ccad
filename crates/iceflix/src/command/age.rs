//! Lengths of time for people.

use std::time::Duration;

/// The two largest units of it: `3s`, `5m 12s`, `4h 10m`, `1day 2h`.
pub(crate) fn told(age: Duration) -> String {
    let whole = humantime::format_duration(Duration::from_secs(age.as_secs())).to_string();
    whole.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_units_are_enough() {
        assert_eq!(told(Duration::from_millis(999)), "0s");
        assert_eq!(told(Duration::from_millis(312_345)), "5m 12s");
        assert_eq!(told(Duration::from_secs(93_784)), "1day 2h");
    }
}
