//! Places and their time zones: cities in both languages, zones by name, offsets from UTC.

mod cities;

use super::numeral::folded;
use super::tell::either;
use super::{ToolError, short};
use crate::core::words::Lang;
use cities::CITIES;
use jiff::tz::{Offset, TimeZone};

/// Somewhere with a time of its own.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::mind) struct Place {
    pub(super) zone: TimeZone,
    en: String,
    zh: String,
}

impl Place {
    /// Finds a place by its name.
    pub(in crate::mind) fn find(name: &str) -> Result<Self, ToolError> {
        let text: String = short(name)
            .unwrap_or_default()
            .chars()
            .map(folded)
            .collect();
        let text = text.trim().trim_end_matches(['.', '?', ',']).trim();
        city(text)
            .or_else(|| city(text.strip_suffix('市')?))
            .or_else(|| offset(text))
            .or_else(|| zone(text))
            .ok_or_else(|| ToolError::UnknownPlace {
                name: name.trim().to_owned(),
            })
    }

    /// What it is called.
    pub(super) fn name(&self, lang: Lang) -> &str {
        either(lang, &self.en, &self.zh)
    }
}

fn city(text: &str) -> Option<Place> {
    let known = |(_, en, zh, others): &&(&str, &str, &str, &str)| {
        en.to_lowercase() == text || *zh == text || others.split('|').any(|other| other == text)
    };
    let found = CITIES.iter().filter(|_| !text.is_empty()).find(known);
    let (zone, en, zh, _) = found.copied()?;
    Some(Place {
        zone: TimeZone::get(zone).ok()?,
        en: en.to_owned(),
        zh: zh.to_owned(),
    })
}

/// `UTC+8`, `GMT-5:30`, `utc`.
fn offset(text: &str) -> Option<Place> {
    let rest = ["utc", "gmt", "z"]
        .iter()
        .find_map(|start| text.strip_prefix(start))?;
    let rest = rest.trim();
    let (sign, rest) = match rest.strip_prefix('+') {
        Some(rest) => (1, rest),
        None => match rest.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None if rest.is_empty() => (1, "0"),
            None => return None,
        },
    };
    let rest = rest.trim();
    let number = |text: &str| {
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        digits.then(|| text.parse::<i32>().ok()).flatten()
    };
    let (hours, minutes) = match rest.split_once(':') {
        Some((hours, minutes)) => (number(hours)?, number(minutes)?),
        None if rest.len() == 4 => {
            let digits = rest.parse::<i32>().ok()?;
            (digits / 100, digits % 100)
        }
        None => (number(rest)?, 0),
    };
    if hours > 14 || minutes > 59 {
        return None;
    }
    let zone = Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()?;
    let shown = match (sign, minutes) {
        _ if hours == 0 && minutes == 0 => "UTC".to_owned(),
        (1, 0) => format!("UTC+{hours}"),
        (_, 0) => format!("UTC-{hours}"),
        (1, _) => format!("UTC+{hours}:{minutes:02}"),
        _ => format!("UTC-{hours}:{minutes:02}"),
    };
    Some(Place {
        zone: TimeZone::fixed(zone),
        en: shown.clone(),
        zh: shown,
    })
}

/// Any zone of the time zone database, by its whole name or by its last part.
fn zone(text: &str) -> Option<Place> {
    let wanted = text.replace(' ', "_");
    // Places are named by three letters or more; shorter zone names are abbreviations.
    if wanted.chars().count() < 3 || !wanted.is_ascii() {
        return None;
    }
    let name = jiff::tz::db().available().find_map(|name| {
        let name = name.as_str();
        let whole = name.to_lowercase();
        let last = whole.rsplit('/').next().unwrap_or_default();
        let country = whole.contains('/') || name.chars().any(|c| c.is_ascii_lowercase());
        (whole == wanted || (country && last == wanted)).then(|| name.to_owned())
    })?;
    let zone = TimeZone::get(&name).ok()?;
    let last = name.rsplit('/').next().unwrap_or(&name).replace('_', " ");
    Some(Place {
        zone,
        en: last.clone(),
        zh: last,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(name: &str) -> Option<(String, String)> {
        let place = Place::find(name).ok()?;
        let zone = place.zone.iana_name().map_or_else(
            || {
                let offset = place.zone.to_fixed_offset().unwrap();
                offset.seconds().to_string()
            },
            str::to_owned,
        );
        Some((zone, place.name(Lang::Zh).to_owned()))
    }

    #[test]
    fn places_are_found_by_all_their_names() {
        let table = [
            ("Tokyo", "Asia/Tokyo", "东京"),
            ("new york", "America/New_York", "纽约"),
            ("NYC", "America/New_York", "纽约"),
            ("São Paulo", "America/Sao_Paulo", "圣保罗"),
            ("sao paulo", "America/Sao_Paulo", "圣保罗"),
            ("北京市", "Asia/Shanghai", "北京"),
            ("Europe/Berlin", "Europe/Berlin", "Berlin"),
            (
                "america/argentina/ushuaia",
                "America/Argentina/Ushuaia",
                "Ushuaia",
            ),
            ("Ouagadougou", "Africa/Ouagadougou", "Ouagadougou"),
            ("UTC+8", "28800", "UTC+8"),
            ("gmt-5", "-18000", "UTC-5"),
            ("UTC+05:30", "19800", "UTC+5:30"),
            ("utc -0330", "-12600", "UTC-3:30"),
            ("utc", "0", "UTC"),
        ];
        for (name, zone, zh) in table {
            let expected = Some((zone.to_owned(), zh.to_owned()));
            let same = found(name);
            // UTC has a name of its own.
            let same = same.map(|(z, n)| (if z == "UTC" { "0".to_owned() } else { z }, n));
            assert_eq!(same, expected, "{name}");
        }
        for name in [
            "",
            "Atlantis",
            "utc+99",
            "utc+",
            "utc+8:99",
            "my head",
            "a",
            "factory of dreams",
        ] {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn every_city_has_a_zone_and_names_of_its_own() {
        for (zone, en, zh, others) in CITIES {
            assert!(TimeZone::get(zone).is_ok(), "{zone}");
            let others = others.split('|').filter(|name| !name.is_empty());
            for name in others.chain([*en, *zh]) {
                assert_eq!(Place::find(name).unwrap().name(Lang::En), *en, "{name}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_name_is_survived(name in "(utc|gmt|[+:-]|\\PC|[0-9]){0,10}") {
            let _ = Place::find(&name);
        }
    }
}
