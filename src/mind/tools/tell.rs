//! How dates, times and spans are written in an answer.

use crate::core::words::Lang;
use jiff::civil::{Date, Time, Weekday};

const DAYS: [(&str, &str); 7] = [
    ("Monday", "星期一"),
    ("Tuesday", "星期二"),
    ("Wednesday", "星期三"),
    ("Thursday", "星期四"),
    ("Friday", "星期五"),
    ("Saturday", "星期六"),
    ("Sunday", "星期日"),
];

/// The months in English; Chinese counts them.
pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// One of two sentences.
pub(in crate::mind) fn either<'a>(lang: Lang, en: &'a str, zh: &'a str) -> &'a str {
    match lang {
        Lang::En => en,
        Lang::Zh => zh,
    }
}

/// The name of a day of the week.
pub(super) fn weekday(day: Weekday, lang: Lang) -> &'static str {
    let at = usize::try_from(day.to_monday_zero_offset()).unwrap_or_default();
    let (en, zh) = DAYS.get(at).copied().unwrap_or_default();
    either(lang, en, zh)
}

/// `20 November 2026`.
pub(super) fn day(date: Date, lang: Lang) -> String {
    let (year, month, day) = (date.year(), date.month(), date.day());
    match lang {
        Lang::En => {
            let at = usize::try_from(month - 1).unwrap_or_default();
            let month = MONTHS.get(at).copied().unwrap_or_default();
            format!("{day} {month} {year}")
        }
        Lang::Zh => format!("{year}年{month}月{day}日"),
    }
}

/// `Friday, 20 November 2026`.
pub(super) fn date(date: Date, lang: Lang) -> String {
    let (weekday, day) = (weekday(date.weekday(), lang), day(date, lang));
    match lang {
        Lang::En => format!("{weekday}, {day}"),
        Lang::Zh => format!("{day}{weekday}"),
    }
}

/// `15:04`, with seconds where there are any and they matter.
pub(super) fn clock(time: Time, seconds: bool) -> String {
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    if seconds && second != 0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}")
    }
}

/// `1 hour 30 minutes`: the two largest parts of so many seconds.
pub(super) fn span(seconds: i64, lang: Lang) -> String {
    let parts = [
        (86_400, "day", "天"),
        (3_600, "hour", "小时"),
        (60, "minute", "分钟"),
        (1, "second", "秒"),
    ];
    let mut left = seconds.max(0);
    let mut told: Vec<String> = Vec::new();
    for (size, en, zh) in parts {
        let count = left / size;
        left %= size;
        if told.len() < 2 && count > 0 {
            told.push(count_of(count, en, zh, lang));
        } else if !told.is_empty() {
            break;
        }
    }
    if told.is_empty() {
        told.push(count_of(0, "second", "秒", lang));
    }
    told.join(" ")
}

/// `1 day`, `3 days`, `3 天`.
pub(super) fn count_of(count: i64, en: &str, zh: &str, lang: Lang) -> String {
    match lang {
        Lang::En if count == 1 => format!("1 {en}"),
        Lang::En => format!("{count} {en}s"),
        Lang::Zh => format!("{count} {zh}"),
    }
}

/// Text in the quotation marks of a language.
pub(super) fn quoted(text: &str) -> String {
    format!("“{text}”")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_told_by_their_two_largest_parts() {
        let table = [
            (0, "0 seconds", "0 秒"),
            (1, "1 second", "1 秒"),
            (90, "1 minute 30 seconds", "1 分钟 30 秒"),
            (3_600, "1 hour", "1 小时"),
            (3_601, "1 hour", "1 小时"),
            (93_784, "1 day 2 hours", "1 天 2 小时"),
        ];
        for (seconds, en, zh) in table {
            assert_eq!(span(seconds, Lang::En), en);
            assert_eq!(span(seconds, Lang::Zh), zh);
        }
    }
}
