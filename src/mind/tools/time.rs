//! The time and the date, here and anywhere.

use super::place::Place;
use super::{Ability, Arguments, Told, ToolError, Toolbox, tell};
use crate::core::words::Lang;
use jiff::Zoned;
use serde_json::json;
use std::future::{Ready, ready};

pub(super) const ABILITY: Ability = Ability {
    name: "current_time",
    description: "Tells the time, the weekday and the date now, where the user is or in a place.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "place": {
                    "type": ["string", "null"],
                    "description": "A city, a zone like `Europe/Berlin`, or `UTC+8`; \
                                    null for where the user is."
                }
            },
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Time::from_arguments(arguments)?.into()),
};

/// A question for the time.
#[derive(Debug)]
pub(in crate::mind) struct Time {
    pub(in crate::mind) place: Option<Place>,
}

impl Time {
    fn from_arguments(arguments: &Arguments) -> Result<Self, ToolError> {
        let place = match arguments.text("place")?.as_deref() {
            None | Some("local" | "here" | "user") => None,
            Some(name) => Some(Place::find(name)?),
        };
        Ok(Self { place })
    }

    pub(super) fn run(self, toolbox: &Toolbox, lang: Lang) -> Ready<Told> {
        ready(Ok(self.tell(&toolbox.now(), lang)))
    }

    fn tell(&self, now: &Zoned, lang: Lang) -> String {
        let Some(place) = &self.place else {
            let (clock, date) = (tell::clock(now.time(), false), tell::date(now.date(), lang));
            return match lang {
                Lang::En => format!("It is {clock} on {date}."),
                Lang::Zh => format!("现在是 {clock}，{date}。"),
            };
        };
        let there = now.with_time_zone(place.zone.clone());
        let (clock, date) = (
            tell::clock(there.time(), false),
            tell::date(there.date(), lang),
        );
        let ahead = i64::from(there.offset().seconds() - now.offset().seconds());
        let apart = tell::span(ahead.abs(), lang);
        let name = place.name(lang);
        match lang {
            Lang::En => {
                let apart = match ahead {
                    0 => "the same time as here".to_owned(),
                    1.. => format!("{apart} ahead of here"),
                    _ => format!("{apart} behind here"),
                };
                format!("In {name} it is {clock} on {date}, {apart}.")
            }
            Lang::Zh => {
                let apart = match ahead {
                    0 => "与这里相同".to_owned(),
                    1.. => format!("比这里快 {apart}"),
                    _ => format!("比这里慢 {apart}"),
                };
                format!("{name}现在是 {clock}，{date}，{apart}。")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(now: &str, place: &str) -> String {
        let now: Zoned = now.parse().unwrap();
        let place = Some(Place::find(place).unwrap());
        Time { place }.tell(&now, Lang::En)
    }

    #[test]
    fn summer_time_counts_where_it_is_summer_time() {
        let table = [
            // Both in winter; only one still in summer; the day Berlin changes.
            (
                "2026-11-20T15:04:05+01:00[Europe/Berlin]",
                "New York",
                "In New York it is 09:04 on Friday, 20 November 2026, 6 hours behind here.",
            ),
            (
                "2026-10-28T15:00:00+01:00[Europe/Berlin]",
                "New York",
                "In New York it is 10:00 on Wednesday, 28 October 2026, 5 hours behind here.",
            ),
            (
                "2026-10-25T02:30:00+02:00[Europe/Berlin]",
                "London",
                "In London it is 01:30 on Sunday, 25 October 2026, 1 hour behind here.",
            ),
            (
                "2026-10-25T02:30:00+01:00[Europe/Berlin]",
                "London",
                "In London it is 01:30 on Sunday, 25 October 2026, 1 hour behind here.",
            ),
            (
                "2026-11-20T15:04:05+01:00[Europe/Berlin]",
                "Kathmandu",
                "In Kathmandu it is 19:49 on Friday, 20 November 2026, 4 hours 45 minutes ahead of here.",
            ),
            (
                "2026-11-20T15:04:05+01:00[Europe/Berlin]",
                "Auckland",
                "In Auckland it is 03:04 on Saturday, 21 November 2026, 12 hours ahead of here.",
            ),
            (
                "2026-11-20T15:04:05+01:00[Europe/Berlin]",
                "Paris",
                "In Paris it is 15:04 on Friday, 20 November 2026, the same time as here.",
            ),
        ];
        for (now, place, expected) in table {
            assert_eq!(told(now, place), expected, "{now}");
        }
    }
}
