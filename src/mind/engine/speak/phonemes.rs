//! From words to the phonemes a voice was taught with.
//!
//! Most voices know those of `espeak-ng`; where it is missing, English is read by our own rules,
//! which come close. Voices with a list for several languages write Mandarin as initial, final and
//! tone, each a character of the private area of Unicode, and need no other program. Others read
//! letters.

use super::espeak;
use crate::core::words::Lang;
use crate::mind::engine::error::ModelError;
use crate::mind::voice::{Said, said, written};

/// How a voice wants words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The phonemes of `espeak-ng`.
    Espeak,
    /// Ours in English, initials, finals and tones in Mandarin.
    Both,
    /// As they are written.
    Letters,
}

/// Makes phonemes for one voice.
#[derive(Clone, Debug)]
pub(super) struct Phonemes {
    pub(super) reading: Reading,
    /// What people call the voice.
    pub(super) model: String,
    /// The languages it knows.
    pub(super) languages: Vec<String>,
}

impl Phonemes {
    /// The phonemes of a clause, with the mark at its end.
    pub(super) fn of(&self, clause: &str, lang: Lang) -> Result<Vec<String>, ModelError> {
        let dumb = || ModelError::Dumb {
            model: self.model.clone(),
            language: lang.code().to_owned(),
        };
        if !self.languages.is_empty() && !self.languages.iter().any(|one| one == lang.code()) {
            return Err(dumb());
        }
        let (words, mark) = mark(clause);
        let mut phonemes = match self.reading {
            // It knows the letters of words, and no figures.
            Reading::Letters => {
                let runs = written(words, lang).into_iter().map(|(_, run)| run);
                letters(&runs.collect::<Vec<_>>().join(" ").to_lowercase())
            }
            Reading::Both => sounds(words, lang, true),
            Reading::Espeak => match (espeak::phonemes(words, lang), lang) {
                (Some(phonemes), _) => letters(&phonemes),
                (None, Lang::En) => sounds(words, lang, false),
                (None, Lang::Zh) => return Err(dumb()),
            },
        };
        if !phonemes.is_empty() {
            phonemes.push(mark.to_owned());
        }
        Ok(phonemes)
    }
}

fn letters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

/// A clause without the mark at its end, and that mark as voices know it.
pub(super) fn mark(clause: &str) -> (&str, &'static str) {
    let words = clause.trim_end_matches(|c: char| !c.is_alphanumeric());
    let rest = clause.get(words.len()..).unwrap_or_default();
    let mark = rest.chars().find_map(|c| {
        Some(match c {
            '?' | '？' => "?",
            '!' | '！' => "!",
            ',' | '，' | '、' => ",",
            ';' | '；' => ";",
            ':' | '：' => ":",
            _ => return None,
        })
    });
    (words, mark.unwrap_or("."))
}

/// By our own rules. `mandarin`: the voice knows initials, finals and tones.
fn sounds(words: &str, lang: Lang, mandarin: bool) -> Vec<String> {
    let mut out: Vec<String> = vec![];
    for said in said(words, lang) {
        match said {
            Said::Sound {
                name,
                stress,
                begins,
            } => {
                if begins && !out.is_empty() {
                    out.push(" ".to_owned());
                }
                out.extend(stress.map(|main| if main { "ˈ" } else { "ˌ" }.to_owned()));
                out.extend(letters(ipa(name, stress.is_some())));
            }
            Said::Syllable { letters, tone } if mandarin => out.extend(syllable(&letters, tone)),
            Said::Syllable { .. } => {}
        }
    }
    out
}

/// A sound of English as `espeak-ng` writes it.
fn ipa(name: &str, stressed: bool) -> &'static str {
    match name {
        "AA" => "ɑː",
        "AE" => "æ",
        "AH" if stressed => "ʌ",
        "AH" | "AX" => "ə",
        "AO" => "ɔː",
        "AW" => "aʊ",
        "AY" => "aɪ",
        "B" => "b",
        "CH" => "tʃ",
        "D" => "d",
        "DH" => "ð",
        "EH" => "ɛ",
        "ER" if stressed => "ɜː",
        "ER" => "ɚ",
        "EY" => "eɪ",
        "F" => "f",
        "G" => "ɡ",
        "HH" => "h",
        "IH" => "ɪ",
        "IY" if stressed => "iː",
        "IY" => "i",
        "JH" => "dʒ",
        "K" => "k",
        "L" => "l",
        "M" => "m",
        "N" => "n",
        "NG" => "ŋ",
        "OW" => "oʊ",
        "OY" => "ɔɪ",
        "P" => "p",
        "R" => "ɹ",
        "S" => "s",
        "SH" => "ʃ",
        "T" => "t",
        "TH" => "θ",
        "UH" => "ʊ",
        "UW" => "uː",
        "V" => "v",
        "W" => "w",
        "Y" => "j",
        "Z" => "z",
        "ZH" => "ʒ",
        _ => "",
    }
}

/// Initials of pinyin, those of two letters first, and what they are called in the lists.
const INITIALS: [(&str, &str); 21] = [
    ("zh", "\u{e025}"),
    ("ch", "\u{e026}"),
    ("sh", "ʂ"),
    ("b", "p"),
    ("p", "\u{e020}"),
    ("m", "m"),
    ("f", "f"),
    ("d", "t"),
    ("t", "\u{e021}"),
    ("n", "n"),
    ("l", "l"),
    ("g", "k"),
    ("k", "\u{e022}"),
    ("h", "x"),
    ("j", "\u{e023}"),
    ("q", "\u{e024}"),
    ("x", "ɕ"),
    ("r", "ɻ"),
    ("z", "\u{e00f}"),
    ("c", "\u{e027}"),
    ("s", "s"),
];

/// Finals, written without `y` and `w`.
const FINALS: [(&str, &str); 38] = [
    ("a", "a"),
    ("o", "o"),
    ("e", "ɤ"),
    ("i", "i"),
    ("u", "u"),
    ("ü", "\u{e01e}"),
    ("ai", "\u{e028}"),
    ("ei", "\u{e029}"),
    ("ao", "\u{e02a}"),
    ("ou", "\u{e02b}"),
    ("an", "\u{e02c}"),
    ("en", "\u{e02d}"),
    ("ang", "\u{e02e}"),
    ("eng", "\u{e02f}"),
    ("ong", "\u{e030}"),
    ("er", "ɚ"),
    ("ia", "\u{e031}"),
    ("ie", "\u{e032}"),
    ("iu", "\u{e033}"),
    ("iou", "\u{e033}"),
    ("iao", "\u{e034}"),
    ("ian", "\u{e035}"),
    ("in", "\u{e036}"),
    ("iang", "\u{e037}"),
    ("ing", "\u{e038}"),
    ("iong", "\u{e039}"),
    ("ua", "\u{e03a}"),
    ("uo", "\u{e03b}"),
    ("uai", "\u{e03c}"),
    ("ui", "\u{e03d}"),
    ("uei", "\u{e03d}"),
    ("uan", "\u{e03e}"),
    ("un", "\u{e03f}"),
    ("uen", "\u{e03f}"),
    ("uang", "\u{e040}"),
    ("ueng", "\u{e041}"),
    ("üe", "\u{e042}"),
    ("üan", "\u{e043}"),
];

/// A syllable as initial, final and tone.
fn syllable(letters: &str, tone: u8) -> Vec<String> {
    let written = bare(letters);
    let initial = INITIALS
        .iter()
        .find(|(initial, _)| written.starts_with(initial));
    let (before, rest) = match initial {
        Some((initial, symbol)) => (Some(*symbol), written.strip_prefix(initial).unwrap_or("")),
        None => (None, written.as_str()),
    };
    let first = initial.map_or("", |(initial, _)| initial);
    let last = match (first, rest) {
        // No vowel at all: the consonant is held with voice.
        ("zh" | "ch" | "sh" | "r", "i") => "\u{e045}".to_owned(),
        ("z" | "c" | "s", "i") => "ɨ".to_owned(),
        // After these there is no u, and its dots are left out.
        ("j" | "q" | "x", rest) => {
            final_of(&rest.replacen('u', "ü", usize::from(rest.starts_with('u'))))
        }
        (_, rest) => final_of(rest),
    };
    let tone = char::from_u32(0xe045 + u32::from(tone.clamp(1, 5)));
    let symbols = before.map(str::to_owned).into_iter().chain([last]);
    let symbols = symbols.filter(|symbol| !symbol.is_empty());
    symbols.chain(tone.map(String::from)).collect()
}

fn final_of(written: &str) -> String {
    if written == "ün" {
        return "\u{e044}".to_owned();
    }
    let found = FINALS.iter().find(|(letters, _)| *letters == written);
    found.map_or_else(|| written.to_owned(), |(_, symbol)| (*symbol).to_owned())
}

/// Pinyin without the letters that only mark where a syllable begins.
fn bare(letters: &str) -> String {
    if let Some(rest) = letters.strip_prefix("yu") {
        return format!("ü{rest}");
    }
    if let Some(rest) = letters.strip_prefix('y') {
        let dot = if rest.starts_with('i') { "" } else { "i" };
        return format!("{dot}{rest}");
    }
    if let Some(rest) = letters.strip_prefix('w') {
        let dot = if rest.starts_with('u') { "" } else { "u" };
        return format!("{dot}{rest}");
    }
    letters.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_is_read_by_our_own_rules_much_as_espeak_does() {
        let table = [
            ("hello world", "həlˈoʊ wˈɜːld"),
            ("yes", "jˈɛs"),
            ("what time is it", "wˈʌt tˈaɪm ɪz ɪt"),
        ];
        for (words, phonemes) in table {
            let found = sounds(words, Lang::En, false).concat();
            assert_eq!(found, phonemes, "{words}");
        }
    }

    #[test]
    fn mandarin_is_initials_finals_and_tones() {
        let table = [
            ("ni", 3, "ni\u{e048}"),
            ("zhong", 1, "\u{e025}\u{e030}\u{e046}"),
            ("shi", 4, "ʂ\u{e045}\u{e049}"),
            ("si", 4, "sɨ\u{e049}"),
            ("yuan", 2, "\u{e043}\u{e047}"),
            ("xue", 2, "ɕ\u{e042}\u{e047}"),
            ("jun", 1, "\u{e023}\u{e044}\u{e046}"),
            ("wo", 3, "\u{e03b}\u{e048}"),
            ("you", 3, "\u{e033}\u{e048}"),
            ("ying", 1, "\u{e038}\u{e046}"),
            ("er", 4, "ɚ\u{e049}"),
            ("lü", 4, "l\u{e01e}\u{e049}"),
            ("ma", 5, "ma\u{e04a}"),
            ("gui", 4, "k\u{e03d}\u{e049}"),
        ];
        for (letters, tone, symbols) in table {
            assert_eq!(syllable(letters, tone).concat(), symbols, "{letters}");
        }
    }

    #[test]
    fn a_clause_keeps_the_mark_at_its_end() {
        let table = [
            ("你好。", ("你好", ".")),
            ("really?!", ("really", "?")),
            ("well,", ("well", ",")),
            ("so", ("so", ".")),
            ("走吧！”", ("走吧", "!")),
        ];
        for (clause, parts) in table {
            assert_eq!(mark(clause), parts);
        }
    }

    #[test]
    fn a_language_that_a_voice_does_not_know_is_said_so() {
        let phonemes = Phonemes {
            reading: Reading::Letters,
            model: "amy".to_owned(),
            languages: vec!["en".to_owned()],
        };
        assert_eq!(phonemes.of("Hi!", Lang::En).unwrap(), ["h", "i", "!"]);
        let figures = phonemes.of("3 km.", Lang::En).unwrap().concat();
        assert_eq!(figures, "three kilometers.");
        let error = phonemes.of("你好", Lang::Zh).unwrap_err();
        assert!(matches!(error, ModelError::Dumb { language, .. } if language == "zh"));
    }
}
