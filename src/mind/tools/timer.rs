//! Timers, alarms and reminders: set, listed, cancelled. Ringing is for whoever keeps the desk.

use super::error::Kind;
use super::numeral::to_digits;
use super::pick::pick;
use super::tell::{self, either, quoted};
use super::when::{duration, moment};
use super::{Ability, Arguments, Told, ToolError, Toolbox, wall};
use crate::core::desk::Timer as Set;
use crate::core::time::Wall;
use crate::core::words::Lang;
use jiff::{Timestamp, Zoned};
use serde_json::json;
use std::time::Duration;

/// The shortest and the longest wait.
const WAITS: std::ops::RangeInclusive<i64> = 1_000..=10 * 366 * 86_400_000;

pub(super) const ABILITY: Ability = Ability {
    name: "timers",
    description: "Sets a timer, alarm or reminder that rings later, lists those that are set, \
                  or cancels one.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "action": { "type": "string", "enum": ["set", "list", "cancel"] },
                "in": {
                    "type": ["string", "null"],
                    "description": "To set: how long from now, like `10 minutes` or `1h 30m`."
                },
                "at": {
                    "type": ["string", "null"],
                    "description": "To set: when, like `07:30` or `2027-01-31 18:00`, where \
                                    the user is."
                },
                "label": {
                    "type": ["string", "null"],
                    "description": "To set: what it is for. To cancel: its label or its number \
                                    on the list, or `all`."
                }
            },
            "required": ["action"],
            "additionalProperties": false
        })
    },
    read: |arguments, now| Ok(Timer::from_arguments(arguments, now)?.into()),
};

/// Something to be done with timers.
#[derive(Debug)]
pub(in crate::mind) enum Timer {
    Set { due: Zoned, label: String },
    List,
    Cancel { which: Option<String> },
}

impl Timer {
    fn from_arguments(arguments: &Arguments, now: &Zoned) -> Result<Self, ToolError> {
        let (after, at) = (arguments.text("in")?, arguments.text("at")?);
        let label = arguments.text("label")?;
        let absent = if after.is_some() || at.is_some() {
            "set"
        } else {
            "list"
        };
        match arguments.text("action")?.as_deref().unwrap_or(absent) {
            "set" | "add" | "create" => {
                let due = match (after, at) {
                    (Some(text), _) => {
                        let wait = duration(&text).ok_or(ToolError::NotASpan { text })?;
                        later(now, wait)?
                    }
                    (None, Some(text)) => {
                        moment(&text, now).ok_or(ToolError::NotAMoment { text })?
                    }
                    (None, None) => {
                        let needs = "or `at` must say when it rings";
                        return Err(ToolError::Argument { name: "in", needs });
                    }
                };
                let label = label.unwrap_or_default();
                Ok(Self::Set { due, label })
            }
            "list" | "show" => Ok(Self::List),
            "cancel" | "remove" | "delete" | "stop" => Ok(Self::Cancel { which: label }),
            _ => {
                let needs = "must be `set`, `list` or `cancel`";
                Err(ToolError::Argument {
                    name: "action",
                    needs,
                })
            }
        }
    }

    /// A timer in a sentence: after a span, or at a moment.
    pub(in crate::mind) fn spoken(when: &str, label: &str, now: &Zoned) -> Option<Self> {
        let when = when.trim();
        let bare = ["in ", "for ", "after "]
            .iter()
            .find_map(|start| when.strip_prefix(start))
            .unwrap_or(when);
        let due = match duration(bare) {
            Some(wait) => now.checked_add(wait).ok()?,
            // A number alone may be minutes or an hour; "at 7" is an hour.
            None if to_digits(bare).parse::<u64>().is_ok() => return None,
            None => moment(bare, now)?,
        };
        let label = label.trim().to_owned();
        Some(Self::Set { due, label })
    }

    pub(super) async fn run(self, toolbox: &Toolbox, lang: Lang) -> Told {
        let now = toolbox.now();
        match self {
            Self::Set { due, label } => {
                let wait = wall(&due).0 - wall(&now).0;
                if wait <= -1_000 {
                    return Err(ToolError::Past);
                }
                if !WAITS.contains(&wait) {
                    return Err(ToolError::Range);
                }
                let (due, created) = (wall(&due), wall(&now));
                let timer = toolbox.desk.add_timer(label, due, created).await?;
                Ok(told_set(&timer, &now, lang))
            }
            Self::List => {
                let timers = toolbox.desk.timers().await?;
                if timers.is_empty() {
                    return Ok(either(lang, "No timer is set.", "没有计时器。").to_owned());
                }
                let lines = timers.iter().enumerate().map(|(at, timer)| {
                    let when = told_when(timer.due, &now, lang);
                    let left = tell::span(seconds(timer.due.0 - wall(&now).0), lang);
                    match (lang, timer.label.as_str()) {
                        (Lang::En, "") => format!("{}. {when}, in {left}", at + 1),
                        (Lang::En, label) => format!("{}. {when}, in {left}: {label}", at + 1),
                        (Lang::Zh, "") => format!("{}. {when}，还有 {left}", at + 1),
                        (Lang::Zh, label) => format!("{}. {when}，还有 {left}：{label}", at + 1),
                    }
                });
                Ok(lines.collect::<Vec<_>>().join("\n"))
            }
            Self::Cancel { which } => cancel(toolbox, which.as_deref(), lang).await,
        }
    }
}

async fn cancel(toolbox: &Toolbox, which: Option<&str>, lang: Lang) -> Told {
    let timers = toolbox.desk.timers().await?;
    if timers.is_empty() {
        return Ok(either(lang, "No timer is set.", "没有计时器。").to_owned());
    }
    let found = pick(&timers, |timer| &timer.label, which, Kind::Timer)?;
    for timer in &found {
        toolbox.desk.remove_timer(timer.id).await?;
    }
    Ok(match (lang, found.as_slice()) {
        (Lang::En, [timer]) if timer.label.is_empty() => "Cancelled the timer.".to_owned(),
        (Lang::En, [timer]) => format!("Cancelled the timer {}.", quoted(&timer.label)),
        (Lang::En, all) => format!("Cancelled {} timers.", all.len()),
        (Lang::Zh, [timer]) if timer.label.is_empty() => "已取消计时器。".to_owned(),
        (Lang::Zh, [timer]) => format!("已取消计时器{}。", quoted(&timer.label)),
        (Lang::Zh, all) => format!("已取消 {} 个计时器。", all.len()),
    })
}

fn told_set(timer: &Set, now: &Zoned, lang: Lang) -> String {
    let when = told_when(timer.due, now, lang);
    let wait = tell::span(seconds(timer.due.0 - timer.created.0), lang);
    match (lang, timer.label.as_str()) {
        (Lang::En, "") => format!("The timer rings at {when}, in {wait}."),
        (Lang::En, label) => format!("{} rings at {when}, in {wait}.", quoted(label)),
        (Lang::Zh, "") => format!("计时器将在 {wait}后（{when}）响起。"),
        (Lang::Zh, label) => format!("{wait}后（{when}）提醒你：{label}。"),
    }
}

/// `15:09`, with the day if it is not today.
fn told_when(due: Wall, now: &Zoned, lang: Lang) -> String {
    let Ok(due) = Timestamp::from_millisecond(due.0) else {
        return String::new();
    };
    let due = due.to_zoned(now.time_zone().clone());
    let clock = tell::clock(due.time(), true);
    if due.date() == now.date() {
        return clock;
    }
    let date = tell::date(due.date(), lang);
    match lang {
        Lang::En => format!("{clock} on {date}"),
        Lang::Zh => format!("{date} {clock}"),
    }
}

/// Whole seconds, rounded to the nearest.
fn seconds(ms: i64) -> i64 {
    (ms + 500).div_euclid(1_000)
}

fn later(now: &Zoned, wait: Duration) -> Result<Zoned, ToolError> {
    let ms = i64::try_from(wait.as_millis()).map_err(|_range| ToolError::Range)?;
    if !WAITS.contains(&ms) {
        return Err(ToolError::Range);
    }
    now.checked_add(wait).map_err(|_range| ToolError::Range)
}
