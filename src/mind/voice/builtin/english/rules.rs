//! Reads English words by rule: which sounds its letters are, and which vowels have weight. Pure.

use std::sync::LazyLock;

/// One line of the rules.
#[derive(Debug)]
struct Rule {
    left: Vec<char>,
    letters: Vec<char>,
    right: Vec<char>,
    sounds: &'static str,
}

/// The rules by the letter that they begin with.
static RULES: LazyLock<Vec<(char, Vec<Rule>)>> = LazyLock::new(|| {
    let mut rules: Vec<(char, Vec<Rule>)> = vec![];
    for rule in include_str!("rules.txt").lines().filter_map(read) {
        let first = rule.letters.first().copied().unwrap_or_default();
        match rules.iter_mut().find(|(letter, _)| *letter == first) {
            Some((_, of)) => of.push(rule),
            None => rules.push((first, vec![rule])),
        }
    }
    rules
});

fn read(line: &'static str) -> Option<Rule> {
    let (context, sounds) = line.split_once(' ')?;
    let (left, rest) = context.split_once('(')?;
    let (letters, right) = rest.split_once(')')?;
    Some(Rule {
        // It is compared from the letters outwards.
        left: left.chars().rev().collect(),
        letters: letters.chars().collect(),
        right: right.chars().collect(),
        sounds,
    })
}

/// The sounds of a word of small letters, without weights.
pub(super) fn sounds(word: &str) -> Vec<&'static str> {
    let letters: Vec<char> = word.chars().filter(char::is_ascii_lowercase).collect();
    let (mut sounds, mut at) = (vec![], 0);
    while let Some(first) = letters.get(at) {
        let rules = RULES.iter().find(|(letter, _)| letter == first);
        let rule = rules.and_then(|(_, rules)| rules.iter().find(|rule| rule.fits(&letters, at)));
        let Some(rule) = rule else {
            at += 1;
            continue;
        };
        sounds.extend(rule.sounds.split(' ').filter(|sound| *sound != "-"));
        at += rule.letters.len();
    }
    sounds
}

impl Rule {
    fn fits(&self, word: &[char], at: usize) -> bool {
        let (before, rest) = word.split_at(at);
        let Some(after) = rest.strip_prefix(self.letters.as_slice()) else {
            return false;
        };
        let before: Vec<char> = before.iter().rev().copied().collect();
        context(&self.left, &before) && context(&self.right, after)
    }
}

/// Endings before which a vowel with one consonant is long.
const ENDINGS: [&str; 9] = ["e", "es", "ed", "er", "ers", "ing", "ings", "en", "ens"];

/// Whether a pattern fits what is on one side, both from the middle outwards.
fn context(pattern: &[char], side: &[char]) -> bool {
    let Some((sign, pattern)) = pattern.split_first() else {
        return true;
    };
    let one = |fits: fn(char) -> bool| match side.split_first() {
        Some((letter, side)) if fits(*letter) => context(pattern, side),
        _ => false,
    };
    match sign {
        '_' => side.is_empty() && context(pattern, side),
        'V' => one(is_vowel),
        'C' => one(|letter| !is_vowel(letter)),
        'F' => one(|letter| matches!(letter, 'e' | 'i' | 'y')),
        'K' => {
            let consonants = side.iter().take_while(|letter| !is_vowel(**letter)).count();
            side.get(consonants..)
                .is_some_and(|side| context(pattern, side))
        }
        'M' => ENDINGS
            .iter()
            .any(|ending| side.iter().copied().eq(ending.chars())),
        letter => match side.split_first() {
            Some((first, side)) if first == letter => context(pattern, side),
            _ => false,
        },
    }
}

fn is_vowel(letter: char) -> bool {
    matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y')
}

/// Endings that pull the weight onto the vowel before them, and how many vowels they have.
const PULLING: [(&str, usize); 26] = [
    ("tion", 1),
    ("sion", 1),
    ("tions", 1),
    ("sions", 1),
    ("cial", 1),
    ("tial", 1),
    ("cian", 1),
    ("cious", 1),
    ("tious", 1),
    ("cient", 1),
    ("ion", 1),
    ("ic", 1),
    ("ics", 1),
    ("ical", 2),
    ("ically", 2),
    ("ity", 2),
    ("ities", 2),
    ("ify", 2),
    ("logy", 2),
    ("graphy", 2),
    ("meter", 2),
    ("ial", 2),
    ("ian", 2),
    ("ious", 2),
    ("eous", 2),
    ("ive", 1),
];
/// Endings that have the weight themselves.
const HEAVY: [&str; 7] = ["ee", "eer", "ese", "ette", "oon", "self", "ect"];
/// Beginnings without weight.
const LIGHT: [&str; 23] = [
    "ab", "ac", "ad", "af", "ag", "al", "ap", "ar", "as", "at", "be", "com", "con", "de", "dis",
    "ef", "ex", "im", "in", "per", "pre", "re", "un",
];

/// Which of so many vowels of a word has the main weight.
pub(super) fn weight(word: &str, vowels: usize) -> usize {
    let pulling = PULLING.iter().filter(|(ending, _)| word.ends_with(ending));
    if let Some((_, own)) = pulling.max_by_key(|(ending, _)| ending.len()) {
        return vowels.saturating_sub(own + 1);
    }
    if HEAVY.iter().any(|ending| word.ends_with(ending)) {
        return vowels.saturating_sub(1);
    }
    let light = LIGHT.iter().any(|beginning| {
        // What follows it has to be a syllable by itself, as far as one can see.
        let rest = word.strip_prefix(beginning).unwrap_or_default();
        let mut rest = rest.chars();
        let (first, second) = (rest.next(), rest.next());
        first.is_some_and(|first| !is_vowel(first) || *beginning == "ex")
            && second.is_some()
            && rest.next().is_some()
    });
    match vowels {
        0 | 1 => 0,
        2 | 3 => usize::from(light),
        _ => vowels - 3,
    }
}
