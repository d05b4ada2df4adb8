//! Writes out what is no word: figures, times, money, units, signs. Pure.

use super::numbers::{MOST, all_figures, cardinal, digits, is_number_word, number, which, year};

/// The text with everything in it as words.
pub(in super::super) fn spell_out(text: &str) -> String {
    let mut out: Vec<String> = vec![];
    for token in text.split_whitespace() {
        let token = token.trim_matches(|c: char| {
            matches!(
                c,
                '(' | ')' | '[' | ']' | '{' | '}' | '"' | '“' | '”' | '*' | '_' | '`'
            )
        });
        let token = token.trim_end_matches(['.', ',', '!', '?', ';', ':']);
        if token.is_empty() {
            continue;
        }
        let told = read(token)
            .or_else(|| sign(token).map(str::to_owned))
            .or_else(|| {
                // After a number it is a unit, else a word.
                let many = out.last().filter(|last| is_number_word(last))?;
                unit(token, many != "one" && !many.ends_with(" over one"))
            });
        match told {
            Some(words) => out.push(words),
            None => out.extend(loosely(token)),
        }
    }
    out.join(" ")
}

/// The text with its figures, dates, money and units as words, and all else as it was: for voices that
/// read words and figures, but `$4.50`, `3 km` and `2026-11-05` piece by piece. Halves of a day they know.
pub(in super::super) fn figured(text: &str) -> String {
    let mut out: Vec<String> = vec![];
    // The number that was just read, as long as nothing parts it from what follows.
    let mut number: Option<String> = None;
    for token in text.split_whitespace() {
        let core = token.trim_start_matches(['(', '[', '{', '"', '“', '\'']);
        let front = token.len() - core.len();
        let core =
            core.trim_end_matches(['.', ',', '!', '?', ';', ':', ')', ']', '}', '"', '”', '\'']);
        let (before, after) = (token.get(..front), token.get(front + core.len()..));
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        let lower = core.to_ascii_lowercase();
        let of_day = lower.ends_with("am") || lower.ends_with("pm");
        let words = if core.contains(|c: char| c.is_ascii_digit()) && !of_day {
            Some(spell_out(core))
        } else {
            let many = number.as_deref().filter(|last| is_number_word(last));
            many.and_then(|many| unit(core, many != "one" && !many.ends_with(" over one")))
        };
        if let Some(words) = words {
            out.push(format!("{before}{words}{after}"));
            number = after.is_empty().then_some(words);
        } else {
            out.push(token.to_owned());
            number = None;
        }
    }
    out.join(" ")
}

/// A token that is read as one thing.
fn read(token: &str) -> Option<String> {
    time(token)
        .or_else(|| date(token))
        .or_else(|| money(token))
        .or_else(|| ordinal(token))
        .or_else(|| fraction(token))
        .or_else(|| range(token))
        .or_else(|| measure(token))
        .or_else(|| abbreviation(token).map(str::to_owned))
}

/// A token that is nothing known: its figures and letters apart, its signs by name.
fn loosely(token: &str) -> Vec<String> {
    let mut words: Vec<String> = vec![];
    let mut piece = String::new();
    let flush = |piece: &mut String, words: &mut Vec<String>| {
        let taken = std::mem::take(piece);
        if taken.starts_with(|c: char| c.is_ascii_digit()) {
            words.push(number(&taken).unwrap_or_else(|| digits(&taken)));
        } else if !taken.is_empty() {
            words.push(taken);
        }
    };
    for c in token.chars() {
        let figure = c.is_ascii_digit();
        let same = piece.starts_with(|first: char| first.is_ascii_digit()) == figure;
        let part = c.is_alphanumeric() || matches!(c, '\'' | '’');
        if !part || !same {
            flush(&mut piece, &mut words);
        }
        if part {
            piece.push(c);
        } else if c != '-'
            // A hyphen joins words; it takes nothing away.
            && let Some(name) = sign(c.encode_utf8(&mut [0; 4]))
        {
            words.push(name.to_owned());
        }
    }
    flush(&mut piece, &mut words);
    words
}

/// `10:30`, `9:05pm`, `10:00`, `1:02:03`.
fn time(token: &str) -> Option<String> {
    let lower = token.to_ascii_lowercase().replace('.', "");
    let (clock, half) = match lower.strip_suffix("am") {
        Some(clock) => (clock, " ay M"),
        None => match lower.strip_suffix("pm") {
            Some(clock) => (clock, " P M"),
            None => (lower.as_str(), ""),
        },
    };
    let parts: Vec<&str> = clock.split(':').collect();
    let value = |part: &str, most: u64| {
        let fits = all_figures(part) && part.len() <= 2;
        part.parse::<u64>()
            .ok()
            .filter(|value| fits && *value <= most)
    };
    let (hour, minute, second) = match parts.as_slice() {
        [hour] if !half.is_empty() => (value(hour, 23)?, None, None),
        [hour, minute] if minute.len() == 2 => (value(hour, 24)?, Some(value(minute, 59)?), None),
        [hour, minute, second] if minute.len() == 2 => (
            value(hour, 24)?,
            Some(value(minute, 59)?),
            Some(value(second, 59)?),
        ),
        _ => return None,
    };
    let minutes = match (minute, half, second) {
        (Some(0), "", None) if (1..=12).contains(&hour) => " o'clock".to_owned(),
        (Some(0), "", None) => " hundred".to_owned(),
        (None, _, _) | (Some(0), _, None) => String::new(),
        (Some(minute @ 0..10), _, _) => format!(" oh {}", cardinal(minute)),
        (Some(minute), _, _) => format!(" {}", cardinal(minute)),
    };
    let seconds = second.map(|second| format!(" and {} seconds", cardinal(second)));
    Some(format!(
        "{}{minutes}{}{half}",
        cardinal(hour),
        seconds.unwrap_or_default()
    ))
}

const MONTHS: [&str; 12] = [
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

/// `2026-11-05`.
fn date(token: &str) -> Option<String> {
    let parts: Vec<&str> = token.split('-').collect();
    let [years, month, day] = parts.as_slice() else {
        return None;
    };
    let fits = years.len() == 4 && month.len() == 2 && day.len() == 2;
    if !fits || !parts.iter().all(|part| all_figures(part)) {
        return None;
    }
    let month = MONTHS.get(month.parse::<usize>().ok()?.checked_sub(1)?)?;
    let day = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    Some(format!(
        "{month} {}, {}",
        which(day),
        year(years.parse().ok()?)
    ))
}

/// `$5.20`, `€3`.
fn money(token: &str) -> Option<String> {
    let mut rest = token.chars();
    let (one, many, small) = match rest.next()? {
        '$' => ("dollar", "dollars", "cents"),
        '€' => ("euro", "euros", "cents"),
        '£' => ("pound", "pounds", "pence"),
        '¥' | '￥' => ("yuan", "yuan", "fen"),
        _ => return None,
    };
    let amount = rest.as_str();
    let (whole, part) = match amount.split_once('.') {
        Some((whole, part)) if part.len() == 2 && all_figures(part) => (whole, part.parse().ok()?),
        Some(_) => return Some(format!("{} {many}", number(amount)?)),
        None => (amount, 0),
    };
    let plain = whole.replace(',', "").parse::<u64>().ok()?;
    number(whole)?;
    let name = if plain == 1 { one } else { many };
    let cents = match part {
        0 => String::new(),
        part => format!(" and {} {small}", cardinal(part)),
    };
    Some(format!("{} {name}{cents}", cardinal(plain)))
}

/// `1st`, `22nd`.
fn ordinal(token: &str) -> Option<String> {
    let lower = token.to_ascii_lowercase();
    let endings = ["st", "nd", "rd", "th"];
    let figures = endings
        .iter()
        .find_map(|ending| lower.strip_suffix(ending))?;
    let value = figures.replace(',', "");
    (all_figures(&value) && value.len() <= MOST)
        .then(|| value.parse().ok().map(which))
        .flatten()
}

/// `1/2`, `3/4`, `5/7`.
fn fraction(token: &str) -> Option<String> {
    let (above, below) = token.split_once('/')?;
    Some(match (above, below) {
        ("1", "2") => "one half".to_owned(),
        ("1", "3") => "one third".to_owned(),
        ("1", "4") => "one quarter".to_owned(),
        ("3", "4") => "three quarters".to_owned(),
        _ => format!("{} over {}", number(above)?, number(below)?),
    })
}

/// `3-5`.
fn range(token: &str) -> Option<String> {
    let (from, to) = token.split_once(['-', '–'])?;
    let short = |part: &str| all_figures(part) && part.len() <= 4;
    (short(from) && short(to)).then(|| Some(format!("{} to {}", number(from)?, number(to)?)))?
}

/// `50%`, `5km`, `21.5°C`, and bare numbers.
fn measure(token: &str) -> Option<String> {
    let is_figure = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '−' | '+');
    let split = token.char_indices().find(|(_, c)| !is_figure(*c));
    let (figures, name) = match split {
        Some((at, _)) => (token.get(..at)?, token.get(at..)?),
        None => (token, ""),
    };
    let words = number(figures)?;
    if name.is_empty() {
        return Some(words);
    }
    Some(format!("{words} {}", unit(name, words != "one")?))
}

/// The name of a unit, for one or for many.
fn unit(short: &str, many: bool) -> Option<String> {
    let per = [
        ("km/h", "kilometers per hour"),
        ("m/s", "meters per second"),
        ("mph", "miles per hour"),
    ];
    if let Some((_, words)) = per.iter().find(|(name, _)| *name == short) {
        return Some((*words).to_owned());
    }
    let name = match short {
        "%" => return Some("percent".to_owned()),
        "°C" | "℃" => {
            return Some(
                if many {
                    "degrees Celsius"
                } else {
                    "degree Celsius"
                }
                .to_owned(),
            );
        }
        "°F" | "℉" => {
            return Some(
                if many {
                    "degrees Fahrenheit"
                } else {
                    "degree Fahrenheit"
                }
                .to_owned(),
            );
        }
        "°" => "degree",
        "km" => "kilometer",
        "m" => "meter",
        "cm" => "centimeter",
        "mm" => "millimeter",
        "kg" => "kilogram",
        "g" => "gram",
        "mg" => "milligram",
        "l" | "L" => "liter",
        "ml" => "milliliter",
        "h" => "hour",
        "min" => "minute",
        "s" => "second",
        "ms" => "millisecond",
        "kB" | "KB" => "kilobyte",
        "MB" => "megabyte",
        "GB" => "gigabyte",
        "TB" => "terabyte",
        "Hz" => "hertz",
        "W" => "watt",
        "V" => "volt",
        _ => return None,
    };
    let ending = if many && name != "hertz" { "s" } else { "" };
    Some(format!("{name}{ending}"))
}

/// What is written short and said long.
fn abbreviation(token: &str) -> Option<&'static str> {
    Some(
        match token.trim_end_matches('.').to_ascii_lowercase().as_str() {
            "mr" => "mister",
            "mrs" => "missis",
            "dr" => "doctor",
            "etc" => "et cetera",
            "e.g" => "for example",
            "i.e" => "that is",
            "vs" => "versus",
            "approx" => "approximately",
            _ => return None,
        },
    )
}

/// A sign that stands for a word.
fn sign(token: &str) -> Option<&'static str> {
    Some(match token {
        "+" => "plus",
        "-" | "−" => "minus",
        "×" | "*" => "times",
        "÷" => "divided by",
        "=" => "equals",
        "<" => "less than",
        ">" => "more than",
        "&" => "and",
        "@" => "at",
        "%" => "percent",
        "#" => "number",
        "°" => "degrees",
        "$" => "dollars",
        "€" => "euros",
        "£" => "pounds",
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
