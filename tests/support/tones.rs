//! Speech that a test can make and understand: each word is a tone of its own.
//!
//! It survives what happens to sound on its way (other rates, another loudness, fades, a lossy
//! codec), so that what was said into a microphone can be compared with what was understood, and
//! what was to be spoken with what came out of a loudspeaker.

use std::f64::consts::TAU;

/// The words there are; each has the tone of its place. What is not here is the first one.
pub const WORDS: [&str; 45] = [
    "?", "what", "is", "the", "time", "it", "now", "hello", "i", "am", "you", "can", "help", "set",
    "timer", "for", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "minus", "plus", "times", "stop", "yes", "no", "a", "你好", "几", "点", "了", "现在", "一",
    "二", "三", "加", "等于", "五", "什么",
];

/// Figures are said as words.
const FIGURES: [(&str, &str); 10] = [
    ("1", "one"),
    ("2", "two"),
    ("3", "three"),
    ("4", "four"),
    ("5", "five"),
    ("6", "six"),
    ("7", "seven"),
    ("8", "eight"),
    ("9", "nine"),
    ("10", "ten"),
];

/// The rate of recordings.
pub const RATE: u32 = 16_000;
/// How long a word lasts, in milliseconds.
pub const WORD_MS: u32 = 120;
/// The pause before and after each word, in milliseconds.
pub const PAUSE_MS: u32 = 60;

/// From 400 Hz up: the highest is below 4 kHz, so that telephones could carry it.
const LOWEST: f64 = 400.0;
const STEP: f64 = 80.0;
const LOUDNESS: f64 = 8_000.0;
/// Quieter than this is a pause.
const QUIET: f64 = 300.0;
/// Shorter than this is a click, or a word that was cut off.
const SHORTEST_MS: u32 = 70;

/// These words as a recording.
pub fn say(words: &[&str]) -> Vec<i16> {
    say_at(words, RATE)
}

/// These words at any rate.
pub fn say_at(words: &[&str], rate: u32) -> Vec<i16> {
    let pause = vec![0; samples(PAUSE_MS, rate)];
    let mut said = pause.clone();
    for word in words {
        let long = samples(WORD_MS, rate);
        let fade = samples(5, rate) as f64;
        let hertz = hertz(place(word));
        said.extend((0..long).map(|at| {
            let edge = (at.min(long - 1 - at) as f64 / fade).min(1.0);
            let wave = (TAU * hertz * at as f64 / f64::from(rate)).sin();
            (wave * edge * LOUDNESS) as i16
        }));
        said.extend(&pause);
    }
    said
}

/// The words in a text, as they would be said.
pub fn words(text: &str) -> Vec<String> {
    let mut found = vec![];
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let latin: String = rest
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let chinese = WORDS
            .iter()
            .filter(|word| !word.is_ascii() && rest.starts_with(**word));
        let taken = if !latin.is_empty() {
            let word = latin.to_lowercase();
            let figure = FIGURES.iter().find(|(figure, _)| *figure == word);
            let word = figure.map_or(word.as_str(), |(_, word)| word);
            found.push(WORDS[place(word)].to_owned());
            latin.len()
        } else if let Some(word) = chinese.max_by_key(|word| word.len()) {
            found.push((*word).to_owned());
            word.len()
        } else {
            if first.is_alphabetic() {
                found.push("?".to_owned());
            }
            first.len_utf8()
        };
        rest = rest.split_at(taken).1;
    }
    found
}

/// The words as people write them.
pub fn text(words: &[String]) -> String {
    let mut text = String::new();
    for word in words {
        if word.is_ascii() && !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    text
}

/// The words in a piece of sound; what is loud and no word is `?`.
pub fn hear(samples_heard: &[i16], rate: u32) -> Vec<String> {
    let block = samples(10, rate).max(1);
    let mut heard = vec![];
    let mut loud: Vec<i16> = vec![];
    let end = vec![0; block];
    for block in samples_heard.chunks(block).chain([end.as_slice()]) {
        let power: f64 = block.iter().map(|sample| f64::from(*sample).powi(2)).sum();
        if (power / block.len() as f64).sqrt() >= QUIET {
            loud.extend(block);
        } else if loud.len() >= samples(SHORTEST_MS, rate) {
            heard.push(recognise(&std::mem::take(&mut loud), rate).to_owned());
        } else {
            loud.clear();
        }
    }
    heard
}

/// The samples of a WAV file of 16 bit mono, whatever length its header claims, and their rate.
pub fn read_wav(file: &[u8]) -> Option<(Vec<i16>, u32)> {
    let rate = u32::from_le_bytes(file.get(24..28)?.try_into().ok()?);
    let at = file.windows(4).position(|four| four == b"data")? + 8;
    let sound = file.get(at..)?;
    let pairs = sound.chunks_exact(2);
    let samples = pairs.map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
    (file.starts_with(b"RIFF")).then(|| (samples.collect(), rate))
}

/// A WAV file whose header claims this length; an honest one is twice the number of samples.
pub fn wav_claiming(samples: &[i16], rate: u32, length: u32) -> Vec<u8> {
    let mut file = vec![];
    for part in [
        b"RIFF".as_slice(),
        &length.wrapping_add(36).to_le_bytes(),
        b"WAVEfmt ",
        &[16, 0, 0, 0, 1, 0, 1, 0],
        &rate.to_le_bytes(),
        &(rate * 2).to_le_bytes(),
        &[2, 0, 16, 0],
        b"data",
        &length.to_le_bytes(),
        &bytes(samples),
    ] {
        file.extend_from_slice(part);
    }
    file
}

/// An honest WAV file.
pub fn wav(samples: &[i16], rate: u32) -> Vec<u8> {
    wav_claiming(samples, rate, samples.len() as u32 * 2)
}

/// The samples as bytes, the low one first.
pub fn bytes(samples: &[i16]) -> Vec<u8> {
    samples
        .iter()
        .flat_map(|sample| sample.to_le_bytes())
        .collect()
}

fn samples(milliseconds: u32, rate: u32) -> usize {
    (rate * milliseconds / 1_000) as usize
}

pub fn place(word: &str) -> usize {
    WORDS.iter().position(|known| *known == word).unwrap_or(0)
}

pub fn hertz(place: usize) -> f64 {
    LOWEST + STEP * place as f64
}

/// The word whose tone is the strongest in this.
fn recognise(loud: &[i16], rate: u32) -> &'static str {
    // The ends are faded, or cut off somewhere.
    let edge = loud.len() / 8;
    let middle = &loud[edge..loud.len() - edge];
    let whole: f64 = middle.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    let strength = |place: usize| {
        let turn = TAU * hertz(place) / f64::from(rate);
        let (mut before, mut last) = (0.0, 0.0);
        for sample in middle {
            let next = f64::from(*sample) + 2.0 * turn.cos() * last - before;
            (before, last) = (last, next);
        }
        before.powi(2) + last.powi(2) - 2.0 * turn.cos() * before * last
    };
    let best = (0..WORDS.len()).max_by(|a, b| strength(*a).total_cmp(&strength(*b)));
    let best = best.unwrap_or(0);
    // All the power of a pure tone is in its place: half the length times the sum of squares.
    let pure = 2.0 * strength(best) / (middle.len() as f64 * whole);
    if pure > 0.5 { WORDS[best] } else { WORDS[0] }
}
