//! Turns spoken numbers into digits, English and Chinese: "twenty-one" and 二十一 become 21. What
//! is no number stays as it is.

/// Widths and cases made alike: full-width letters and signs become ASCII, all becomes small.
pub(in crate::mind) fn folded(character: char) -> char {
    let narrow = narrowed(character);
    let mut small = narrow.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) => small,
        _ => narrow,
    }
}

fn narrowed(character: char) -> char {
    match character {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(character as u32 - 0xfee0).unwrap_or(character),
        '\u{3000}' => ' ',
        '。' => '.',
        '、' => ',',
        '’' | '‘' => '\'',
        '−' | '–' => '-',
        other => other,
    }
}

/// The text, folded, with digits for every spoken number.
pub(in crate::mind) fn to_digits(text: &str) -> String {
    let text: String = text.chars().map(folded).collect();
    english(&han(&text))
}

/// The same with large and small letters as they are: some units differ in nothing else.
pub(super) fn to_digits_in_case(text: &str) -> String {
    let text: String = text.chars().map(narrowed).collect();
    english(&han(&text))
}

const SMALL: &[&str] = &[
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

const TENS: &[&str] = &[
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
];

const SCALES: &[(&str, u64)] = &[
    ("thousand", 1_000),
    ("million", 1_000_000),
    ("billion", 1_000_000_000),
];

fn small(word: &str) -> Option<u64> {
    let at = SMALL.iter().position(|known| *known == word)?;
    Some(at as u64)
}

fn tens(word: &str) -> Option<u64> {
    let at = TENS.iter().position(|known| *known == word)?;
    Some((at as u64 + 2) * 10)
}

fn scale(word: &str) -> Option<u64> {
    let (_, scale) = SCALES.iter().find(|(known, _)| *known == word)?;
    Some(*scale)
}

fn english(text: &str) -> String {
    let pieces = pieces(text);
    let words: Vec<String> = pieces.iter().map(|piece| piece.to_lowercase()).collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(piece) = pieces.get(at) {
        if let Some((number, used)) = english_number(words.get(at..).unwrap_or_default()) {
            out.push_str(&number);
            at += used;
        } else {
            out.push_str(piece);
            at += 1;
        }
    }
    out
}

/// Runs of letters, runs of digits, and every other character alone.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let kind = |character: char| match character {
        'a'..='z' | 'A'..='Z' => 1,
        '0'..='9' => 2,
        _ => 0,
    };
    let mut last = 0;
    for character in text.chars() {
        let now = kind(character);
        match pieces.last_mut() {
            Some(piece) if now != 0 && now == last => piece.push(character),
            _ => pieces.push(character.to_string()),
        }
        last = now;
    }
    pieces
}

/// The number at the start of these words, and how many pieces it takes.
fn english_number(words: &[String]) -> Option<(String, usize)> {
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let gap = |at: usize| matches!(word(at), " " | "-");
    let (mut sum, mut part, mut used): (u64, u64, usize);
    let first = word(0);
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        // "5 million"; digits with no such word after them are digits already.
        if !gap(1) || scale(word(2)).is_none() {
            return None;
        }
        (sum, part, used) = (0, first.parse().ok()?, 1);
    } else if first == "a" && gap(1) && (word(2) == "hundred" || scale(word(2)).is_some()) {
        (sum, part, used) = (0, 1, 1);
    } else {
        (sum, part, used) = (0, small(first).or_else(|| tens(first))?, 1);
    }
    loop {
        let mut at = used;
        if gap(at) {
            at += 1;
        } else {
            break;
        }
        let joined = word(at) == "and" && gap(at + 1) && part + sum >= 100;
        if joined {
            at += 2;
        }
        let next = word(at);
        if let Some(ten) = tens(next).filter(|_| part % 100 == 0 && (part > 0 || sum > 0)) {
            part += ten;
        } else if let Some(one) = small(next).filter(|one| {
            let free = part % 100 == 0 && (part > 0 || sum > 0);
            free || (*one > 0 && *one < 10 && part % 10 == 0 && part % 100 >= 20)
        }) {
            part += one;
        } else if next == "hundred" && !joined && (1..100).contains(&part) {
            part *= 100;
        } else if let Some(scale) = scale(next).filter(|_| !joined && part > 0) {
            sum = part.checked_mul(scale)?.checked_add(sum)?;
            part = 0;
        } else {
            break;
        }
        used = at + 1;
    }
    let mut number = sum.checked_add(part)?.to_string();
    if gap(used) && word(used + 1) == "point" {
        let mut decimals = String::new();
        let mut at = used + 2;
        while let Some(digit) = gap(at)
            .then(|| small(word(at + 1)))
            .flatten()
            .filter(|digit| *digit < 10)
        {
            decimals.push_str(&digit.to_string());
            at += 2;
        }
        if !decimals.is_empty() {
            number = format!("{number}.{decimals}");
            used = at;
        }
    }
    Some((number, used))
}

fn han_digit(character: char) -> Option<u64> {
    Some(match character {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '0'..='9' => u64::from(character.to_digit(10)?),
        _ => return None,
    })
}

fn han_scale(character: char) -> Option<u64> {
    Some(match character {
        '十' => 10,
        '百' => 100,
        '千' => 1_000,
        '万' => 10_000,
        '亿' => 100_000_000,
        _ => return None,
    })
}

fn han(text: &str) -> String {
    let text: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(character) = text.get(at) {
        let rest = text.get(at..).unwrap_or_default();
        let run = han_run(rest);
        let number = run
            .iter()
            .any(|c| !c.is_ascii_digit())
            .then(|| han_number(run));
        if let Some(number) = number.flatten() {
            at += run.len();
            out.push_str(&number);
            if let Some('两') = text.get(at) {
                out.push('两');
                at += 1;
                continue;
            }
            let decimals = han_decimals(text.get(at..).unwrap_or_default());
            if !decimals.is_empty() {
                out.push('.');
                at += 1 + decimals.len();
                out.extend(
                    decimals
                        .iter()
                        .filter_map(|c| han_digit(*c))
                        .map(|d| d.to_string()),
                );
            }
        } else if run.is_empty() {
            out.push(*character);
            at += 1;
        } else {
            out.extend(run);
            at += run.len();
        }
    }
    out
}

/// The characters of a number at the start. 两 begins a number and is a unit of mass elsewhere.
fn han_run(text: &[char]) -> &[char] {
    let length = text
        .iter()
        .enumerate()
        .take_while(|(index, character)| {
            let known = han_digit(**character).is_some() || han_scale(**character).is_some();
            let after_scale = index
                .checked_sub(1)
                .and_then(|before| text.get(before))
                .is_some_and(|before| han_scale(*before).is_some());
            let counts = text
                .get(index + 1)
                .is_some_and(|next| han_scale(*next).is_some());
            known && (**character != '两' || *index == 0 || (after_scale && counts))
        })
        .count();
    text.get(..length).unwrap_or_default()
}

/// The digits after 点, unless it is the 点 of a clock.
fn han_decimals(text: &[char]) -> &[char] {
    let Some(('点', after)) = text.split_first().map(|(first, after)| (*first, after)) else {
        return &[];
    };
    let run = han_run(after);
    let plain = run
        .iter()
        .all(|c| han_digit(*c).is_some() && *c != '两' && !c.is_ascii_digit());
    let clock = after
        .get(run.len())
        .is_some_and(|next| matches!(next, '分' | '刻' | '半' | '整' | '钟'));
    if plain && !clock { run } else { &[] }
}

fn han_number(run: &[char]) -> Option<String> {
    if run.iter().all(|c| han_digit(*c).is_some()) {
        // Digit by digit, as in a year.
        return run
            .iter()
            .map(|c| han_digit(*c).map(|digit| digit.to_string()))
            .collect();
    }
    let (mut total, mut section, mut digits, mut last): (u64, u64, Option<u64>, u64) =
        (0, 0, None, 0);
    let mut after_zero = false;
    for character in run {
        if let Some(digit) = han_digit(*character) {
            after_zero |= digit == 0;
            digits = Some(digits.unwrap_or(0).checked_mul(10)?.checked_add(digit)?);
            continue;
        }
        let scale = han_scale(*character)?;
        if scale < 10_000 {
            section = section.checked_add(digits.unwrap_or(1).checked_mul(scale)?)?;
        } else {
            let part = section.checked_add(digits.unwrap_or(0))?;
            let part = if part == 0 && total == 0 { 1 } else { part };
            total = if scale > 10_000 {
                total.checked_add(part)?.checked_mul(scale)?
            } else {
                total.checked_add(part.checked_mul(scale)?)?
            };
            section = 0;
        }
        (digits, last, after_zero) = (None, scale, false);
    }
    // 一百二 is a hundred and twenty; 一百零二 a hundred and two.
    let rest = digits.unwrap_or(0);
    let rest = if last >= 100 && rest < 10 && !after_zero {
        rest.checked_mul(last / 10)?
    } else {
        rest
    };
    Some(total.checked_add(section)?.checked_add(rest)?.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spoken_numbers_become_digits() {
        let table = [
            ("twelve times seven", "12 times 7"),
            ("Twenty-one", "21"),
            ("two hundred and five plus three", "205 plus 3"),
            ("a hundred", "100"),
            ("one thousand two hundred thirty-four", "1234"),
            ("5 million", "5000000"),
            ("three point one four", "3.14"),
            ("one hour and thirty minutes", "1 hour and 30 minutes"),
            ("one two three", "1 2 3"),
            ("nobody is someone", "nobody is someone"),
            ("a hundred and a half", "100 and a half"),
            ("三乘以四", "3乘以4"),
            ("一百二十加五", "120加5"),
            ("一百二", "120"),
            ("一百零二", "102"),
            ("十分钟", "10分钟"),
            ("二十一", "21"),
            ("三万五千", "35000"),
            ("3万", "30000"),
            ("一亿两千万", "120000000"),
            ("二〇二七年", "2027年"),
            ("三点一四", "3.14"),
            ("七点三十分", "7点30分"),
            ("七点五分", "7点5分"),
            ("五两", "5两"),
            ("两两", "2两"),
            ("两百", "200"),
            ("百分之二十", "100分之20"),
            ("你好", "你好"),
            ("１２＋３", "12+3"),
        ];
        for (text, digits) in table {
            assert_eq!(to_digits(text), digits, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "(\\PC|[零一两十百千万亿点0-9]|one |hundred |million |and |point ){0,40}") {
            to_digits(&text);
        }
    }
}
