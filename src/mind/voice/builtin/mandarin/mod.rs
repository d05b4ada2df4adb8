//! From Chinese characters to sounds. Pure.

mod finals;
mod numbers;
mod tones;

pub(super) use numbers::spell_out;
pub(super) use tones::contour;

use super::phones::phone;
use super::prosody::{Sound, Stress};
use crate::mind::voice::pinyin::numbered;
use pinyin::ToPinyin;
use tones::Read;

/// Whether it is a character that can be read.
pub(super) fn is_read(c: char) -> bool {
    c.to_pinyin().is_some() || c == '〇'
}

/// The syllables of characters, of which numbers are written out already, with the tones they have
/// beside each other.
pub(super) fn syllables(text: &str) -> Vec<(String, u8)> {
    let row = read(text).into_iter();
    row.map(|read| (read.letters, read.tone)).collect()
}

fn read(text: &str) -> Vec<Read> {
    let characters: String = text
        .chars()
        .filter(|c| is_read(*c))
        .map(|c| if c == '〇' { '零' } else { c })
        .collect();
    let syllables = numbered(&characters);
    let mut row: Vec<Read> = (syllables.split_whitespace().zip(characters.chars()))
        .map(|(syllable, character)| {
            let letters = syllable.trim_end_matches(|c: char| c.is_ascii_digit());
            let tone = syllable.chars().next_back().and_then(|c| c.to_digit(10));
            Read {
                letters: letters.to_owned(),
                tone: tone.unwrap_or(5) as u8,
                character,
            }
        })
        .collect();
    tones::change(&mut row);
    row
}

/// The tones that characters of these tones have beside each other.
pub(super) fn beside(characters: &[(char, u8)]) -> Vec<u8> {
    let mut row: Vec<Read> = (characters.iter())
        .map(|(character, tone)| Read {
            letters: String::new(),
            tone: *tone,
            character: *character,
        })
        .collect();
    tones::change(&mut row);
    row.iter().map(|read| read.tone).collect()
}

/// The sounds of characters, of which numbers are written out already.
pub(super) fn sounds(text: &str) -> Vec<Sound> {
    let mut sounds = vec![];
    for read in read(text) {
        let names = finals::syllable(&read.letters).unwrap_or_default();
        for (nth, phone) in names.iter().filter_map(|name| phone(name)).enumerate() {
            sounds.push(Sound {
                phone,
                stress: Stress::None,
                tone: Some(read.tone),
                begins: nth == 0,
            });
        }
    }
    sounds
}
