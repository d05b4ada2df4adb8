//! Numbers in English words. Pure.

/// Whether words end with a number, so that a unit may follow.
pub(super) fn is_number_word(word: &str) -> bool {
    let last = word.rsplit([' ', '-']).next().unwrap_or_default();
    let more = [
        "hundred", "thousand", "million", "billion", "trillion", "half", "third", "quarters",
    ];
    SMALL.contains(&last) || TENS.contains(&last) || more.contains(&last)
}

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] = [
    "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];
const GROUPS: [(u64, &str); 4] = [
    (1_000_000_000_000, "trillion"),
    (1_000_000_000, "billion"),
    (1_000_000, "million"),
    (1_000, "thousand"),
];
/// More figures than this are read one by one.
pub(super) const MOST: usize = 15;

/// How many.
pub(super) fn cardinal(value: u64) -> String {
    if value < 20 {
        return SMALL[value as usize].to_owned();
    }
    let (rest, mut words) = match value {
        0..100 => {
            let tens = TENS[(value / 10) as usize].to_owned();
            (value % 10, tens)
        }
        100..1_000 => (value % 100, format!("{} hundred", cardinal(value / 100))),
        _ => {
            let group = GROUPS.iter().find(|(size, _)| value >= *size);
            let (size, name) = *group.unwrap_or(&GROUPS[3]);
            (value % size, format!("{} {name}", cardinal(value / size)))
        }
    };
    if rest > 0 {
        words.push(' ');
        words.push_str(&cardinal(rest));
    }
    words
}

/// Which one.
pub(super) fn which(value: u64) -> String {
    let words = cardinal(value);
    let (before, last) = words
        .rsplit_once(' ')
        .map_or(("", words.as_str()), |both| both);
    let last = match last {
        "one" => "first".to_owned(),
        "two" => "second".to_owned(),
        "three" => "third".to_owned(),
        "five" => "fifth".to_owned(),
        "eight" => "eighth".to_owned(),
        "nine" => "ninth".to_owned(),
        "twelve" => "twelfth".to_owned(),
        other => match other.strip_suffix('y') {
            Some(stem) => format!("{stem}ieth"),
            None => format!("{other}th"),
        },
    };
    format!("{before} {last}").trim_start().to_owned()
}

/// A year as years are said.
pub(super) fn year(value: u64) -> String {
    let (century, rest) = (value / 100, value % 100);
    match (century, rest) {
        (20, 0..10) => cardinal(value),
        (_, 0) => format!("{} hundred", cardinal(century)),
        (_, 1..10) => format!("{} oh {}", cardinal(century), cardinal(rest)),
        _ => format!("{} {}", cardinal(century), cardinal(rest)),
    }
}

/// Figures one by one.
pub(super) fn digits(figures: &str) -> String {
    let words = figures.chars().filter_map(|c| c.to_digit(10));
    let words: Vec<_> = words.map(|digit| SMALL[digit as usize]).collect();
    words.join(" ")
}

/// Whether a text is nothing but figures.
pub(super) fn all_figures(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit())
}

/// `1,234`, `-5`, `3.14`, `1.2.3`, `2026`.
pub(super) fn number(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix(['-', '−']) {
        return Some(format!("minus {}", number(rest)?));
    }
    if let Some(rest) = text.strip_prefix('+') {
        return Some(format!("plus {}", number(rest)?));
    }
    let mut parts = text.split('.');
    let whole = parts.next()?;
    let mut groups = whole.split(',');
    let first = groups.next().filter(|first| all_figures(first))?;
    let thousands = groups.all(|group| group.len() == 3 && all_figures(group));
    if !thousands {
        return None;
    }
    let plain = whole.replace(',', "");
    let by_one = plain.len() > MOST || (plain.len() > 1 && plain.starts_with('0'));
    let mut words = match plain.parse::<u64>() {
        Ok(value) if !by_one => {
            let looks_so = first.len() == 4 && (1_100..2_100).contains(&value);
            if looks_so && plain.len() == text.len() {
                year(value)
            } else {
                cardinal(value)
            }
        }
        _ => digits(&plain),
    };
    let parts: Vec<_> = parts.collect();
    for part in &parts {
        if !all_figures(part) {
            return None;
        }
        // Versions and addresses have numbers between their points, others have figures.
        let value = part
            .parse::<u64>()
            .ok()
            .filter(|_| parts.len() > 1 && part.len() < 4);
        let told = value.map_or_else(|| digits(part), cardinal);
        words.push_str(" point ");
        words.push_str(&told);
    }
    Some(words)
}
