//! What a line of a log says of itself: when, and how much it matters. Every program writes its
//! logs in its own way; what most of them agree on is understood.
//!
//! Pure, and quick: a search looks at a million of these.

use super::Level;
use crate::core::time::Wall;

/// So much of a line is looked through for its level.
const NEAR: usize = 96;
/// So many words may stand before the level.
const WORDS: usize = 5;

/// The beginning of a line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Head {
    pub at: Option<Wall>,
    pub level: Option<Level>,
    /// Where in the line its text begins.
    pub text: usize,
}

/// Reads the beginning of a line. Times without a zone are so many seconds ahead of UTC.
pub fn head(line: &[u8], offset_s: i32) -> Head {
    if line.first() == Some(&b'{') {
        return json(line, offset_s);
    }
    let stamp = stamp(line, offset_s);
    let mut at = stamp.map_or(0, |(_, used)| used);
    let stamped = stamp.map(|(wall, _)| wall);
    at += blanks(line.get(at..).unwrap_or_default());
    let near = line.len().min(at + NEAR);
    let mut level = None;
    let mut text = at;
    let mut from = at;
    for nth in 0..WORDS {
        let Some(rest) = line.get(from..near).filter(|rest| !rest.is_empty()) else {
            break;
        };
        let long = rest
            .iter()
            .take_while(|byte| !byte.is_ascii_whitespace())
            .count();
        let whole = rest.get(..long).unwrap_or_default();
        let word = trimmed(whole);
        // In the middle of a sentence it is only a word: there it has to be written as a level.
        let dressed = word.len() < whole.len() || word.iter().all(u8::is_ascii_uppercase);
        let first = nth == 0 && stamped.is_some();
        let unstamped = nth > 0 && stamped.is_none();
        if (first || dressed)
            && !unstamped
            && let Some(found) = std::str::from_utf8(word).ok().and_then(Level::of)
        {
            level = Some(found);
            if nth == 0 {
                text = from + long;
                text += blanks(line.get(text..).unwrap_or_default());
            }
            break;
        }
        from += long;
        from += blanks(line.get(from..).unwrap_or_default());
    }
    if stamped.is_none() && level.is_none() {
        // It goes on with the line before it, and how far it is indented says how.
        text = 0;
    }
    Head {
        at: stamped,
        level,
        text: text.min(line.len()),
    }
}

/// How many blanks and separators come first.
fn blanks(text: &[u8]) -> usize {
    let is = |byte: &&u8| byte.is_ascii_whitespace();
    let mut long = text.iter().take_while(is).count();
    // `time - name - level - text`, `time | level | text`
    while let Some([b'-' | b'|', after, ..]) = text.get(long..)
        && after.is_ascii_whitespace()
    {
        long += 1;
        long += text.iter().skip(long).take_while(is).count();
    }
    long
}

/// A word without the brackets and colons around it.
fn trimmed(word: &[u8]) -> &[u8] {
    let is = |byte: &u8| b"[]()<>:|,".contains(byte);
    let from = word.iter().take_while(|byte| is(byte)).count();
    let to = word.iter().rev().take_while(|byte| is(byte)).count();
    word.get(from..word.len() - to.min(word.len() - from))
        .unwrap_or_default()
}

/// Reads a time at the start of a text, and says how many bytes it takes.
pub fn stamp(text: &[u8], offset_s: i32) -> Option<(Wall, usize)> {
    let bracket = usize::from(text.first() == Some(&b'['));
    let mut at = bracket;
    let digits = |at: usize, long: usize| -> Option<i64> {
        let digits = text.get(at..at + long)?;
        digits.iter().try_fold(0, |sum, byte| {
            let digit = byte.is_ascii_digit().then(|| i64::from(byte - b'0'))?;
            Some(sum * 10 + digit)
        })
    };
    let is = |at: usize, wanted: &[u8]| text.get(at).is_some_and(|byte| wanted.contains(byte));
    let (year, month, day) = (digits(at, 4)?, digits(at + 5, 2)?, digits(at + 8, 2)?);
    if !is(at + 4, b"-/") || !is(at + 7, b"-/") || !is(at + 10, b"T _") {
        return None;
    }
    at += 11;
    let (hour, minute, second) = (digits(at, 2)?, digits(at + 3, 2)?, digits(at + 6, 2)?);
    if !is(at + 2, b":") || !is(at + 5, b":") || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    at += 8;
    let mut ms = 0;
    if is(at, b".,") && text.get(at + 1).is_some_and(u8::is_ascii_digit) {
        at += 1;
        let mut scale = 100;
        while let Some(digit) = digits(at, 1) {
            ms += digit * scale;
            scale /= 10;
            at += 1;
        }
    }
    let mut zone = i64::from(offset_s);
    if is(at, b"Zz") {
        (zone, at) = (0, at + 1);
    } else if is(at, b"+-")
        && let Some(hours) = digits(at + 1, 2)
    {
        let colon = usize::from(is(at + 3, b":"));
        if let Some(minutes) = digits(at + 3 + colon, 2) {
            let sign = if is(at, b"-") { -1 } else { 1 };
            zone = sign * (hours * 3600 + minutes * 60);
            at += 5 + colon;
        }
    }
    if bracket == 1 && is(at, b"]") {
        at += 1;
    }
    let days = days(year, month, day)?;
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - zone;
    Some((Wall(seconds * 1000 + ms), at))
}

/// Days since 1970 of a date of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // The year begins in March here, so that the leap day is its last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// A line that is an object of JSON. All of it is its text.
fn json(line: &[u8], offset_s: i32) -> Head {
    let value = |names: &[&[u8]]| {
        names.iter().find_map(|name| {
            let at = memchr::memmem::find(line, name)? + name.len();
            let rest = line.get(at..)?;
            let skip = rest
                .iter()
                .take_while(|byte| b" :\"".contains(byte))
                .count();
            rest.get(skip..)
        })
    };
    let at = value(&[b"\"timestamp\"", b"\"time\"", b"\"ts\"", b"\"@timestamp\""]);
    let level =
        value(&[b"\"level\"", b"\"severity\"", b"\"levelname\"", b"\"lvl\""]).and_then(|rest| {
            let long = rest.iter().take_while(|byte| byte.is_ascii_alphabetic());
            let word = rest.get(..long.count())?;
            Level::of(std::str::from_utf8(word).ok()?)
        });
    Head {
        at: at
            .and_then(|rest| stamp(rest, offset_s))
            .map(|(wall, _)| wall),
        level,
        text: 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_ways_in_which_programs_begin_a_line_are_understood() {
        let noon = Some(Wall(1_704_110_400_000));
        let (warn, error, info) = (Some(Level::Warn), Some(Level::Error), Some(Level::Info));
        for (line, at, level, text) in [
            (
                "2024-01-01T12:00:00.000Z WARN  it is late",
                noon,
                warn,
                "it is late",
            ),
            ("2024-01-01T13:00:00+01:00 error x", noon, error, "x"),
            (
                "2024-01-01 13:00:00 INFO main.py:12 hello",
                noon,
                info,
                "main.py:12 hello",
            ),
            (
                "2024-01-01 13:00:00,000 - srv - WARNING - so so",
                noon,
                warn,
                "srv - WARNING - so so",
            ),
            ("[2024-01-01 13:00:00] [INFO] up", noon, info, "up"),
            ("2024/01/01 13:00:00 | ERROR | down", noon, error, "down"),
            (
                "2024-01-01 13:00:00 there is no error here",
                noon,
                None,
                "there is no error here",
            ),
            ("ERROR: no time at all", None, error, "no time at all"),
            (
                "an error in a sentence",
                None,
                None,
                "an error in a sentence",
            ),
            (
                "  at frame 3 of a trace",
                None,
                None,
                "  at frame 3 of a trace",
            ),
            (
                "2024-13-01 13:00:00 nonsense",
                None,
                None,
                "2024-13-01 13:00:00 nonsense",
            ),
            (
                r#"{"time":"2024-01-01T12:00:00Z","level":"warn","msg":"m"}"#,
                noon,
                warn,
                r#"{"time":"2024-01-01T12:00:00Z","level":"warn","msg":"m"}"#,
            ),
            ("", None, None, ""),
        ] {
            let head = head(line.as_bytes(), 3600);
            let said = line.get(head.text..).unwrap();
            assert_eq!((head.at, head.level, said), (at, level, text), "{line}");
        }
    }

    #[test]
    fn a_time_is_what_the_calendar_says() {
        for (text, ms) in [
            ("1970-01-01 00:00:00", 0),
            ("2000-02-29 23:59:59.5", 951_868_799_500),
            ("2026-11-22T01:02:03.123456Z", 1_795_309_323_123),
            ("1969-12-31T23:59:59-00:00", -1000),
        ] {
            let (at, used) = stamp(text.as_bytes(), 0).unwrap();
            assert_eq!((at, used), (Wall(ms), text.len()), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_have_a_beginning(line in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(head(&line, 0).text <= line.len());
        }

        #[test]
        fn nearly_a_line_has_a_beginning(line in "\\[?20[0-9]{2}-[01][0-9]-[0-3][0-9][T ][0-9:]{0,8}[.,]?[0-9]{0,12}[+-]?[0-9:]{0,6}[ |\\]-]{0,4}(INFO|warn|\\[ERROR\\])?.{0,9}") {
            prop_assert!(head(line.as_bytes(), 0).text <= line.len());
        }
    }
}
