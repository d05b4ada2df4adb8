//! Which lines of a log somebody wants to see: from a level on, of some time, with or without some
//! words.
//!
//! Pure: what time it is, and how far the user's clock is ahead of UTC, are values.

use super::Level;
use super::head::{Head, stamp};
use super::pattern::{NotAPattern, Pattern};
use crate::core::time::Wall;
use serde::{Deserialize, Serialize};

/// What is wanted, as it was typed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wants {
    /// This level and what matters more.
    pub level: Option<Level>,
    /// A pattern; with `!` before it, what is not to be in a line.
    pub text: String,
    /// A time, or two with `..` between them.
    pub span: String,
}

/// What is wanted, understood.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    level: Option<Level>,
    since: Option<Wall>,
    until: Option<Wall>,
    holds: Option<Pattern>,
    lacks: Option<Pattern>,
}

/// What is wanted makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAFilter {
    #[error(transparent)]
    Pattern(#[from] NotAPattern),
    #[error(
        "`{text}` is no time; `10m` is ten minutes ago, `14:30` today, `2026-01-31 14:30` a day, `14:00..15:00` an hour"
    )]
    Time { text: String },
}

/// What time it is for the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    pub now: Wall,
    /// Seconds that the user's clock is ahead of UTC.
    pub offset_s: i32,
}

impl Wants {
    /// Whether every line is wanted.
    pub fn all(&self) -> bool {
        *self == Self::default()
    }

    /// Understands it.
    pub fn read(&self, clock: Clock) -> Result<Filter, NotAFilter> {
        let (holds, lacks) = match self.text.strip_prefix('!') {
            Some(text) => (None, Pattern::read(text)?),
            None => (Pattern::read(&self.text)?, None),
        };
        let (from, to) = self.span.split_once("..").unwrap_or((&self.span, ""));
        Ok(Filter {
            level: self.level,
            since: point(from, clock, false)?,
            until: point(to, clock, true)?,
            holds,
            lacks,
        })
    }
}

/// The moment a text means, if it means one. As an end, a minute or a day ends with its last
/// moment.
fn point(text: &str, clock: Clock, end: bool) -> Result<Option<Wall>, NotAFilter> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    let unknown = || NotAFilter::Time {
        text: text.to_owned(),
    };
    if let Some(ago) = ago(text) {
        return Ok(Some(Wall(clock.now.0.saturating_sub(ago))));
    }
    let offset = i64::from(clock.offset_s) * 1000;
    let day = jiff::Timestamp::from_millisecond(clock.now.0.saturating_add(offset))
        .map_err(|_far_away| unknown())?
        .strftime("%Y-%m-%d")
        .to_string();
    let seconds = if end { "59" } else { "00" };
    let whole = match text.len() {
        5 => format!("{day} {text}:{seconds}"),
        8 => format!("{day} {text}"),
        10 if end => format!("{text} 23:59:59"),
        10 => format!("{text} 00:00:00"),
        16 => format!("{text}:{seconds}"),
        _ => text.to_owned(),
    };
    let (at, used) = stamp(whole.as_bytes(), clock.offset_s).ok_or_else(unknown)?;
    if used < whole.len() {
        return Err(unknown());
    }
    let rounded = end && !whole.contains('.');
    Ok(Some(Wall(at.0 + if rounded { 999 } else { 0 })))
}

/// Milliseconds of a text like `10m`.
fn ago(text: &str) -> Option<i64> {
    let unit = text.chars().last()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let count: i64 = text.strip_suffix(unit)?.parse().ok()?;
    count.checked_mul(seconds * 1000).filter(|ms| *ms >= 0)
}

impl Filter {
    /// Whether the head of a line has to be read to know.
    pub const fn needs_head(&self) -> bool {
        self.level.is_some() || self.since.is_some() || self.until.is_some()
    }

    /// Whether a line is wanted. A line that says nothing of itself belongs to the one before it,
    /// whose time and level are in its head.
    pub fn wants(&self, head: &Head, line: &[u8]) -> bool {
        self.level
            .is_none_or(|least| head.level.is_some_and(|is| is >= least))
            && self
                .since
                .is_none_or(|since| head.at.is_some_and(|at| at >= since))
            && self
                .until
                .is_none_or(|until| head.at.is_some_and(|at| at <= until))
            && self.holds.as_ref().is_none_or(|holds| holds.is_in(line))
            && self.lacks.as_ref().is_none_or(|lacks| !lacks.is_in(line))
    }
}

#[cfg(test)]
mod tests {
    use super::super::head::head;
    use super::*;

    /// 2024-01-01, noon for the user, who is an hour ahead.
    const CLOCK: Clock = Clock {
        now: Wall(1_704_106_800_000),
        offset_s: 3600,
    };

    fn wants(wants: &Wants, line: &str) -> bool {
        let filter = wants.read(CLOCK).unwrap();
        filter.wants(&head(line.as_bytes(), CLOCK.offset_s), line.as_bytes())
    }

    #[test]
    fn a_line_is_wanted_for_its_level_its_words_and_its_time() {
        let line = "2024-01-01 11:30:10.500 WARN the disk is full";
        for (level, text, span, wanted) in [
            (None, "", "", true),
            (Some(Level::Warn), "", "", true),
            (Some(Level::Error), "", "", false),
            (None, "DISK", "", false),
            (None, "disk", "", true),
            (None, "!disk", "", false),
            (None, "!fan", "", true),
            (None, "", "1h", true),
            (None, "", "10m", false),
            (None, "", "11:30", true),
            (None, "", "11:31", false),
            (None, "", "..11:30", true),
            (None, "", "..11:29", false),
            (None, "", "11:00..11:30:10", true),
            (None, "", "2024-01-01", true),
            (None, "", "2023-12-31..2024-01-01 10:00", false),
            (Some(Level::Info), "full$", "2h..1m", true),
        ] {
            let asked = Wants {
                level,
                text: text.into(),
                span: span.into(),
            };
            assert_eq!(wants(&asked, line), wanted, "{asked:?}");
        }
    }

    #[test]
    fn what_is_no_time_is_told() {
        for span in [
            "yesterday",
            "25:00",
            "..x",
            "2024-01-01 1:00",
            "9999999999999999d",
        ] {
            let asked = Wants {
                span: span.into(),
                ..Wants::default()
            };
            assert!(asked.read(CLOCK).is_err(), "{span}");
        }
    }
}
