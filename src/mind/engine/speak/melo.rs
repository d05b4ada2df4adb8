//! MeloTTS: Mandarin and English in one voice, with a list of words beside it that says how they are
//! said, so that it needs no other program.

use super::lexicon::{Lexicon, Sounds};
use super::phonemes::mark;
use super::{LONGEST, Voice, Wish};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats, wholes};
use crate::mind::engine::tokens::Tokens;
use crate::mind::voice::{Said, beside, said, written};
use std::collections::HashMap;

/// How much the sound and the lengths of two clauses differ that say the same.
const NOISE: f32 = 0.6;
const NOISE_OF_LENGTHS: f32 = 0.8;
/// Sounds of English have tones above those of Mandarin: this one, and more where there is stress.
const ENGLISH: u8 = 7;

/// The voice.
pub(super) struct Melo {
    graph: Graph,
    lexicon: Lexicon,
    numbers: HashMap<String, i32>,
    rate: u32,
    speaker: i32,
    /// Whether each sound lies between two that say nothing.
    apart: bool,
}

impl Melo {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let lexicon = Lexicon::read(&files.folder.join("lexicon.txt"))?;
        let graph = Graph::open(files.only()?)?;
        let inputs = [
            "x",
            "x_lengths",
            "tones",
            "sid",
            "noise_scale",
            "length_scale",
            "noise_scale_w",
        ];
        graph.needs(&inputs, &["y"])?;
        let rate = graph.number("sample_rate")?;
        if !(8_000..=48_000).contains(&rate) {
            return Err(graph.other("sample_rate"));
        }
        Ok(Self {
            rate: rate as u32,
            speaker: graph.number("speaker_id").unwrap_or(0) as i32,
            apart: graph.number("add_blank").unwrap_or(1) != 0,
            numbers: tokens.numbers(),
            lexicon,
            graph,
        })
    }

    /// The sounds of a clause as numbers, each with its tone.
    fn sounds(&self, clause: &str, wish: &Wish) -> Vec<(i32, u8)> {
        let (words, mark) = mark(clause);
        let mut row = vec![];
        for (is_chinese, run) in written(words, wish.lang) {
            if is_chinese {
                self.mandarin(&run, &mut row);
            } else {
                for word in run.split_whitespace() {
                    self.english(word, &mut row);
                }
            }
        }
        if !row.is_empty() {
            // All it was taught that only parts is a comma.
            let mark = self.numbers.get(mark).or_else(|| self.numbers.get(","));
            row.extend(mark.map(|mark| (*mark, 0)));
        }
        row
    }

    /// What the voice was not taught is left out.
    fn known<'a>(&'a self, sounds: &'a Sounds<'_>) -> impl Iterator<Item = (i32, u8)> + 'a {
        let known = |(sound, tone): &(&str, u8)| Some((*self.numbers.get(*sound)?, *tone));
        sounds.0.iter().filter_map(known)
    }

    /// Word by word, the longest first, with the tones that syllables have beside each other.
    fn mandarin(&self, mut text: &str, row: &mut Vec<(i32, u8)>) {
        /// A character, and its sounds.
        type Syllable = (char, Vec<(i32, u8)>);
        let mut syllables: Vec<Syllable> = vec![];
        while let Some(c) = text.chars().next() {
            let length = match self.lexicon.longest(text) {
                Some((word, sounds)) => {
                    let sounds: Vec<(i32, u8)> = self.known(&sounds).collect();
                    let each = sounds.len().div_ceil(word.chars().count()).max(1);
                    let parts = sounds.chunks(each).map(<[_]>::to_vec);
                    syllables.extend(word.chars().zip(parts));
                    word.len()
                }
                None => c.len_utf8(),
            };
            text = text.get(length..).unwrap_or_default();
        }
        let tone = |sounds: &[(i32, u8)]| sounds.first().map_or(0, |(_, tone)| *tone);
        let tones: Vec<(char, u8)> = (syllables.iter())
            .map(|(character, sounds)| (*character, tone(sounds)))
            .collect();
        for ((_, sounds), tone) in syllables.iter().zip(beside(&tones)) {
            row.extend(sounds.iter().map(|(sound, _)| (*sound, tone)));
        }
    }

    /// As the list says, else by our own rules.
    fn english(&self, word: &str, row: &mut Vec<(i32, u8)>) {
        if let Some(sounds) = self.lexicon.get(&word.to_lowercase()) {
            row.extend(self.known(&sounds));
            return;
        }
        for said in said(word, crate::core::words::Lang::En) {
            if let Said::Sound { name, stress, .. } = said {
                let lower = name.to_lowercase();
                // A small v is a vowel of Mandarin.
                let named = match name {
                    "AX" => "ah",
                    "V" => "V",
                    _ => lower.as_str(),
                };
                let tone = match (stress, name.starts_with(['A', 'E', 'I', 'O', 'U'])) {
                    (Some(true), _) => 2,
                    (Some(false), _) => 3,
                    (None, true) => 1,
                    (None, false) => 0,
                };
                let number = self.numbers.get(named);
                row.extend(number.map(|number| (*number, ENGLISH + tone)));
            }
        }
    }
}

impl Voice for Melo {
    fn rate(&self) -> u32 {
        self.rate
    }

    fn sound(&mut self, clause: &str, wish: &Wish) -> Result<Vec<f32>, ModelError> {
        let row = self.sounds(clause, wish);
        if row.is_empty() {
            return Ok(vec![]);
        }
        let row: Vec<(i32, u8)> = if self.apart {
            let pairs = row.into_iter().flat_map(|sound| [sound, (0, 0)]);
            std::iter::once((0, 0)).chain(pairs).collect()
        } else {
            row
        };
        let count = row.len();
        let (sounds, tones) = row
            .into_iter()
            .map(|(sound, tone)| (sound, i32::from(tone)))
            .unzip();
        let inputs = vec![
            ("x", wholes(&[1, count], sounds).into()),
            ("x_lengths", wholes(&[1], vec![count as i32]).into()),
            ("tones", wholes(&[1, count], tones).into()),
            ("sid", wholes(&[1], vec![self.speaker]).into()),
            ("noise_scale", floats(&[1], vec![NOISE]).into()),
            ("length_scale", floats(&[1], vec![1.0 / wish.speed]).into()),
            ("noise_scale_w", floats(&[1], vec![NOISE_OF_LENGTHS]).into()),
        ];
        let mut answers = self.graph.run(inputs, &["y"])?;
        let sound = answers.pop().ok_or_else(|| self.graph.other("y"))?;
        let (_, mut sound) = self.graph.floats(sound)?;
        sound.truncate(LONGEST);
        Ok(sound)
    }
}
