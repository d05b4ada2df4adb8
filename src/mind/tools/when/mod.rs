//! Reads days, times of day and spans, as people say them in English and Chinese.
//!
//! A day without a year, and a time without a day, is the next one to come.

mod clock;
mod day;

pub(in crate::mind) use clock::moment;
pub(in crate::mind) use day::day;

use super::numeral::to_digits;
use super::short;
use super::unit::{Amount, Quantity};
use jiff::Span;
use std::time::Duration;

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
    let text = to_digits(short(text)?);
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

#[cfg(test)]
mod tests;
