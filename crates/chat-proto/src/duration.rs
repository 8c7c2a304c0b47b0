//! Durations as people type and read them, with one grammar for all programs.

use std::time::Duration;

use jiff::fmt::friendly::SpanParser;
use jiff::{SignedDuration, SpanRelativeTo};

/// The maximum number of words in a duration, as in `1 hour 30 minutes`.
const WORDS: usize = 4;

/// Parses a duration: `10m`, `2h`, `1h30m`, `3d`, `1w`, or in words such as `10 minutes`. A day has 24 hours. `None` if the
/// text is something else, is negative or zero, or has months or years, which have no fixed length.
#[must_use]
pub fn parse(text: &str) -> Option<Duration> {
    const PARSER: SpanParser = SpanParser::new();
    // Jiff would also accept signs, `ago` and clock times.
    if text.contains(['-', '+', ':']) {
        return None;
    }
    let span = PARSER.parse_span(text.trim().to_ascii_lowercase()).ok()?;
    let duration: SignedDuration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(duration).ok().filter(|duration| !duration.is_zero())
}

/// Parses the duration at the start of a text, and returns it with the rest of the text.
#[must_use]
pub fn parse_prefix(text: &str) -> Option<(Duration, &str)> {
    let text = text.trim_start();
    let is_gap = |(at, c): &(usize, char)| c.is_whitespace() && !text[..*at].ends_with(char::is_whitespace);
    let mut ends: Vec<usize> = text.char_indices().filter(is_gap).map(|(at, _)| at).take(WORDS).collect();
    ends.push(text.len());
    let longest_first = ends.into_iter().take(WORDS).rev();
    longest_first
        .map(|end| text.split_at(end))
        .find_map(|(head, rest)| Some((parse(head)?, rest.trim_start())))
}

/// Returns a duration in words, rounded up: `a minute`, `90 minutes`, `3 hours`, `2 days`.
#[must_use]
pub fn words(duration: Duration) -> String {
    let minutes = duration.as_millis().div_ceil(60_000);
    match minutes {
        0..=1 => "a minute".to_owned(),
        2..=119 => format!("{minutes} minutes"),
        120..=2879 => format!("{} hours", minutes.div_ceil(60)),
        _ => format!("{} days", minutes.div_ceil(24 * 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const HOUR: Duration = Duration::from_secs(60 * 60);
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    #[test]
    fn durations_are_read_as_people_type_them() {
        for (text, expected) in [
            ("30s", MINUTE / 2),
            ("10m", 10 * MINUTE),
            ("2h", 2 * HOUR),
            ("3d", 3 * DAY),
            ("1w", 7 * DAY),
            ("1h30m", 90 * MINUTE),
            ("1h 30m", 90 * MINUTE),
            ("10 minutes", 10 * MINUTE),
            ("1 minute", MINUTE),
            ("10 mins", 10 * MINUTE),
            ("2 hours", 2 * HOUR),
            ("3 days", 3 * DAY),
            ("2 weeks", 14 * DAY),
            ("1 hour, 30 minutes", 90 * MINUTE),
            ("10M", 10 * MINUTE),
            ("10 Minutes", 10 * MINUTE),
            (" 10m ", 10 * MINUTE),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "m",
            "10",
            "0m",
            "0",
            "-10m",
            "+10m",
            "10m ago",
            "10 min utes",
            "ten minutes",
            "1mo",
            "1 month",
            "1y",
            "12:30:00",
            "10m spam",
            "99999999999999999999w",
            "1e9h",
            "10€",
            "①m",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_reason_may_follow_a_duration() {
        for (text, expected) in [
            ("10m", Some((10 * MINUTE, ""))),
            ("10m  for spam ", Some((10 * MINUTE, "for spam "))),
            (" 10 minutes for spam", Some((10 * MINUTE, "for spam"))),
            ("1 hour 30 minutes m", Some((90 * MINUTE, "m"))),
            ("1 hour 30", Some((HOUR, "30"))),
            ("3 days", Some((3 * DAY, ""))),
            ("spam 10m", None),
            ("", None),
        ] {
            assert_eq!(parse_prefix(text), expected, "{text}");
        }
    }

    #[test]
    fn words_round_up_and_are_read_again() {
        for (duration, expected) in [
            (Duration::ZERO, "a minute"),
            (MINUTE, "a minute"),
            (MINUTE + Duration::from_millis(1), "2 minutes"),
            (2 * HOUR - MINUTE, "119 minutes"),
            (2 * HOUR, "2 hours"),
            (2 * DAY, "2 days"),
            (2 * DAY + MINUTE, "3 days"),
        ] {
            let words = words(duration);
            assert_eq!(words, expected);
            assert!(words == "a minute" || parse(&words) >= Some(duration), "{words}");
        }
    }
}
