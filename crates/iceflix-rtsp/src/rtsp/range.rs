//! The `Range` header in normal play time (RFC 2326, sections 3.6 and 12.29).

use std::time::Duration;

/// Longer than any film: what is beyond is a mistake, and would overflow sums.
const MAX_NPT: Duration = Duration::from_secs(1_000_000_000);

/// A span of normal play time, from the beginning of the title.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Npt {
    /// Where to begin; `None` is "now": wherever the stream is.
    pub(crate) from: Option<Duration>,
    /// Where to end; `None` is the title's end.
    pub(crate) to: Option<Duration>,
}

/// What a `Range` header asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A span of normal play time.
    Span(Npt),
    /// Units that nobody here knows (SMPTE, absolute time): to be answered with 457.
    Foreign,
    /// Not a range at all: to be answered with 400.
    Malformed,
}

/// Reads the value of a `Range` header, of a film that is to be played in that direction: backwards,
/// its end is before its beginning. A `;time=` parameter is left out: it asks for a later
/// beginning by the wall clock, which no player uses.
pub(crate) fn parse(value: &str, backwards: bool) -> Asked {
    let range = value.split(';').next().unwrap_or_default().trim();
    let Some((unit, span)) = range.split_once('=') else {
        return Asked::Malformed;
    };
    if !unit.trim().eq_ignore_ascii_case("npt") {
        return Asked::Foreign;
    }
    let Some((from, to)) = span.trim().split_once('-') else {
        return Asked::Malformed;
    };
    match (moment(from), moment(to)) {
        (Some(Moment::Unsaid), Some(Moment::Unsaid)) | (None, _) | (_, None) => Asked::Malformed,
        (Some(Moment::At(from)), Some(Moment::At(to)))
            if to == from || backwards != (to < from) =>
        {
            Asked::Malformed
        }
        // Where the title's end is, is not known here.
        (Some(Moment::Unsaid), _) if backwards => Asked::Malformed,
        (Some(from), Some(to)) => Asked::Span(Npt {
            from: match from {
                Moment::Now => None,
                Moment::At(at) => Some(at),
                Moment::Unsaid => Some(Duration::ZERO),
            },
            to: match to {
                Moment::At(at) => Some(at),
                Moment::Now | Moment::Unsaid => None,
            },
        }),
    }
}

/// Writes the `Range` header of an answer; an end beyond all films is one that is not known.
pub(crate) fn format(from: Duration, to: Duration) -> String {
    if to > MAX_NPT {
        return format!("npt={}-", seconds(from));
    }
    format!("npt={}-{}", seconds(from), seconds(to))
}

/// A duration as `npt-sec` with millisecond digits, cut and not rounded, so that it never says more
/// than there is.
pub(crate) fn seconds(time: Duration) -> String {
    format!("{}.{:03}", time.as_secs(), time.subsec_millis())
}

enum Moment {
    Unsaid,
    Now,
    At(Duration),
}

fn moment(text: &str) -> Option<Moment> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Moment::Unsaid);
    }
    if text == "now" {
        return Some(Moment::Now);
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fields: Vec<&str> = whole.split(':').take(4).collect();
    let seconds = match fields[..] {
        [seconds] => digits(seconds)?,
        [hours, minutes, seconds] => {
            let (minutes, seconds) = (digits(minutes)?, digits(seconds)?);
            if minutes > 59 || seconds > 59 {
                return None;
            }
            digits(hours)?.checked_mul(3_600)? + minutes * 60 + seconds
        }
        _ => return None,
    };
    let time =
        Duration::from_secs(seconds).checked_add(Duration::from_nanos(nanoseconds(fraction)?))?;
    (time <= MAX_NPT).then_some(Moment::At(time))
}

fn digits(text: &str) -> Option<u64> {
    let plain = !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

fn nanoseconds(fraction: &str) -> Option<u64> {
    if !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let nine: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    nine.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(value: &str) -> Asked {
        super::parse(value, false)
    }

    fn span(from: Option<f64>, to: Option<f64>) -> Asked {
        let time = |t: Option<f64>| t.map(Duration::from_secs_f64);
        Asked::Span(Npt {
            from: time(from),
            to: time(to),
        })
    }

    #[test]
    fn every_form_that_players_send_is_understood() {
        assert_eq!(parse("npt=0-"), span(Some(0.0), None));
        assert_eq!(parse("npt=0.000-"), span(Some(0.0), None));
        assert_eq!(parse("npt=12.5-20"), span(Some(12.5), Some(20.0)));
        assert_eq!(parse("npt=now-"), span(None, None));
        assert_eq!(parse("npt=-7"), span(Some(0.0), Some(7.0)));
        assert_eq!(parse("npt=01:02:03.25-"), span(Some(3_723.25), None));
        assert_eq!(
            parse(" NPT = 3 - ;time=19970123T143720Z"),
            span(Some(3.0), None)
        );
        assert_eq!(parse("npt=1.123456789123-"), span(Some(1.123456789), None));
    }

    #[test]
    fn other_units_are_told_from_nonsense() {
        assert_eq!(parse("smpte=10:07:00-"), Asked::Foreign);
        assert_eq!(parse("clock=19961108T143720.25Z-"), Asked::Foreign);
        for nonsense in [
            "",
            "npt",
            "npt=",
            "npt=-",
            "npt=x-",
            "npt=1:2-",
            "npt=0:60:00-",
            "npt=5-3",
            "npt=+1-",
            "npt=1e9-",
            "npt=99999999999999999999-",
            "npt=999999999999-",
            "npt=1.x-",
            "npt=1:2:3:4-",
        ] {
            assert_eq!(parse(nonsense), Asked::Malformed, "{nonsense:?}");
        }
    }

    #[test]
    fn backwards_the_end_is_before_the_beginning() {
        let parse = |value| super::parse(value, true);
        assert_eq!(parse("npt=20-12.5"), span(Some(20.0), Some(12.5)));
        assert_eq!(parse("npt=20-"), span(Some(20.0), None));
        assert_eq!(parse("npt=now-"), span(None, None));
        for nonsense in ["npt=3-5", "npt=5-5", "npt=-5"] {
            assert_eq!(parse(nonsense), Asked::Malformed, "{nonsense:?}");
        }
    }

    #[test]
    fn an_answer_never_promises_more_than_there_is() {
        let third = Duration::from_nanos(9_999_999_999);
        assert_eq!(
            format(Duration::from_micros(1_066_667), third),
            "npt=1.066-9.999"
        );
    }
}
