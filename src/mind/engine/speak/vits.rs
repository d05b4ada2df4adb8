//! Voices of the VITS kind, as Piper and its relatives publish them: a graph, and a file beside it
//! that says which phonemes it knows.

use super::phonemes::{Phonemes, Reading};
use super::{LONGEST, Voice, Wish};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats, wholes};
use serde::Deserialize;
use std::collections::HashMap;

/// What the file beside the graph says.
#[derive(Deserialize)]
struct Description {
    #[serde(default)]
    audio: Audio,
    #[serde(default)]
    inference: Inference,
    #[serde(default)]
    phoneme_type: Option<String>,
    phoneme_id_map: HashMap<String, Vec<i32>>,
    #[serde(default)]
    speaker_id_map: HashMap<String, i32>,
    #[serde(default)]
    language_id_map: HashMap<String, i32>,
}

#[derive(Deserialize)]
#[serde(default)]
struct Audio {
    sample_rate: u32,
}

impl Default for Audio {
    fn default() -> Self {
        Self {
            sample_rate: 22_050,
        }
    }
}

#[derive(Deserialize)]
#[serde(default)]
struct Inference {
    noise_scale: f32,
    length_scale: f32,
    noise_w: f32,
}

impl Default for Inference {
    fn default() -> Self {
        Self {
            noise_scale: 0.667,
            length_scale: 1.0,
            noise_w: 0.8,
        }
    }
}

/// The voice.
pub(super) struct Vits {
    graph: Graph,
    says: Description,
    phonemes: Phonemes,
}

impl Vits {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let graph = Graph::open(files.only()?)?;
        graph.needs(&["input", "input_lengths", "scales"], &[])?;
        let says = files
            .description()
            .and_then(|text| serde_json::from_value(text).ok());
        let says: Description = says.ok_or_else(|| graph.other("phoneme_id_map"))?;
        if !(8_000..=48_000).contains(&says.audio.sample_rate) {
            return Err(graph.other("sample_rate"));
        }
        let reading = match says.phoneme_type.as_deref() {
            Some("text") => Reading::Letters,
            None | Some("espeak") => Reading::Espeak,
            Some(_) => Reading::Both,
        };
        Ok(Self {
            phonemes: Phonemes {
                reading,
                model: files.name(),
                languages: files.languages(),
            },
            graph,
            says,
        })
    }

    /// The numbers of phonemes: each is followed by the one that fills, all lie between the
    /// beginning and the end.
    fn numbers(&self, phonemes: &[String]) -> Vec<i32> {
        let map = &self.says.phoneme_id_map;
        let of = |phoneme: &str| map.get(phoneme).cloned().unwrap_or_default();
        let fill = of("_");
        let mut numbers = of("^");
        numbers.extend(&fill);
        for phoneme in phonemes {
            // What it was not taught is left out.
            if let Some(its) = map.get(phoneme) {
                numbers.extend(its);
                numbers.extend(&fill);
            }
        }
        numbers.extend(of("$"));
        numbers
    }

    /// Which of its voices was wished for; the first where it has no such one.
    fn who(&self, wish: &Wish) -> i32 {
        let wished = wish
            .voice
            .as_deref()
            .and_then(|name| self.says.speaker_id_map.get(name));
        wished.copied().unwrap_or(0)
    }
}

impl Voice for Vits {
    fn rate(&self) -> u32 {
        self.says.audio.sample_rate
    }

    fn sound(&mut self, clause: &str, wish: &Wish) -> Result<Vec<f32>, ModelError> {
        let phonemes = self.phonemes.of(clause, wish.lang)?;
        if phonemes.is_empty() {
            return Ok(vec![]);
        }
        let numbers = self.numbers(&phonemes);
        let (count, usual) = (numbers.len(), &self.says.inference);
        let scales = vec![
            usual.noise_scale,
            usual.length_scale / wish.speed,
            usual.noise_w,
        ];
        let mut inputs = vec![
            ("input", wholes(&[1, count], numbers).into()),
            ("input_lengths", wholes(&[1], vec![count as i32]).into()),
            ("scales", floats(&[3], scales).into()),
        ];
        for port in &self.graph.inputs {
            let language = self.says.language_id_map.get(wish.lang.code());
            let value = match port.name.as_str() {
                "sid" => wholes(&[1], vec![self.who(wish)]),
                "lid" => wholes(&[1], vec![language.copied().unwrap_or(0)]),
                // How a word is said beyond its phonemes: as usual.
                "prosody_features" => wholes(&[1, count, 3], vec![0; count * 3]),
                // Nobody's voice is to be copied.
                "speaker_embedding" => {
                    let size = match port.shape.as_deref() {
                        Some(&[_, Some(size)]) if size <= 4_096 => size,
                        _ => 256,
                    };
                    floats(&[1, size], vec![0.0; size])
                }
                "speaker_embedding_mask" => wholes(&[1, 1], vec![0]),
                _ => continue,
            };
            inputs.push((port.name.as_str(), value.into()));
        }
        let first = self
            .graph
            .outputs
            .first()
            .ok_or_else(|| self.graph.other("output"))?;
        let mut answers = self.graph.run(inputs, &[&first.name])?;
        let sound = answers.pop().ok_or_else(|| self.graph.other("output"))?;
        let (_, mut sound) = self.graph.floats(sound)?;
        sound.truncate(LONGEST);
        Ok(sound)
    }
}
