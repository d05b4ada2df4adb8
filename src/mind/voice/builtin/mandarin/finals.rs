//! The sounds of a syllable of pinyin. Pure.

/// Consonants that begin a syllable, those of two letters first.
const INITIALS: [&str; 21] = [
    "zh", "ch", "sh", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "r",
    "z", "c", "s",
];

/// The sounds of a final that stands alone or after a consonant, as `y` and `w` do not hide it.
fn sounds_of(last: &str) -> Option<&'static [&'static str]> {
    Some(match last {
        "a" => &["a"],
        "o" => &["o"],
        "e" => &["e"],
        "ê" => &["ê"],
        "ai" => &["a", "IH"],
        "ei" => &["EH", "IY"],
        "ao" => &["AA", "UH"],
        "ou" => &["o", "UH"],
        "an" => &["a", "N"],
        "en" => &["AX", "N"],
        "ang" => &["AA", "NG"],
        "eng" => &["AH", "NG"],
        "ong" => &["UH", "NG"],
        "er" => &["er"],
        "i" => &["i"],
        "ia" => &["Y", "a"],
        "io" => &["Y", "o"],
        "ie" => &["Y", "ê"],
        "iao" => &["Y", "AA", "UH"],
        "iu" => &["Y", "o", "UH"],
        "ian" => &["Y", "EH", "N"],
        "in" => &["i", "N"],
        "iang" => &["Y", "AA", "NG"],
        "ing" => &["i", "NG"],
        "iong" => &["Y", "UH", "NG"],
        "u" => &["u"],
        "ua" => &["W", "a"],
        "uo" => &["W", "o"],
        "uai" => &["W", "a", "IH"],
        "ui" => &["W", "EH", "IY"],
        "uan" => &["W", "a", "N"],
        "un" => &["W", "AX", "N"],
        "uang" => &["W", "AA", "NG"],
        "ueng" => &["W", "AH", "NG"],
        "ü" => &["ü"],
        "üe" => &["ü", "ê"],
        "üan" => &["ü", "EH", "N"],
        "ün" => &["ü", "N"],
        _ => return None,
    })
}

/// The names of the sounds of a syllable without its tone, such as `zhuang` or `nü`.
pub(super) fn syllable(pinyin: &str) -> Option<Vec<&'static str>> {
    let initial = INITIALS
        .iter()
        .find(|initial| pinyin.starts_with(**initial));
    let Some(initial) = initial else {
        return sounds_of(&alone(pinyin)).map(<[_]>::to_vec);
    };
    let last = pinyin.strip_prefix(*initial)?;
    let last = match (*initial, last) {
        // No vowel at all: the consonant is held with voice.
        ("zh" | "ch" | "sh" | "r", "i") => return Some(vec![sound(initial), "-ri"]),
        ("z" | "c" | "s", "i") => return Some(vec![sound(initial), "-i"]),
        // After these there is no u, and its dots are left out.
        ("j" | "q" | "x", rest) => rest.replacen('u', "ü", usize::from(rest != "iu")),
        ("b" | "p" | "m" | "f", "o") => "uo".to_owned(),
        (_, rest) => rest.to_owned(),
    };
    // `iong` has its u at its end.
    let last = if last == "iüng" {
        "iong".to_owned()
    } else {
        last
    };
    let mut names = vec![sound(initial)];
    names.extend(sounds_of(&last)?);
    Some(names)
}

/// The final of a syllable without a consonant, which is written with y and w.
fn alone(pinyin: &str) -> String {
    let vowel_i = |rest: &str| rest.starts_with('i');
    match pinyin.strip_prefix('y') {
        Some(rest) if vowel_i(rest) => return rest.to_owned(),
        Some(rest) if rest.starts_with(['u', 'ü']) => return rest.replacen('u', "ü", 1),
        Some("ou") => return "iu".to_owned(),
        Some(rest) => return format!("i{rest}"),
        None => {}
    }
    match pinyin.strip_prefix('w') {
        Some("u") => "u".to_owned(),
        Some("ei") => "ui".to_owned(),
        Some("en") => "un".to_owned(),
        Some(rest) => format!("u{rest}"),
        None => pinyin.to_owned(),
    }
}

/// The sound of a consonant: some are those of English.
fn sound(initial: &'static str) -> &'static str {
    match initial {
        "m" => "M",
        "f" => "F",
        "n" => "N",
        "l" => "L",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::phones::phone;
    use super::*;

    #[test]
    fn syllables_are_made_of_sounds() {
        let table = [
            ("ni", "N i"),
            ("hao", "h AA UH"),
            ("zhong", "zh UH NG"),
            ("guo", "g W o"),
            ("shi", "sh -ri"),
            ("jie", "j Y ê"),
            ("wo", "W o"),
            ("zi", "z -i"),
            ("ri", "r -ri"),
            ("yi", "i"),
            ("wu", "u"),
            ("yu", "ü"),
            ("yue", "ü ê"),
            ("yuan", "ü EH N"),
            ("yun", "ü N"),
            ("you", "Y o UH"),
            ("liu", "L Y o UH"),
            ("qi", "q i"),
            ("jiu", "j Y o UH"),
            ("ju", "j ü"),
            ("xue", "x ü ê"),
            ("quan", "q ü EH N"),
            ("xiong", "x Y UH NG"),
            ("nü", "N ü"),
            ("er", "er"),
            ("bo", "b W o"),
            ("fen", "F AX N"),
            ("zhuang", "zh W AA NG"),
            ("shui", "sh W EH IY"),
            ("tian", "t Y EH N"),
            ("ying", "i NG"),
            ("wen", "W AX N"),
            ("ang", "AA NG"),
            ("ying", "i NG"),
            ("kuai", "k W a IH"),
            ("ce", "c e"),
        ];
        for (pinyin, sounds) in table {
            let names = syllable(pinyin).unwrap();
            assert_eq!(names.join(" "), sounds, "{pinyin}");
        }
        assert_eq!(syllable("xyz"), None);
    }

    #[test]
    fn every_character_has_sounds_that_there_are() {
        use pinyin::ToPinyin;
        let mut unsaid = std::collections::BTreeSet::new();
        for read in ('\u{4e00}'..='\u{9fff}').filter_map(|c| c.to_pinyin()) {
            let plain = read
                .with_tone_num_end()
                .trim_end_matches(|c: char| c.is_ascii_digit());
            match syllable(plain) {
                Some(names) => assert!(names.iter().all(|name| phone(name).is_some())),
                None => drop(unsaid.insert(plain.to_owned())),
            }
        }
        // Interjections without a vowel.
        let known: Vec<_> = unsaid.iter().map(String::as_str).collect();
        assert_eq!(known, ["hm", "m", "n"]);
    }
}
