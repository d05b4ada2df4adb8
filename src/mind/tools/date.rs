//! Days on the calendar: which weekday, how long from now, how long until.

use super::when::{calendar, day};
use super::{Ability, Arguments, Told, ToolError, Toolbox, tell};
use crate::core::words::Lang;
use jiff::Span;
use jiff::civil::Date as Day;
use serde_json::json;
use std::cmp::Ordering;
use std::future::{Ready, ready};

pub(super) const ABILITY: Ability = Ability {
    name: "calendar",
    description: "Tells the weekday of a date, the date some time before or after it, or how \
                  many days lie between two dates.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "date": {
                    "type": ["string", "null"],
                    "description": "Where to start, like `2027-01-31`, `tomorrow` or `friday`; \
                                    null for today."
                },
                "add": {
                    "type": ["string", "null"],
                    "description": "How far to go, like `45 days`, `-2 weeks` or `3 months`."
                },
                "until": {
                    "type": ["string", "null"],
                    "description": "The date to count the days to."
                }
            },
            "additionalProperties": false
        })
    },
    read: |arguments, now| Ok(Date::from_arguments(arguments, now.date())?.into()),
};

/// A question about days.
#[derive(Debug)]
pub(in crate::mind) enum Date {
    /// Which weekday it is.
    Weekday(Day),
    /// Which day comes so long after.
    After { from: Day, span: Span },
    /// How many days lie between.
    Between { from: Day, to: Day },
}

impl Date {
    fn from_arguments(arguments: &Arguments, today: Day) -> Result<Self, ToolError> {
        let date = |name| match arguments.text(name)? {
            None => Ok(None),
            Some(text) => day(&text, today)
                .map(Some)
                .ok_or(ToolError::NotADate { text }),
        };
        let from = date("date")?;
        if let Some(to) = date("until")? {
            let from = from.unwrap_or(today);
            return Ok(Self::Between { from, to });
        }
        let from = from.unwrap_or(today);
        match arguments.text("add")? {
            None => Ok(Self::Weekday(from)),
            Some(text) => {
                let span = calendar(&text).ok_or(ToolError::NotASpan { text })?;
                Ok(Self::After { from, span })
            }
        }
    }

    pub(super) fn run(self, toolbox: &Toolbox, lang: Lang) -> Ready<Told> {
        ready(self.tell(toolbox.now().date(), lang))
    }

    fn tell(&self, today: Day, lang: Lang) -> Told {
        Ok(match *self {
            Self::Weekday(date) => told_weekday(date, today, lang),
            Self::After { from, span } => {
                let there = from
                    .checked_add(span)
                    .map_err(|_range| ToolError::BeyondCalendar)?;
                let told = told_days(from, there, today, lang);
                let is = if there < today { "was" } else { "is" };
                let there = tell::date(there, lang);
                match lang {
                    Lang::En => format!("{told} {is} {there}."),
                    Lang::Zh => format!("{told}是 {there}。"),
                }
            }
            Self::Between { from, to } => told_between(from, to, today, lang),
        })
    }
}

fn told_weekday(date: Day, today: Day, lang: Lang) -> String {
    let ahead = days(today, date);
    let full = tell::date(date, lang);
    let near = match (ahead, lang) {
        (0, Lang::En) => "Today is",
        (1, Lang::En) => "Tomorrow is",
        (-1, Lang::En) => "Yesterday was",
        (0, Lang::Zh) => "今天",
        (1, Lang::Zh) => "明天",
        (2, Lang::Zh) => "后天",
        (-1, Lang::Zh) => "昨天",
        (-2, Lang::Zh) => "前天",
        _ => {
            let (day, weekday) = (tell::day(date, lang), tell::weekday(date.weekday(), lang));
            return match (lang, ahead < 0) {
                (Lang::En, true) => format!("{day} was a {weekday}."),
                (Lang::En, false) => format!("{day} is a {weekday}."),
                (Lang::Zh, _) => format!("{day}是{weekday}。"),
            };
        }
    };
    match lang {
        Lang::En => format!("{near} {full}."),
        Lang::Zh => format!("{near}是 {full}。"),
    }
}

/// "45 days from today", "3 days before 1 January 2027".
fn told_days(from: Day, there: Day, today: Day, lang: Lang) -> String {
    let count = days(from, there);
    let told = tell::count_of(count.abs(), "day", "天", lang);
    let start = (from != today).then(|| tell::day(from, lang));
    match (lang, start, count < 0) {
        (Lang::En, None, false) => format!("{told} from today"),
        (Lang::En, None, true) => format!("{told} ago"),
        (Lang::En, Some(start), false) => format!("{told} after {start}"),
        (Lang::En, Some(start), true) => format!("{told} before {start}"),
        (Lang::Zh, None, false) => format!("{told}后"),
        (Lang::Zh, None, true) => format!("{told}前"),
        (Lang::Zh, Some(start), false) => format!("{start}之后 {told}"),
        (Lang::Zh, Some(start), true) => format!("{start}之前 {told}"),
    }
}

fn told_between(from: Day, to: Day, today: Day, lang: Lang) -> String {
    let count = days(from, to);
    let told = tell::count_of(count.abs(), "day", "天", lang);
    let (start, end) = (tell::date(from, lang), tell::date(to, lang));
    let are = if count.abs() == 1 { "is" } else { "are" };
    match (lang, from == today, count.cmp(&0)) {
        (Lang::En, true, Ordering::Equal) => format!("That is today, {end}."),
        (Lang::Zh, true, Ordering::Equal) => format!("就是今天，{end}。"),
        (Lang::En, true, Ordering::Greater) => format!("It is {told} until {end}."),
        (Lang::Zh, true, Ordering::Greater) => format!("距离 {end}还有 {told}。"),
        (Lang::En, true, Ordering::Less) => format!("It is {told} since {end}."),
        (Lang::Zh, true, Ordering::Less) => format!("{end}距今已有 {told}。"),
        (Lang::En, false, _) => format!("From {start} to {end} there {are} {told}."),
        (Lang::Zh, false, _) => format!("从 {start}到 {end}有 {told}。"),
    }
}

fn days(from: Day, to: Day) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}
