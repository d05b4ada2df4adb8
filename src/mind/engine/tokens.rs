//! The pieces of words that models answer with, as the files beside them list them.
//!
//! Three lists are in use: `tokenizer.json`, `vocab.json` and `tokens.txt`. Pieces are written in
//! one of two ways: with `▁` for a space and `<0xE4>` for a byte, or each byte as a character of
//! its own (`Ġ` is a space).

use super::error::ModelError;
use serde::Deserialize;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The largest list that is read; the largest known has 4 MB.
const LARGEST: u64 = 64 << 20;
/// The highest number a piece may have.
const HIGHEST: usize = 2_000_000;

/// How pieces are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spelling {
    /// `▁` is a space.
    Words,
    /// Each byte is a character.
    Bytes,
}

/// A list of pieces.
#[derive(Clone, Debug, PartialEq)]
pub struct Tokens {
    pieces: Vec<String>,
    /// Those that steer and are no words.
    steering: HashMap<String, usize>,
    /// Whether each of them does.
    steers: Vec<bool>,
    spelling: Spelling,
}

/// The part of `tokenizer.json` that says how numbers become text.
#[derive(Deserialize)]
struct Json {
    model: JsonModel,
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(default)]
    decoder: Option<Decoder>,
}

#[derive(Deserialize)]
struct JsonModel {
    vocab: HashMap<String, usize>,
}

#[derive(Deserialize)]
struct Added {
    id: usize,
    content: String,
}

#[derive(Deserialize)]
struct Decoder {
    #[serde(rename = "type")]
    kind: String,
}

impl Tokens {
    /// Reads whichever list a folder has.
    pub(super) fn read(folder: &Path) -> Result<Self, ModelError> {
        let names = ["tokenizer.json", "tokens.txt", "vocab.json"];
        let found = names.iter().find(|name| folder.join(name).is_file());
        let Some(name) = found else {
            return Err(ModelError::Lacks {
                folder: folder.display().to_string(),
                file: "tokenizer.json".to_owned(),
            });
        };
        let path = folder.join(name);
        let text = text(&path)?;
        let read = match *name {
            "tokenizer.json" => Self::of_json(&text),
            "tokens.txt" => Self::of_lines(&text),
            _ => {
                let added = folder.join("added_tokens.json");
                let added = if added.is_file() {
                    self::text(&added)?
                } else {
                    "{}".to_owned()
                };
                Self::of_vocabulary(&text, &added)
            }
        };
        read.map_err(|why| ModelError::Damaged {
            file: path.display().to_string(),
            why,
        })
    }

    /// Those of a `tokenizer.json`.
    pub fn of_json(text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let bytes = match &json.decoder {
            Some(decoder) => decoder.kind == "ByteLevel",
            None => json.model.vocab.contains_key("Ġ"),
        };
        let added = json.added_tokens.into_iter();
        let added = added.map(|token| (token.content, token.id)).collect();
        let spelling = if bytes {
            Spelling::Bytes
        } else {
            Spelling::Words
        };
        Self::new(json.model.vocab, added, spelling)
    }

    fn of_vocabulary(text: &str, added: &str) -> Result<Self, String> {
        let vocabulary = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let added = serde_json::from_str(added).map_err(|error| error.to_string())?;
        Self::new(vocabulary, added, Spelling::Bytes)
    }

    /// Those of a list with a piece and its number in each line.
    pub fn of_lines(text: &str) -> Result<Self, String> {
        let mut vocabulary = HashMap::new();
        for (nth, line) in text.lines().enumerate() {
            let line = line.trim_end_matches('\r');
            if line.is_empty() {
                continue;
            }
            // The piece itself may be a space.
            let (piece, number) = line
                .rsplit_once([' ', '\t'])
                .ok_or_else(|| format!("line {} has no number", nth + 1))?;
            let number = number
                .parse()
                .map_err(|_none| format!("line {} has no number", nth + 1))?;
            vocabulary.insert(piece.to_owned(), number);
        }
        let steering = vocabulary
            .iter()
            .filter(|(piece, _)| {
                let byte = piece.starts_with("<0x");
                piece.len() > 2 && piece.starts_with('<') && piece.ends_with('>') && !byte
            })
            .map(|(piece, number)| (piece.clone(), *number))
            .collect();
        Self::new(vocabulary, steering, Spelling::Words)
    }

    fn new(
        vocabulary: HashMap<String, usize>,
        steering: HashMap<String, usize>,
        spelling: Spelling,
    ) -> Result<Self, String> {
        let highest = vocabulary.values().chain(steering.values()).max();
        let count = match highest {
            None => return Err("it lists nothing".to_owned()),
            Some(highest) if *highest >= HIGHEST => {
                return Err(format!("it has a number as high as {highest}"));
            }
            Some(highest) => highest + 1,
        };
        let mut pieces = vec![String::new(); count];
        for (piece, number) in vocabulary {
            if let Some(place) = pieces.get_mut(number) {
                *place = piece;
            }
        }
        let mut steers = vec![false; count];
        for number in steering.values() {
            if let Some(place) = steers.get_mut(*number) {
                *place = true;
            }
        }
        Ok(Self {
            pieces,
            steering,
            steers,
            spelling,
        })
    }

    /// The number of one that steers.
    pub(super) fn number(&self, steering: &str) -> Option<usize> {
        self.steering.get(steering).copied()
    }

    /// Those that steer, with their numbers.
    pub(super) fn steering(&self) -> impl Iterator<Item = (&str, usize)> {
        let all = self.steering.iter();
        all.map(|(piece, number)| (piece.as_str(), *number))
    }

    /// How it is written.
    pub(super) fn piece(&self, number: usize) -> &str {
        self.pieces.get(number).map_or("", String::as_str)
    }

    /// The number of each, for models that are given them.
    pub(super) fn numbers(&self) -> HashMap<String, i32> {
        let all = self.pieces.iter().enumerate();
        let written = all.filter(|(_, piece)| !piece.is_empty());
        written
            .map(|(number, piece)| (piece.clone(), number as i32))
            .collect()
    }

    /// All of them, as they are written.
    pub(super) fn pieces(&self) -> &[String] {
        &self.pieces
    }

    /// What they say, without those that steer. A character that is not complete is left out, for
    /// its other bytes may follow.
    pub fn text(&self, numbers: &[usize]) -> String {
        let bytes: Vec<u8> = numbers.iter().flat_map(|one| self.bytes(*one)).collect();
        let text = String::from_utf8_lossy(&bytes);
        text.replace(char::REPLACEMENT_CHARACTER, "")
            .trim()
            .to_owned()
    }

    /// What one says, which may be a part of a character; nothing if it steers.
    pub(super) fn bytes(&self, number: usize) -> Vec<u8> {
        if self.steers.get(number).copied().unwrap_or(true) {
            return vec![];
        }
        let piece = self.piece(number);
        match self.spelling {
            Spelling::Bytes => piece.chars().filter_map(byte_of).collect(),
            Spelling::Words => match bare_byte(piece) {
                Some(byte) => vec![byte],
                None => piece.replace('▁', " ").into_bytes(),
            },
        }
    }
}

/// What is in a list that is not too long to be one.
pub(super) fn text(path: &Path) -> Result<String, ModelError> {
    let damaged = |why: String| ModelError::Damaged {
        file: path.display().to_string(),
        why,
    };
    let length = fs::metadata(path).map_err(|error| damaged(error.to_string()))?;
    if length.len() > LARGEST {
        return Err(damaged(format!("it has {} MB", length.len() >> 20)));
    }
    fs::read_to_string(path).map_err(|error| damaged(error.to_string()))
}

/// `<0xE4>` as the byte it stands for.
fn bare_byte(piece: &str) -> Option<u8> {
    let digits = piece.strip_prefix("<0x")?.strip_suffix('>')?;
    u8::from_str_radix(digits, 16)
        .ok()
        .filter(|_| digits.len() == 2)
}

/// The byte a character stands for: itself where it can be seen, else one from 256 on.
fn byte_of(c: char) -> Option<u8> {
    let code = c as u32;
    let seen = |code: u32| matches!(code, 33..=126 | 161..=172 | 174..=255);
    if seen(code) {
        return u8::try_from(code).ok();
    }
    let nth = code.checked_sub(256)? as usize;
    (0..=255_u8).filter(|byte| !seen(u32::from(*byte))).nth(nth)
}

/// The character that stands for a byte.
pub(super) fn character_of(byte: u8) -> char {
    let seen = |code: u32| byte_of(char::from_u32(code)?).filter(|one| *one == byte);
    let code = (33..=323).find(|code| seen(*code).is_some());
    code.and_then(char::from_u32)
        .expect("every byte has its character")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn pieces_become_text_in_both_spellings() {
        let words = r#"{"model":{"vocab":{"<s>":0,"▁hello":1,"▁wor":2,"ld":3,"<0xE4>":4,
            "<0xBD>":5,"<0xA0>":6}},"added_tokens":[{"id":0,"content":"<s>"}]}"#;
        let bytes = r#"{"model":{"vocab":{"hello":1,"Ġwor":2,"ld":3,"ä":4,"½":5,"ł":6}},
            "added_tokens":[{"id":0,"content":"<|en|>"}],"decoder":{"type":"ByteLevel"}}"#;
        for json in [words, bytes] {
            let tokens = Tokens::of_json(json).unwrap();
            assert_eq!(tokens.text(&[0, 1, 2, 3]), "hello world");
            assert_eq!(tokens.text(&[4, 5, 6]), "你");
            assert_eq!(tokens.text(&[1, 4, 5]), "hello");
            assert_eq!(tokens.text(&[99]), "");
        }
        let lines = "<blk> 0\n▁HE 1\nLLO 2\n你 3\n▁ 4\n<|zh|> 5\n<0xE4> 6\n";
        let tokens = Tokens::of_lines(lines).unwrap();
        assert_eq!(tokens.text(&[0, 1, 2, 4, 3, 5]), "HELLO 你");
        assert_eq!(tokens.number("<|zh|>"), Some(5));
        assert_eq!(tokens.number("<0xE4>"), None);
    }

    #[test]
    fn every_byte_has_its_character() {
        let mut bytes: Vec<u8> = (0..=u32::from('ń'))
            .filter_map(char::from_u32)
            .filter_map(byte_of)
            .collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn a_list_that_makes_no_sense_says_why() {
        let table = [
            (Tokens::of_lines("a 0\nb\n"), "line 2 has no number"),
            (Tokens::of_lines(""), "it lists nothing"),
            (
                Tokens::of_lines("a 4000000000"),
                "it has a number as high as 4000000000",
            ),
            (
                Tokens::of_json("{}"),
                "missing field `model` at line 1 column 2",
            ),
        ];
        for (read, why) in table {
            assert_eq!(read.unwrap_err(), why);
        }
        let folder = tempfile::tempdir().unwrap();
        let error = Tokens::read(folder.path()).unwrap_err();
        assert!(matches!(error, ModelError::Lacks { file, .. } if file == "tokenizer.json"));
    }

    proptest! {
        #[test]
        fn no_list_makes_it_panic(text in ".{0,200}", numbers in proptest::collection::vec(any::<usize>(), 0..8)) {
            for read in [Tokens::of_lines(&text), Tokens::of_json(&text)].into_iter().flatten() {
                let _ = read.text(&numbers);
            }
        }
    }
}
