//! Reads days, times of day and spans, as people say them in English and Chinese.
//!
//! A day without a year, and a time without a day, is the next one to come.

use super::numeral::to_digits;
use super::tell::MONTHS;
use super::unit::{Amount, Quantity};
use jiff::civil::{Date, Time, Weekday};
use jiff::{Span, Zoned};
use std::time::Duration;

/// The longest text that is tried as a day with a time: every split of it is.
const LONGEST: usize = 60;

/// A length of time in hours, minutes and the like.
pub(in crate::mind) fn duration(text: &str) -> Option<Duration> {
    let amount = Amount::read(text, Some(Quantity::Time))?;
    if amount.of() != Some(Quantity::Time) {
        return None;
    }
    let seconds = amount.base().ok()?.float();
    // Beyond a hundred years nobody means it, and milliseconds would overflow one day.
    (0.0..=3.2e9)
        .contains(&seconds)
        .then(|| Duration::from_secs_f64(seconds))
}

/// A length of time on the calendar: days, weeks, months, years.
pub(in crate::mind) fn calendar(text: &str) -> Option<Span> {
    let text = to_digits(text);
    let (sign, text) = match text.trim().strip_prefix('-') {
        Some(rest) => (-1, rest.trim()),
        None => (1, text.trim()),
    };
    let text = text.strip_prefix('+').unwrap_or(text);
    let text = text
        .strip_prefix("a ")
        .map_or_else(|| text.to_owned(), |rest| format!("1 {rest}"));
    let text = text.replace("半年", "6个月");
    let mut rest: Vec<char> = text.chars().collect();
    let mut span = Span::new();
    let mut any = false;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        let number: i64 = rest
            .get(..digits)?
            .iter()
            .collect::<String>()
            .parse()
            .ok()?;
        let number = number.checked_mul(sign)?;
        let after = rest.get(digits..)?;
        let length = after.iter().take_while(|c| !c.is_ascii_digit()).count();
        let name: String = after.get(..length)?.iter().collect();
        let name = name
            .trim()
            .trim_start_matches('-')
            .trim_start_matches('个')
            .trim_end_matches(',');
        let name = name.strip_suffix(" and").unwrap_or(name).trim();
        span = match name {
            "day" | "days" | "d" | "天" | "日" => span.try_days(number),
            "week" | "weeks" | "w" | "周" | "星期" | "礼拜" => span.try_weeks(number),
            "fortnight" | "fortnights" => span.try_weeks(number.checked_mul(2)?),
            "month" | "months" | "月" => span.try_months(number),
            "year" | "years" | "y" | "年" => span.try_years(number),
            _ => return None,
        }
        .ok()?;
        any = true;
        rest = after.get(length..)?.to_vec();
    }
    any.then_some(span)
}

/// A day.
pub(in crate::mind) fn day(text: &str, today: Date) -> Option<Date> {
    let text = to_digits(text);
    let text = text.trim();
    let text = ["on ", "the ", "this ", "今年", "这个", "这", "本"]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .unwrap_or(text)
        .trim();
    relative(text, today)
        .or_else(|| weekday(text, today))
        .or_else(|| feast(text, today))
        .or_else(|| numbered(text, today))
        .or_else(|| named(text, today))
}

fn relative(text: &str, today: Date) -> Option<Date> {
    let days = match text {
        "today" | "今天" | "今日" => 0,
        "tomorrow" | "明天" | "明日" => 1,
        "day after tomorrow" | "后天" => 2,
        "大后天" => 3,
        "yesterday" | "昨天" | "昨日" => -1,
        "day before yesterday" | "前天" => -2,
        "大前天" => -3,
        _ => return None,
    };
    today.checked_add(Span::new().days(days)).ok()
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("monday", Weekday::Monday),
    ("tuesday", Weekday::Tuesday),
    ("wednesday", Weekday::Wednesday),
    ("thursday", Weekday::Thursday),
    ("friday", Weekday::Friday),
    ("saturday", Weekday::Saturday),
    ("sunday", Weekday::Sunday),
];

/// Chinese counts weeks from Monday: 下周三 is the Wednesday of next week. English means the
/// nearest one to come.
fn weekday(text: &str, today: Date) -> Option<Date> {
    let (nth, name) = match text.split_once(' ') {
        Some(("next" | "coming", name)) => (1, name),
        Some(("last", name)) => (-1, name),
        _ => (1, text),
    };
    let short = name.chars().count() == 3;
    let fits = |known: &str| known == name || (short && known.starts_with(name));
    if let Some((_, day)) = WEEKDAYS.iter().find(|(known, _)| fits(known)) {
        return today.nth_weekday(nth, *day).ok();
    }
    let (weeks, name) = match text.strip_prefix('下') {
        Some(name) => (Some(1), name),
        None => match text.strip_prefix('上') {
            Some(name) => (Some(-1), name),
            None => (None, text),
        },
    };
    let name = name.trim_start_matches('个');
    let number = ["星期", "礼拜", "周"]
        .iter()
        .find_map(|start| name.strip_prefix(start))?;
    let at = match number {
        "日" | "天" => 6,
        "1" | "2" | "3" | "4" | "5" | "6" => number.parse::<i64>().ok()? - 1,
        _ => return None,
    };
    let since_monday = i64::from(today.weekday().to_monday_zero_offset());
    let ahead = at - since_monday;
    let days = match weeks {
        Some(weeks) => ahead + 7 * weeks,
        None if ahead < 0 => ahead + 7,
        None => ahead,
    };
    today.checked_add(Span::new().days(days)).ok()
}

/// Feasts on a fixed day.
const FEASTS: &[(&str, i8, i8)] = &[
    ("christmas eve", 12, 24),
    ("christmas day", 12, 25),
    ("christmas", 12, 25),
    ("xmas", 12, 25),
    ("boxing day", 12, 26),
    ("new year's eve", 12, 31),
    ("new years eve", 12, 31),
    ("new year's day", 1, 1),
    ("new year's", 1, 1),
    ("new year", 1, 1),
    ("valentine's day", 2, 14),
    ("valentines day", 2, 14),
    ("halloween", 10, 31),
    ("圣诞节", 12, 25),
    ("圣诞", 12, 25),
    ("平安夜", 12, 24),
    ("元旦", 1, 1),
    ("新年", 1, 1),
    ("情人节", 2, 14),
    ("妇女节", 3, 8),
    ("劳动节", 5, 1),
    ("5.1", 5, 1),
    ("儿童节", 6, 1),
    ("教师节", 9, 10),
    ("国庆节", 10, 1),
    ("国庆", 10, 1),
    ("万圣节", 10, 31),
];

/// The Spring Festival follows the moon.
const SPRING: &[(i16, i8, i8)] = &[
    (2025, 1, 29),
    (2026, 2, 17),
    (2027, 2, 6),
    (2028, 1, 26),
    (2029, 2, 13),
    (2030, 2, 3),
    (2031, 1, 23),
    (2032, 2, 11),
    (2033, 1, 31),
    (2034, 2, 19),
    (2035, 2, 8),
    (2036, 1, 28),
];

fn feast(text: &str, today: Date) -> Option<Date> {
    let (name, year) = match text.split_once('年') {
        Some((year, name)) if year.parse::<i16>().is_ok() => (name, year.parse().ok()),
        _ => match text.rsplit_once(' ') {
            Some((name, year)) if year.len() == 4 && year.parse::<i16>().is_ok() => {
                (name, year.parse().ok())
            }
            _ => (text, None),
        },
    };
    let name = name.trim();
    if matches!(
        name,
        "春节"
            | "过年"
            | "农历新年"
            | "大年初1"
            | "chinese new year"
            | "lunar new year"
            | "spring festival"
    ) {
        let days = SPRING
            .iter()
            .filter_map(|(year, month, day)| Date::new(*year, *month, *day).ok());
        let mut wanted = days.filter(|date| match year {
            Some(year) => date.year() == year,
            None => *date >= today,
        });
        return wanted.next();
    }
    let (_, month, day) = FEASTS.iter().find(|(known, _, _)| *known == name)?;
    coming(year, *month, *day, today)
}

/// The day in a given year, or the next one to come.
fn coming(year: Option<i16>, month: i8, day: i8, today: Date) -> Option<Date> {
    if let Some(year) = year {
        return Date::new(year, month, day).ok();
    }
    // 29 February may be eight years off.
    (0..=8)
        .filter_map(|more| Date::new(today.year().checked_add(more)?, month, day).ok())
        .find(|date| *date >= today)
}

/// `2027-01-31`, `31.1.2027`, `31/1/2027` where only one reading is possible, 2027年1月31日.
fn numbered(text: &str, today: Date) -> Option<Date> {
    let mut numbers: Vec<i16> = Vec::new();
    let mut signs: Vec<char> = Vec::new();
    let mut digits = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_digit() {
            digits.push(character);
        } else if !digits.is_empty() {
            numbers.push(std::mem::take(&mut digits).parse().ok()?);
            signs.push(character);
        } else if character != ' ' && character != '\n' {
            return None;
        }
    }
    let small = |number: i16| i8::try_from(number).ok();
    match (numbers.as_slice(), signs.as_slice()) {
        ([year, month, day], ['-' | '/' | '.', _, '\n'] | ['年', '月', '日' | '号' | '\n'])
            if *year > 31 =>
        {
            Date::new(*year, small(*month)?, small(*day)?).ok()
        }
        ([day, month, year], ['.', '.', '\n']) if *year > 31 => {
            Date::new(*year, small(*month)?, small(*day)?).ok()
        }
        ([first, second, year], ['/', '/', '\n']) if *year > 31 => {
            // Day and month cannot be told apart up to the 12th, unless they are the same.
            let (month, day) = match (first, second) {
                (first, second) if *first > 12 || first == second => (second, first),
                (first, second) if *second > 12 => (first, second),
                _ => return None,
            };
            Date::new(*year, small(*month)?, small(*day)?).ok()
        }
        ([month, day], ['月', '日' | '号' | '\n']) => {
            coming(None, small(*month)?, small(*day)?, today)
        }
        ([day], ['日' | '号']) => (0..12)
            .filter_map(|more| today.checked_add(Span::new().months(more)).ok())
            .filter_map(|date| Date::new(date.year(), date.month(), small(*day)?).ok())
            .find(|date| *date >= today),
        _ => None,
    }
}

/// `31 January 2027`, `January 31st`, `the 31st of Jan`.
fn named(text: &str, today: Date) -> Option<Date> {
    let (mut day, mut month, mut year) = (None, None, None);
    for word in text
        .split([' ', ','])
        .filter(|word| !matches!(*word, "" | "of" | "the"))
    {
        let letters = word.trim_end_matches('.');
        let digits = ["st", "nd", "rd", "th"]
            .iter()
            .find_map(|end| letters.strip_suffix(end))
            .unwrap_or(letters);
        if let Ok(number) = digits.parse::<i16>() {
            let (place, fits) = if day.is_none() && number <= 31 {
                (&mut day, true)
            } else {
                (&mut year, digits == letters && digits.len() == 4)
            };
            if place.is_some() || !fits {
                return None;
            }
            *place = Some(number);
        } else {
            let at = MONTHS.iter().position(|month| {
                let month = month.to_lowercase();
                month == letters || (letters.len() >= 3 && month.starts_with(letters))
            })?;
            if month.replace(at + 1).is_some() {
                return None;
            }
        }
    }
    coming(
        year,
        i8::try_from(month?).ok()?,
        i8::try_from(day?).ok()?,
        today,
    )
}

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
    let text = to_digits(text);
    let text = text.trim();
    if text.chars().count() > LONGEST {
        return None;
    }
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
    let spelt = text.chars().any(|character| !character.is_ascii());
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
    let (minutes, hour, past) = match text.split_once(" past ") {
        Some((minutes, hour)) => (minutes, hour, true),
        None => {
            let (minutes, hour) = text.split_once(" to ")?;
            (minutes, hour, false)
        }
    };
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

#[cfg(test)]
mod tests;
