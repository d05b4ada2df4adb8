//! Measures: amounts of units, read from text and converted exactly where fractions allow.

mod table;

use super::number::{Number, Result};
use super::numeral::{folded, to_digits, to_digits_in_case};
use super::tell::either;
use super::{Ability, Arguments, Told, ToolError, Toolbox, short};
use crate::core::words::Lang;
use serde_json::json;
use std::future::{Ready, ready};
use table::UNITS;
pub(super) use table::Unit;

/// What units measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Area,
    Data,
    Energy,
    Length,
    Mass,
    Power,
    Pressure,
    Speed,
    Temperature,
    Time,
    Volume,
}

/// A converted number is rounded to so many significant digits where it does not end.
const DIGITS: usize = 6;

/// It is written out where it ends within so many decimals.
const DECIMALS: u32 = 6;

pub(super) const ABILITY: Ability = Ability {
    name: "convert_units",
    description: "Converts an amount to another unit: length, mass, volume, temperature, speed, \
                  area, data, time, energy, power, pressure. Knows no currencies.",
    parameters: || {
        json!({
            "type": "object",
            "properties": {
                "value": { "type": "number", "description": "How much." },
                "from": { "type": "string", "description": "The unit of the value, like `mi`." },
                "to": { "type": "string", "description": "The unit wanted, like `km`." }
            },
            "required": ["value", "from", "to"],
            "additionalProperties": false
        })
    },
    read: |arguments, _now| Ok(Convert::from_arguments(arguments)?.into()),
};

/// An amount to be converted.
#[derive(Debug)]
pub(in crate::mind) struct Convert {
    amount: Amount,
    to: &'static Unit,
}

impl Convert {
    fn from_arguments(arguments: &Arguments) -> Result<Self> {
        let (from, to) = (arguments.needed("from")?, arguments.needed("to")?);
        let value = arguments.needed("value")?;
        let needs = "must be a number";
        let wrong = ToolError::Argument {
            name: "value",
            needs,
        };
        let number = read_number(&value).ok_or(wrong)?;
        let unknown = |name: &str| ToolError::UnknownUnit {
            name: name.to_owned(),
        };
        let (froms, tos) = (named(&from), named(&to));
        let first = *froms.first().ok_or_else(|| unknown(&from))?;
        let last = *tos.first().ok_or_else(|| unknown(&to))?;
        let (from, to) = alike(&froms, &tos).unwrap_or((first, last));
        let amount = Amount(vec![(number, from)]);
        Ok(Self { amount, to })
    }

    /// A conversion in a sentence; `None` unless both sides measure the same.
    pub(in crate::mind) fn spoken(amount: &str, to: &str) -> Option<Self> {
        let tos = named(to);
        tos.iter().find_map(|to| {
            let amount = Amount::read(amount, Some(to.of))?;
            (amount.of() == Some(to.of)).then_some(Self { amount, to })
        })
    }

    pub(super) fn run(self, _toolbox: &Toolbox, lang: Lang) -> Ready<Told> {
        ready(self.tell(lang))
    }

    fn tell(&self, lang: Lang) -> Told {
        if self.amount.of() != Some(self.to.of) {
            return Err(ToolError::UnlikeUnits {
                from: self.amount.text(lang),
                to: either(lang, self.to.symbol, self.to.zh).to_owned(),
            });
        }
        let converted = self.to.of_base(self.amount.base()?)?;
        let (result, exact) = measured(converted, self.to, lang);
        let equals = if exact { "=" } else { "≈" };
        Ok(format!("{} {equals} {result}", self.amount.text(lang)))
    }
}

/// An amount, perhaps of several units, as in 5 ft 11 in.
#[derive(Debug)]
pub(super) struct Amount(Vec<(Number, &'static Unit)>);

impl Amount {
    /// Reads all of the text as an amount. Names that several quantities share are taken as
    /// `hint` has it.
    pub(super) fn read(text: &str, hint: Option<Quantity>) -> Option<Self> {
        let text = plain_words(&to_digits_in_case(short(text)?));
        let mut text = text.trim();
        let mut sign = Some(());
        for minus in ["-", "minus ", "零下", "0下", "负"] {
            if let Some(rest) = text.strip_prefix(minus) {
                (text, sign) = (rest.trim(), None);
                break;
            }
        }
        let mut parts: Vec<(Number, &'static Unit)> = Vec::new();
        let mut rest: Vec<char> = text.chars().collect();
        while !rest.is_empty() {
            let (number, name, after) = part(&rest)?;
            let half = name.strip_suffix(" and a half");
            let units = named(half.unwrap_or(&name));
            let wanted = parts.first().map(|(_, unit)| unit.of).or(hint);
            let unit = units
                .iter()
                .find(|unit| Some(unit.of) == wanted)
                .or(units.first())?;
            if parts.first().is_some_and(|(_, first)| first.of != unit.of) {
                return None;
            }
            let number = match half {
                Some(_) => number.plus(Number::ratio(1, 2)).ok()?,
                None => number,
            };
            let number = if sign.is_none() {
                number.negated()
            } else {
                number
            };
            parts.push((number, unit));
            rest = after;
        }
        let lone = parts.len() == 1 || parts.first()?.1.of != Quantity::Temperature;
        lone.then_some(Self(parts))
    }

    /// What it measures.
    pub(super) fn of(&self) -> Option<Quantity> {
        self.0.first().map(|(_, unit)| unit.of)
    }

    /// How much it is in the base unit.
    pub(super) fn base(&self) -> Result<Number> {
        self.0.iter().try_fold(Number::ZERO, |sum, (number, unit)| {
            sum.plus(unit.to_base(*number)?)
        })
    }

    fn text(&self, lang: Lang) -> String {
        let parts = self.0.iter().map(|(number, unit)| {
            let (number, _) = number.text_to(12, 12, lang);
            format!("{number} {}", unit.after(&number, lang))
        });
        parts.collect::<Vec<_>>().join(" ")
    }
}

impl Unit {
    fn size(&self) -> Number {
        Number::ratio(self.top, self.bottom)
    }

    /// How it is written after a number.
    fn after(&self, number: &str, lang: Lang) -> &'static str {
        let plural = either(lang, self.symbol, self.zh);
        match plural.strip_suffix('s') {
            Some(single) if number == "1" && single.len() > 2 => single,
            _ => plural,
        }
    }

    /// Where the scale begins, in base units: only temperatures have more than one zero.
    fn origin(&self) -> Number {
        match self.symbol {
            "°C" => Number::ratio(27_315, 100),
            "°F" => Number::ratio(45_967, 180),
            _ => Number::ZERO,
        }
    }

    fn to_base(&self, number: Number) -> Result<Number> {
        let base = number.times(self.size())?.plus(self.origin())?;
        if self.of == Quantity::Temperature && base.is_negative() {
            return Err(ToolError::BelowAbsoluteZero);
        }
        Ok(base)
    }

    fn of_base(&self, base: Number) -> Result<Number> {
        base.minus(self.origin())?.over(self.size())
    }
}

fn measured(number: Number, unit: &Unit, lang: Lang) -> (String, bool) {
    let (text, exact) = number.text_to(DECIMALS, DIGITS, lang);
    (format!("{text} {}", unit.after(&text, lang)), exact)
}

/// The first pair that measures the same.
fn alike(froms: &[&'static Unit], tos: &[&'static Unit]) -> Option<(&'static Unit, &'static Unit)> {
    froms.iter().find_map(|from| {
        let to = tos.iter().find(|to| to.of == from.of)?;
        Some((*from, *to))
    })
}

/// The units of a name, the likeliest first.
fn named(name: &str) -> Vec<&'static Unit> {
    let Some(name) = short(name) else {
        return vec![];
    };
    let exact = name.trim().trim_end_matches('.');
    let folded: String = exact.chars().map(folded).collect();
    let folded = folded
        .replace('_', " ")
        .replace("meter", "metre")
        .replace("liter", "litre");
    let mut small = folded.trim();
    for prefix in ["degrees ", "degree ", "deg ", "°", "º"] {
        small = small.strip_prefix(prefix).unwrap_or(small).trim_start();
    }
    let fits = |unit: &&Unit, name: &str| unit.has_name(name) || unit.zh == name;
    let single = |word: &str| word.strip_suffix('s').map(str::to_owned);
    // "miles per hour" has its plural in the middle.
    let per = small
        .split_once("s per ")
        .or_else(|| small.split_once("s an "))
        .map(|(unit, time)| format!("{unit} per {time}"));
    let forms = [Some(small.to_owned()), single(small), per];
    let mut found: Vec<&Unit> = UNITS
        .iter()
        .filter(|unit| unit.has_symbol(exact) || unit.has_name(exact))
        .collect();
    for form in forms.iter().flatten() {
        for unit in UNITS.iter().filter(|unit| fits(unit, form)) {
            if !found.contains(&unit) {
                found.push(unit);
            }
        }
    }
    found
}

/// One number with the name after it, and what follows.
fn part(text: &[char]) -> Option<(Number, String, Vec<char>)> {
    let digits = text
        .iter()
        .take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ','))
        .count();
    let number = read_number(&text.get(..digits)?.iter().collect::<String>())?;
    let rest = text.get(digits..)?;
    let mut length = rest.iter().take_while(|c| !c.is_ascii_digit()).count();
    // "10 m2"
    let squared = matches!(rest.get(length), Some('2' | '3'))
        && rest
            .get(length + 1)
            .is_none_or(|next| !next.is_ascii_digit() && *next != '.')
        && length
            .checked_sub(1)
            .and_then(|at| rest.get(at))
            .is_some_and(|c| *c != ' ');
    if squared {
        length += 1;
    }
    let name: String = rest.get(..length)?.iter().collect();
    let name = name.trim().trim_start_matches('-').trim_start_matches('个');
    let (number, name) = match name.strip_prefix('半') {
        Some(name) => (number.plus(Number::ratio(1, 2)).ok()?, name),
        None => (number, name),
    };
    let mut name = name.trim_end_matches([',', ' ', '零', '又']);
    for joint in [" and", "and"] {
        name = name.strip_suffix(joint).unwrap_or(name).trim_end();
    }
    // "1 and a half hours"
    let (number, name) = match name.strip_prefix("and a half ") {
        Some(name) => (number.plus(Number::ratio(1, 2)).ok()?, name),
        None => (number, name),
    };
    Some((
        number,
        name.trim_start_matches('个').to_owned(),
        rest.get(length..)?.to_vec(),
    ))
}

/// "half an hour", "a quarter of a mile" and 半小时 with digits instead.
fn plain_words(text: &str) -> String {
    let starts = [
        ("half an ", "0.5 "),
        ("half a ", "0.5 "),
        ("half ", "0.5 "),
        ("a quarter of an ", "0.25 "),
        ("a quarter of a ", "0.25 "),
        ("a quarter ", "0.25 "),
        ("quarter of an ", "0.25 "),
        ("a ", "1 "),
        ("an ", "1 "),
        ("半个", "0.5"),
        ("半", "0.5"),
    ];
    let text = text.trim();
    // 一刻钟 is a quarter of an hour.
    let text = text.replace("1刻钟", "15分钟").replace("3刻钟", "45分钟");
    starts
        .iter()
        .find_map(|(start, digits)| {
            let length = start.chars().count();
            let begins: String = text.chars().take(length).map(folded).collect();
            let rest: String = text.chars().skip(length).collect();
            (begins == *start).then(|| format!("{digits}{rest}"))
        })
        .unwrap_or(text)
}

/// A number as models and people write it; negative ones too.
fn read_number(text: &str) -> Option<Number> {
    let text = to_digits(text).replace([',', '_'], "");
    let text = text.trim();
    if let Some(positive) = text.strip_prefix('-') {
        return Number::read(positive.trim()).map(Number::negated);
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    Number::read(text).or_else(|| {
        // "1e3", as JSON may have it.
        let (digits, exponent) = text.split_once('e')?;
        let power = Number::whole(10)
            .power(Number::whole(exponent.parse().ok()?))
            .ok()?;
        Number::read(digits)?.times(power).ok()
    })
}

#[cfg(test)]
mod tests;
