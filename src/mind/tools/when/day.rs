//! Reads a day: relative, by weekday, by feast, by number, by name.

use crate::mind::tools::numeral::to_digits;
use crate::mind::tools::short;
use crate::mind::tools::tell::MONTHS;
use jiff::Span;
use jiff::civil::{Date, Weekday};

/// A day.
pub(in crate::mind) fn day(text: &str, today: Date) -> Option<Date> {
    let text = to_digits(short(text)?);
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
