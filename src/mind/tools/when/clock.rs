//! Reads a time of day, perhaps with its day.

use super::day;
use crate::mind::tools::numeral::to_digits;
use crate::mind::tools::short;
use jiff::Zoned;
use jiff::civil::Time;

/// A half of the day.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

/// Words that say which half of the day is meant, and the day if they say that too.
const HALVES: &[(&str, &str, Half)] = &[
    ("tomorrow morning", "tomorrow", Half::Am),
    ("tomorrow afternoon", "tomorrow", Half::Pm),
    ("tomorrow evening", "tomorrow", Half::Pm),
    ("tomorrow night", "tomorrow", Half::Pm),
    ("this morning", "today", Half::Am),
    ("this afternoon", "today", Half::Pm),
    ("this evening", "today", Half::Pm),
    ("tonight", "today", Half::Pm),
    ("in the morning", "", Half::Am),
    ("in the afternoon", "", Half::Pm),
    ("in the evening", "", Half::Pm),
    ("at night", "", Half::Pm),
    ("今早", "今天", Half::Am),
    ("今晚上", "今天", Half::Pm),
    ("今晚", "今天", Half::Pm),
    ("明早", "明天", Half::Am),
    ("明晚", "明天", Half::Pm),
    ("凌晨", "", Half::Am),
    ("清晨", "", Half::Am),
    ("早上", "", Half::Am),
    ("早晨", "", Half::Am),
    ("上午", "", Half::Am),
    ("中午", "", Half::Pm),
    ("下午", "", Half::Pm),
    ("傍晚", "", Half::Pm),
    ("晚上", "", Half::Pm),
];

/// A time of day, perhaps with its day: the moment it comes next. `None` too if it is over.
pub(in crate::mind) fn moment(text: &str, now: &Zoned) -> Option<Zoned> {
    let text = to_digits(short(text)?);
    let text = text.trim();
    if let Ok(exact) = text.to_uppercase().parse::<jiff::civil::DateTime>()
        && text.contains(':')
    {
        return exact.to_zoned(now.time_zone().clone()).ok();
    }
    let found = HALVES.iter().find(|(word, _, _)| text.contains(word));
    let (text, half) = match found {
        Some((word, day, half)) => (text.replacen(word, day, 1), Some(*half)),
        None => (text.to_owned(), None),
    };
    let text = text.trim();
    // In Chinese an hour says 点: the 9 of 9点 is no time.
    let spelt = !text.is_ascii();
    let clock = |text: &str| {
        let bare = text.trim().bytes().all(|byte| byte.is_ascii_digit());
        if spelt && bare {
            None
        } else {
            clock(text, half)
        }
    };
    if let Some(time) = clock(text) {
        let today = now
            .date()
            .to_datetime(time)
            .to_zoned(now.time_zone().clone())
            .ok()?;
        if today > *now {
            return Some(today);
        }
        let next = now.date().tomorrow().ok()?.to_datetime(time);
        return next.to_zoned(now.time_zone().clone()).ok();
    }
    let characters: Vec<char> = text.chars().collect();
    (1..characters.len()).find_map(|at| {
        let (before, after) = characters.split_at(at);
        let (before, after): (String, String) = (before.iter().collect(), after.iter().collect());
        let (date, time) = match (day(&before, now.date()), clock(&after)) {
            (Some(date), Some(time)) => (date, time),
            _ => (day(&after, now.date())?, clock(&before)?),
        };
        date.to_datetime(time)
            .to_zoned(now.time_zone().clone())
            .ok()
    })
}

/// A time of day.
fn clock(text: &str, half: Option<Half>) -> Option<Time> {
    let text = text.trim();
    let text = text.strip_prefix("at ").unwrap_or(text).trim();
    let text = text.trim_end_matches("o'clock").trim();
    match text {
        "noon" | "midday" => return Time::new(12, 0, 0, 0).ok(),
        "midnight" | "午夜" => return Time::new(0, 0, 0, 0).ok(),
        _ => {}
    }
    let (text, half) = [
        ("a.m.", Half::Am),
        ("p.m.", Half::Pm),
        ("am", Half::Am),
        ("pm", Half::Pm),
    ]
    .iter()
    .find_map(|(end, half)| Some((text.strip_suffix(end)?.trim(), Some(*half))))
    .unwrap_or((text, half));
    let (hour, minute, second) = spoken(text).or_else(|| written(text))?;
    let hour = match half {
        Some(Half::Pm) if hour < 12 => hour + 12,
        Some(Half::Am) if hour == 12 => 0,
        _ => hour,
    };
    Time::new(hour, minute, second, 0).ok()
}

/// "half past 7", "10 to 8".
fn spoken(text: &str) -> Option<(i8, i8, i8)> {
    let past = text.contains(" past ");
    let (minutes, hour) = text.split_once(if past { " past " } else { " to " })?;
    let minutes = match minutes.trim().trim_end_matches(" minutes") {
        "half" => 30,
        "quarter" | "a quarter" => 15,
        number => number
            .parse::<i8>()
            .ok()
            .filter(|number| (1..60).contains(number))?,
    };
    let hour = hour
        .trim()
        .parse::<i8>()
        .ok()
        .filter(|hour| (0..24).contains(hour))?;
    Some(if past {
        (hour, minutes, 0)
    } else {
        ((hour + 23) % 24, 60 - minutes, 0)
    })
}

/// "7", "7:30", "7:30:15", 7点, 7点半, 7点30分, 7点1刻.
fn written(text: &str) -> Option<(i8, i8, i8)> {
    let two = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i8>().ok()).flatten()
    };
    let chinese = ["点钟", "点", "时"]
        .iter()
        .find_map(|mark| text.split_once(mark));
    if let Some((hour, minutes)) = chinese {
        let minutes = minutes.trim();
        let minutes = match minutes.trim_end_matches('分') {
            "" | "整" => 0,
            "半" => 30,
            "1刻" => 15,
            "3刻" => 45,
            number => two(number)?,
        };
        return Some((two(hour.trim())?, minutes, 0));
    }
    let mut parts = text.split(':');
    let hour = two(parts.next()?)?;
    let minute = parts.next().map_or(Some(0), two)?;
    let second = parts.next().map_or(Some(0), two)?;
    parts.next().is_none().then_some((hour, minute, second))
}
