//! Kokoro: English, in several voices, each of which is a file of styles beside the graph: one for
//! every length of a clause.

use super::phonemes::{Phonemes, Reading};
use super::{Voice, Wish};
use crate::mind::engine::error::ModelError;
use crate::mind::engine::files::Files;
use crate::mind::engine::graph::{Graph, floats, wholes};
use crate::mind::engine::tokens::Tokens;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Samples to the second.
const RATE: u32 = 24_000;
/// Numbers of a style.
const STYLE: usize = 256;
/// The longest clause it was taught with, in phonemes.
const MOST: usize = 508;
/// The largest file of styles: twice the usual.
const LARGEST: u64 = 2 << 20;

/// The voice.
pub(super) struct Kokoro {
    graph: Graph,
    phonemes: Phonemes,
    numbers: HashMap<String, i32>,
    /// What the inputs and the output are called: there are two exports.
    input: &'static str,
    output: &'static str,
    folder: PathBuf,
    /// The voice that spoke last, and its styles.
    style: (PathBuf, Vec<f32>),
}

impl Kokoro {
    pub(super) fn open(files: &Files) -> Result<Self, ModelError> {
        let tokens = Tokens::read(&files.folder)?;
        let graph = Graph::open(files.only()?)?;
        graph.needs(&["style", "speed"], &[])?;
        let pick = |ports: &[super::super::graph::Port], names: [&'static str; 2]| {
            let found = names
                .into_iter()
                .find(|name| ports.iter().any(|port| port.name == *name));
            found.ok_or_else(|| graph.other(names[0]))
        };
        let input = pick(&graph.inputs, ["input_ids", "tokens"])?;
        let output = pick(&graph.outputs, ["waveform", "audio"])?;
        let folder = files.folder.join("voices");
        let first = voices(&folder).into_iter().next();
        let first = first.ok_or_else(|| ModelError::Lacks {
            folder: folder.display().to_string(),
            file: "af_heart.bin".to_owned(),
        })?;
        Ok(Self {
            style: (first.clone(), styles(&first)?),
            phonemes: Phonemes {
                reading: Reading::Espeak,
                model: files.name(),
                languages: files.languages(),
            },
            graph,
            numbers: tokens.numbers(),
            input,
            output,
            folder,
        })
    }

    /// Takes the styles of the voice that is wished for, or stays with the one there is.
    fn choose(&mut self, wish: &Wish) -> Result<(), ModelError> {
        let Some(name) = wish.voice.as_deref() else {
            return Ok(());
        };
        let found = voices(&self.folder);
        let wished = found
            .iter()
            .find(|path| path.file_stem().is_some_and(|stem| stem == name));
        if let Some(path) = wished.filter(|path| **path != self.style.0) {
            self.style = (path.clone(), styles(path)?);
        }
        Ok(())
    }
}

impl Voice for Kokoro {
    fn rate(&self) -> u32 {
        RATE
    }

    fn sound(&mut self, clause: &str, wish: &Wish) -> Result<Vec<f32>, ModelError> {
        let phonemes = self.phonemes.of(clause, wish.lang)?;
        if phonemes.is_empty() {
            return Ok(vec![]);
        }
        self.choose(wish)?;
        let known = phonemes
            .iter()
            .filter_map(|phoneme| self.numbers.get(phoneme));
        let known: Vec<i32> = known.copied().take(MOST).collect();
        let styles = self.style.1.chunks_exact(STYLE);
        let last = styles.len().saturating_sub(1);
        let style = styles
            .clone()
            .nth(known.len().min(last))
            .unwrap_or_default();
        let numbers: Vec<i32> = [vec![0], known, vec![0]].concat();
        let inputs = vec![
            (self.input, wholes(&[1, numbers.len()], numbers).into()),
            ("style", floats(&[1, STYLE], style.to_vec()).into()),
            ("speed", floats(&[1], vec![wish.speed]).into()),
        ];
        let mut answers = self.graph.run(inputs, &[self.output])?;
        let sound = answers.pop().ok_or_else(|| self.graph.other(self.output))?;
        Ok(self.graph.floats(sound)?.1)
    }
}

/// The files of styles of a folder, by name.
fn voices(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    let mut found: Vec<PathBuf> = paths
        .filter(|path| path.extension().is_some_and(|one| one == "bin"))
        .collect();
    found.sort();
    found
}

/// Fractions of 4 bytes, the lowest first.
fn styles(path: &Path) -> Result<Vec<f32>, ModelError> {
    let damaged = |why: String| ModelError::Damaged {
        file: path.display().to_string(),
        why,
    };
    let length = fs::metadata(path)
        .map_err(|error| damaged(error.to_string()))?
        .len();
    if length > LARGEST || length < (STYLE * 4) as u64 || length % (STYLE * 4) as u64 != 0 {
        return Err(damaged(format!(
            "it has {length} bytes, which are no styles"
        )));
    }
    let bytes = fs::read(path).map_err(|error| damaged(error.to_string()))?;
    let (quads, _) = bytes.as_chunks();
    Ok(quads.iter().map(|quad| f32::from_le_bytes(*quad)).collect())
}
