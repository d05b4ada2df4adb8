//! From English words to sounds. Pure.
//!
//! A word is known by heart, or is one that is with an ending, or is spelled out, or is read by
//! rule.

mod numbers;
mod rules;
mod words;
mod written;

pub(super) use written::{figured, spell_out};

use super::phones::{Kind, phone};
use super::prosody::{Sound, Stress};

/// A sound by its name, and the weight of a vowel.
type Named = (&'static str, Stress);
/// What an ending does to the sounds of a word.
type Ending = fn(Vec<Named>) -> Vec<Named>;

/// The sounds of words, of which numbers are written out already.
pub(super) fn sounds(text: &str) -> Vec<Sound> {
    let mut sounds = vec![];
    for word in text.split(|c: char| !is_of_word(c)) {
        for part in pieces(word) {
            let mut begins = true;
            for (name, stress) in pronounce(&part) {
                let Some(phone) = phone(name) else { continue };
                sounds.push(Sound {
                    phone,
                    stress,
                    tone: None,
                    begins: std::mem::take(&mut begins),
                });
            }
        }
    }
    sounds
}

/// Whether yes or no answers a question of these words: it does not begin by asking what.
pub(super) fn is_open(question: &str) -> bool {
    let first = question
        .split(|c: char| !is_of_word(c))
        .find(|word| !word.is_empty());
    let first = first.unwrap_or_default().to_lowercase();
    let word = first.split('\'').next().unwrap_or_default();
    let asking = [
        "what", "who", "whom", "whose", "which", "where", "when", "why", "how",
    ];
    asking.contains(&word)
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '\'' | '’')
}

/// A word without accents, cut where capitals begin and between letters and figures.
fn pieces(word: &str) -> Vec<String> {
    let letters: Vec<char> = word.chars().flat_map(bare).collect();
    let mut pieces = vec![String::new()];
    let mut last = None;
    for letter in letters {
        let cut = last.is_some_and(|last: char| {
            (last.is_ascii_lowercase() && letter.is_ascii_uppercase())
                || (last.is_ascii_digit() != letter.is_ascii_digit() && letter != '\'')
        });
        if cut {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(letter);
        }
        last = Some(letter);
    }
    pieces
}

/// A letter without its accent; nothing of what is no letter here.
fn bare(letter: char) -> impl Iterator<Item = char> {
    let plain = match letter {
        '’' | '\'' => "'",
        'à'..='å' | 'ā' | 'ă' | 'ą' => "a",
        'À'..='Å' => "A",
        'æ' | 'Æ' => "ae",
        'ç' | 'ć' | 'č' => "c",
        'Ç' | 'Č' => "C",
        'è'..='ë' | 'ē' | 'ę' | 'ě' => "e",
        'È'..='Ë' => "E",
        'ì'..='ï' | 'ī' | 'ı' => "i",
        'Ì'..='Ï' | 'İ' => "I",
        'ñ' | 'ń' | 'ň' => "n",
        'Ñ' => "N",
        'ò'..='ö' | 'ø' | 'ō' | 'ő' => "o",
        'Ò'..='Ö' | 'Ø' => "O",
        'ß' => "ss",
        'ś' | 'š' | 'ş' => "s",
        'Š' => "S",
        'ù'..='ü' | 'ū' | 'ű' => "u",
        'Ù'..='Ü' => "U",
        'ý' | 'ÿ' => "y",
        'ž' | 'ź' | 'ż' => "z",
        'ł' => "l",
        _ => "",
    };
    let own = letter.is_ascii_alphanumeric().then_some(letter);
    plain.chars().chain(own)
}

/// The sounds of one word.
fn pronounce(word: &str) -> Vec<Named> {
    let word = word.trim_matches('\'');
    let small = word.to_ascii_lowercase();
    if let Some(sounds) = known(&small) {
        return sounds;
    }
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let capital = letters > 1 && !word.chars().any(|c| c.is_ascii_lowercase());
    let mute = !small.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if letters < 2 || mute || (capital && letters < 5) {
        let spelled = small.chars().filter_map(words::letter);
        return spelled.flat_map(with_weights).collect();
    }
    let small = small.replace('\'', "");
    by_rule(&small)
}

/// A word that is known by heart, or one with an ending.
fn known(word: &str) -> Option<Vec<Named>> {
    let heart = |word: &str| words::by_heart(word).map(|sounds| weighed(word, sounds));
    if let Some(sounds) = heart(word) {
        return Some(sounds);
    }
    if let Some(owner) = word.strip_suffix("'s") {
        let sounds = known(owner).unwrap_or_else(|| by_rule(owner));
        return Some(plural(sounds));
    }
    let endings: [(&str, Ending); 8] = [
        ("s", plural),
        ("es", plural),
        ("ed", past),
        ("ing", |sounds| more(sounds, &["IH", "NG"])),
        ("ers", |sounds| more(sounds, &["ER", "Z"])),
        ("er", |sounds| more(sounds, &["ER"])),
        ("ly", |sounds| more(sounds, &["L", "IY"])),
        ("n't", |sounds| more(sounds, &["AX", "N", "T"])),
    ];
    for (ending, add) in endings {
        let Some(stem) = word.strip_suffix(ending) else {
            continue;
        };
        let short = stem.chars().count() < 3;
        // Only after a hiss has the s of many an e.
        let odd = ending == "es" && !stem.ends_with(['s', 'x', 'z', 'h', 'o', 'i']);
        if short || odd {
            continue;
        }
        let mut letters: Vec<char> = stem.chars().collect();
        let doubled = letters.pop() == letters.last().copied();
        let single = || heart(&letters.iter().collect::<String>()).filter(|_| doubled);
        let whole = || heart(stem);
        let silent = || heart(&format!("{stem}e"));
        let changed = || heart(&format!("{}y", stem.strip_suffix('i')?));
        if let Some(sounds) = whole().or_else(silent).or_else(changed).or_else(single) {
            return Some(add(sounds));
        }
    }
    compound(word)
}

/// Two words that are known by heart, written as one.
fn compound(word: &str) -> Option<Vec<Named>> {
    let cuts = word.char_indices().map(|(at, _)| at);
    cuts.filter_map(|at| word.split_at_checked(at))
        .filter(|(first, second)| first.len() > 2 && second.len() > 2)
        .find_map(|(first, second)| {
            let first_sounds = words::by_heart(first)?;
            let second_sounds = words::by_heart(second)?;
            let mut sounds = weighed(first, first_sounds);
            if sounds.iter().all(|(_, stress)| *stress != Stress::Main) {
                weigh(first, &mut sounds);
            }
            let lighter = weighed(second, second_sounds).into_iter();
            sounds.extend(lighter.map(|(name, stress)| match stress {
                Stress::Main => (name, Stress::Second),
                other => (name, other),
            }));
            Some(sounds)
        })
}

fn more(mut sounds: Vec<Named>, names: &[&'static str]) -> Vec<Named> {
    sounds.extend(names.iter().map(|name| (*name, Stress::None)));
    sounds
}

/// With the s of many, or of an owner.
fn plural(sounds: Vec<Named>) -> Vec<Named> {
    match sounds.last().map(|(name, _)| *name) {
        Some("S" | "Z" | "SH" | "ZH" | "CH" | "JH") => more(sounds, &["AX", "Z"]),
        Some("P" | "T" | "K" | "F" | "TH") => more(sounds, &["S"]),
        _ => more(sounds, &["Z"]),
    }
}

/// With the d of the past.
fn past(sounds: Vec<Named>) -> Vec<Named> {
    match sounds.last().map(|(name, _)| *name) {
        Some("T" | "D") => more(sounds, &["AX", "D"]),
        Some("P" | "K" | "F" | "TH" | "S" | "SH" | "CH") => more(sounds, &["T"]),
        _ => more(sounds, &["D"]),
    }
}

/// Sounds as they are written, with a weight where they have one.
fn with_weights(sounds: &'static str) -> impl Iterator<Item = Named> {
    sounds.split(' ').map(|name| {
        let stress = match name.chars().last() {
            Some('1') => Stress::Main,
            Some('2') => Stress::Second,
            _ => Stress::None,
        };
        let bare = name.trim_end_matches(|c: char| c.is_ascii_digit());
        (bare, stress)
    })
}

/// Sounds known by heart; without any weight they get theirs by rule.
fn weighed(word: &str, sounds: &'static str) -> Vec<Named> {
    let mut named: Vec<Named> = with_weights(sounds).collect();
    if !sounds.contains(|c: char| c.is_ascii_digit()) {
        weigh(word, &mut named);
    }
    named
}

fn by_rule(word: &str) -> Vec<Named> {
    let mut named: Vec<Named> = rules::sounds(word)
        .into_iter()
        .map(|name| (name, Stress::None))
        .collect();
    named.dedup_by(|one, other| one.0 == other.0 && !is_vowel(one.0));
    if let [.., (before, _), (last, _)] = named.as_mut_slice() {
        // An ending has a voice if what is before it has one.
        match (*before, *last) {
            ("P" | "K" | "F" | "S" | "SH" | "CH", "D") if word.ends_with("ed") => *last = "T",
            ("P" | "T" | "K" | "F" | "TH", "Z") if word.ends_with('s') => *last = "S",
            _ => {}
        }
    }
    weigh(word, &mut named);
    // A short vowel without weight is hardly more than a gap.
    let count = named.iter().filter(|(name, _)| is_vowel(name)).count();
    let mut nth = 0;
    for (name, stress) in &mut named {
        if !is_vowel(name) {
            continue;
        }
        nth += 1;
        let first = nth == 1 && count > 2;
        if *stress == Stress::None
            && (matches!(*name, "AH") || (matches!(*name, "AE" | "EH" | "AA") && !first))
        {
            *name = "AX";
        }
    }
    named
}

fn weigh(word: &str, named: &mut [Named]) {
    let full = |name: &str| is_vowel(name) && name != "AX";
    let vowels = named.iter().filter(|(name, _)| is_vowel(name)).count();
    let main = rules::weight(word, vowels);
    let places: Vec<usize> = (named.iter().enumerate())
        .filter(|(_, (name, _))| is_vowel(name))
        .map(|(at, _)| at)
        .collect();
    if let [_, second] = places.as_slice()
        && main == 1
        && named[*second].0 == "AX"
        && !full(named[places[0]].0)
    {
        named[*second].0 = "EH";
    }
    // Where the rule points at a gap, the next full vowel takes the weight.
    let order = places
        .iter()
        .skip(main)
        .chain(places.iter().take(main).rev());
    let heavy = order
        .copied()
        .find(|at| full(named[*at].0))
        .or(places.first().copied());
    if let Some(heavy) = heavy {
        named[heavy].1 = Stress::Main;
        for (nth, at) in places.iter().enumerate() {
            let long = matches!(named[*at].0, "EY" | "AY" | "OW" | "AW" | "OY" | "AO" | "UW");
            if *at != heavy && long && nth.abs_diff(main) > 1 {
                named[*at].1 = Stress::Second;
            }
        }
    }
}

fn is_vowel(name: &str) -> bool {
    phone(name).is_some_and(|phone| phone.kind == Kind::Vowel)
}

#[cfg(test)]
mod tests;
