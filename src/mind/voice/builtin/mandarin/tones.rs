//! The tones of syllables: how they change beside each other, and how the pitch runs in each. Pure.

/// One syllable as it is read: its letters, its tone, its character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) letters: String,
    pub(super) tone: u8,
    pub(super) character: char,
}

/// Changes the tones that are said differently beside others.
pub(super) fn change(row: &mut [Read]) {
    for at in 0..row.len() {
        let before = at.checked_sub(1).map(|at| row[at].character);
        let next = row.get(at + 1).map(|next| (next.character, next.tone));
        let Read {
            tone, character, ..
        } = row[at];
        row[at].tone = match (character, tone, next) {
            // Counted, it stays as it is; so it does as a figure.
            ('一', 1, Some((next, _)))
                if before.is_some_and(|before| counts(before) || before == '第')
                    || counts(next) && !matches!(next, '百' | '千' | '万' | '亿') =>
            {
                1
            }
            ('一', 1, Some(('月' | '号' | '日' | '楼', _))) => 1,
            ('不', 4, Some((_, 4))) | ('一', 1, Some((_, 4))) => 2,
            ('一', 1, Some((_, 1..=3))) => 4,
            _ => tone,
        };
    }
    for at in 0..row.len() {
        if row[at].tone == 3 && row.get(at + 1).is_some_and(|next| next.tone == 3) {
            row[at].tone = 2;
        }
    }
}

fn counts(character: char) -> bool {
    "零〇一二三四五六七八九十百千万亿点".contains(character)
}

/// How the pitch runs: shares of the syllable, and levels from 1, low, to 5, high. `last` is the
/// tone before, on which a light one leans.
pub(in super::super) fn contour(tone: u8, last: u8, ends: bool) -> [(f32, f32); 4] {
    match (tone, ends) {
        (1, _) => [(0.0, 4.9), (0.3, 5.0), (0.7, 5.0), (1.0, 4.9)],
        (2, _) => [(0.0, 2.8), (0.3, 2.6), (0.7, 3.8), (1.0, 5.0)],
        (3, true) => [(0.0, 2.2), (0.3, 1.1), (0.65, 1.0), (1.0, 3.2)],
        (3, false) => [(0.0, 2.3), (0.4, 1.2), (0.7, 1.0), (1.0, 1.2)],
        (4, _) => [(0.0, 5.0), (0.25, 5.0), (0.65, 3.0), (1.0, 1.0)],
        _ => {
            let level = match last {
                1 => 2.4,
                2 => 2.8,
                3 => 3.8,
                _ => 1.4,
            };
            [
                (0.0, level),
                (0.4, level),
                (0.8, level - 0.3),
                (1.0, level - 0.4),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tones_change_beside_others() {
        let table = [
            ("你好", "33", "23"),
            ("不是", "44", "24"),
            ("不好", "43", "43"),
            ("一个", "14", "24"),
            ("一天", "11", "41"),
            ("一起", "13", "43"),
            ("十一", "21", "21"),
            ("第一天", "411", "411"),
            ("一百", "13", "43"),
            ("二一零", "412", "412"),
            ("很好听", "331", "231"),
            ("我很好", "333", "223"),
            ("一", "1", "1"),
        ];
        for (text, tones, said) in table {
            let mut row: Vec<Read> = (text.chars().zip(tones.chars()))
                .map(|(character, tone)| Read {
                    letters: String::new(),
                    tone: tone.to_digit(10).unwrap() as u8,
                    character,
                })
                .collect();
            change(&mut row);
            let changed: String = row.iter().map(|read| read.tone.to_string()).collect();
            assert_eq!(changed, said, "{text}");
        }
    }
}
