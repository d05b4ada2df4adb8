//! Tells from the files of a folder which model they are. Nothing of it is loaded.
//!
//! The names are those under which such models are published; graphs may lie in a folder `onnx`
//! below.

mod forms;
mod languages;

use super::error::ModelError;
use crate::core::shelf::Task;
use forms::{graphs, is_part};
use serde_json::Value;
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The largest description that is read.
const LARGEST: u64 = 8 << 20;
/// How much of a conversation a model is shown, in pieces, however much it could take: what it is
/// shown it has to read first, and to remember.
const WINDOW: u64 = 4_096;

/// A kind of model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Kokoro,
    /// One that answers a conversation.
    Language,
    /// A voice with a list of words.
    Melo,
    Moonshine,
    SenseVoice,
    Vits,
    Whisper,
    Zipformer,
}

impl Kind {
    /// What it is for.
    pub const fn task(self) -> Task {
        match self {
            Self::Moonshine | Self::SenseVoice | Self::Whisper | Self::Zipformer => Task::Ears,
            Self::Kokoro | Self::Melo | Self::Vits => Task::Voice,
            Self::Language => Task::Brain,
        }
    }
}

/// The files of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    pub kind: Kind,
    pub folder: PathBuf,
    /// The graphs: name without form, and path.
    graphs: Vec<(String, PathBuf)>,
}

/// The model in a folder, by the files that are there.
pub fn open(folder: &Path) -> Result<Files, ModelError> {
    let graphs = graphs(folder);
    let has = |stem: &str| graphs.iter().any(|(name, _)| is_part(name, stem));
    let lacks = |file: &str| ModelError::Lacks {
        folder: folder.display().to_string(),
        file: file.to_owned(),
    };
    let nothing = || ModelError::Nothing {
        folder: folder.display().to_string(),
    };
    let describes = |name: &str| folder.join(name).is_file();
    let whole = graphs.iter().any(|(name, _)| name == "encoder_model");
    let kind = if whole || has("decoder_model_merged") {
        let parts = [
            ("encoder_model", whole),
            ("decoder_model_merged", has("decoder_model_merged")),
        ];
        if let Some((part, _)) = parts.iter().find(|(_, there)| !there) {
            return Err(lacks(&format!("{part}.onnx")));
        }
        if is_whisper(folder)? {
            Kind::Whisper
        } else {
            Kind::Moonshine
        }
    } else if has("encoder") || has("joiner") {
        let parts = ["encoder", "decoder", "joiner"];
        if let Some(part) = parts.iter().find(|part| !has(part)) {
            return Err(lacks(&format!("{part}.onnx")));
        }
        Kind::Zipformer
    } else if voice_description(folder, &graphs).is_some() {
        Kind::Vits
    } else if folder.join("voices").is_dir() || describes("voices.bin") {
        Kind::Kokoro
    } else if has("model") && answers(folder) {
        if !describes("tokenizer.json") {
            return Err(lacks("tokenizer.json"));
        }
        Kind::Language
    } else if has("model") && describes("lexicon.txt") {
        if !describes("tokens.txt") {
            return Err(lacks("tokens.txt"));
        }
        Kind::Melo
    } else if has("model") && describes("tokens.txt") {
        Kind::SenseVoice
    } else if has("model") && describes("config.json") {
        return Err(lacks("tokens.txt"));
    } else {
        return Err(nothing());
    };
    Ok(Files {
        kind,
        folder: folder.to_owned(),
        graphs,
    })
}

/// The models below a folder, by name.
pub fn installed(models: &Path) -> Vec<Files> {
    let Ok(entries) = fs::read_dir(models) else {
        return vec![];
    };
    let folders = entries.flatten().map(|entry| entry.path());
    let mut found: Vec<Files> = folders
        .filter(|path| path.is_dir())
        .filter_map(|path| open(&path).ok())
        .collect();
    found.sort_by(|one, other| one.folder.cmp(&other.folder));
    found
}

/// The model of this name, for this; nothing if there is no folder of that name.
pub(in crate::mind) fn named(
    models: &Path,
    name: &str,
    task: Task,
) -> Option<Result<Files, ModelError>> {
    let folder = models.join(name);
    // A name is the name of a folder, and nothing that leads elsewhere.
    let plain = folder.parent() == Some(models) && folder.file_name().is_some();
    if !plain || !folder.is_dir() {
        return None;
    }
    let fits = |files: Files| {
        let does = files.kind.task();
        if does == task {
            return Ok(files);
        }
        let model = files.name();
        Err(ModelError::Part { model, does })
    };
    Some(open(&folder).and_then(fits))
}

impl Files {
    /// What people call it: its folder.
    pub fn name(&self) -> String {
        let name = self.folder.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }

    /// How many bytes its graphs have.
    pub fn bytes(&self) -> u64 {
        let sizes = self.graphs.iter().map(|(_, path)| fs::metadata(path));
        sizes.flatten().map(|data| data.len()).sum()
    }

    /// The file beside a voice that says how it speaks.
    pub(super) fn description(&self) -> Option<Value> {
        json(&voice_description(&self.folder, &self.graphs)?)
    }

    /// A graph by its name.
    pub(super) fn graph(&self, stem: &str) -> Result<&Path, ModelError> {
        let found = self.graphs.iter().find(|(name, _)| is_part(name, stem));
        found
            .map(|(_, path)| path.as_path())
            .ok_or_else(|| ModelError::Lacks {
                folder: self.folder.display().to_string(),
                file: format!("{stem}.onnx"),
            })
    }

    /// The only graph of a model that has one.
    pub(super) fn only(&self) -> Result<&Path, ModelError> {
        let first = self.graphs.first();
        first
            .map(|(_, path)| path.as_path())
            .ok_or_else(|| ModelError::Nothing {
                folder: self.folder.display().to_string(),
            })
    }

    /// How much of a conversation it can be shown, in pieces.
    pub fn window(&self) -> usize {
        let most = self.config("max_position_embeddings").unwrap_or(WINDOW);
        most.min(WINDOW) as usize
    }

    /// A number of `config.json`.
    pub(super) fn config(&self, key: &str) -> Option<u64> {
        json(&self.folder.join("config.json"))?.get(key)?.as_u64()
    }

    /// The pieces that `generation_config.json` forbids.
    pub(super) fn barred(&self) -> HashSet<usize> {
        let said = json(&self.folder.join("generation_config.json"));
        let list = said
            .as_ref()
            .and_then(|said| said.get("suppress_tokens")?.as_array());
        let numbers = list.into_iter().flatten().filter_map(Value::as_u64);
        numbers.map(|number| number as usize).collect()
    }
}

/// Beside the graph of a voice lies what says how it speaks.
fn voice_description(folder: &Path, graphs: &[(String, PathBuf)]) -> Option<PathBuf> {
    let beside = graphs
        .iter()
        .map(|(_, path)| path.with_extension("onnx.json"));
    let mut places = beside.chain([folder.join("config.json")]);
    places.find(|place| json(place).is_some_and(|text| text.get("phoneme_id_map").is_some()))
}

/// Whether a model goes on with a text, as its description says.
fn answers(folder: &Path) -> bool {
    let says = json(&folder.join("config.json"));
    let first = says
        .as_ref()
        .and_then(|says| says.pointer("/architectures/0"));
    let kind = first.and_then(Value::as_str);
    kind.is_some_and(|kind| kind.ends_with("ForCausalLM"))
}

/// Both are published under the same names.
fn is_whisper(folder: &Path) -> Result<bool, ModelError> {
    if let Some(config) = json(&folder.join("config.json")) {
        let kind = config.get("model_type").and_then(Value::as_str);
        if let Some(kind) = kind {
            return Ok(kind == "whisper");
        }
    }
    let tokens = ["tokenizer.json", "added_tokens.json", "vocab.json"];
    let found = tokens
        .iter()
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    let path = found.ok_or_else(|| ModelError::Lacks {
        folder: folder.display().to_string(),
        file: "tokenizer.json".to_owned(),
    })?;
    let text = read(&path).unwrap_or_default();
    Ok(text.contains("<|startoftranscript|>"))
}

fn read(path: &Path) -> Option<String> {
    let length = fs::metadata(path).ok()?.len();
    if length > LARGEST {
        return None;
    }
    fs::read_to_string(path).ok()
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_str(&read(path)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and texts of files.
    type Put<'a> = &'a [(&'a str, &'a str)];

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        folder
    }

    #[test]
    fn the_files_of_a_folder_tell_which_model_it_is() {
        let pair = [
            "onnx/encoder_model_quantized.onnx",
            "onnx/decoder_model_merged_quantized.onnx",
        ];
        let table: &[(Put<'_>, Kind)] = &[
            (
                &[
                    (pair[0], ""),
                    (pair[1], ""),
                    ("config.json", r#"{"model_type":"whisper"}"#),
                ],
                Kind::Whisper,
            ),
            (
                &[
                    (pair[0], ""),
                    (pair[1], ""),
                    ("tokenizer.json", "<|startoftranscript|>"),
                ],
                Kind::Whisper,
            ),
            (
                &[
                    ("encoder_model.onnx", ""),
                    ("decoder_model_merged.onnx", ""),
                    ("tokenizer.json", "{}"),
                ],
                Kind::Moonshine,
            ),
            (
                &[("model.int8.onnx", ""), ("tokens.txt", "")],
                Kind::SenseVoice,
            ),
            (
                &[
                    ("encoder-epoch-99-avg-1.int8.onnx", ""),
                    ("decoder-epoch-99-avg-1.onnx", ""),
                    ("joiner-epoch-99-avg-1.int8.onnx", ""),
                    ("tokens.txt", ""),
                ],
                Kind::Zipformer,
            ),
            (
                &[
                    ("zh_CN-huayan.onnx", ""),
                    ("zh_CN-huayan.onnx.json", r#"{"phoneme_id_map":{}}"#),
                ],
                Kind::Vits,
            ),
            (
                &[
                    ("model.onnx", ""),
                    ("config.json", r#"{"phoneme_id_map":{}}"#),
                ],
                Kind::Vits,
            ),
            (
                &[
                    ("onnx/model_quantized.onnx", ""),
                    ("tokenizer.json", "{}"),
                    ("config.json", r#"{"architectures":["Qwen2ForCausalLM"]}"#),
                ],
                Kind::Language,
            ),
            (
                &[("model_quantized.onnx", ""), ("voices/af.bin", "")],
                Kind::Kokoro,
            ),
            (
                &[
                    ("model.int8.onnx", ""),
                    ("tokens.txt", ""),
                    ("lexicon.txt", ""),
                ],
                Kind::Melo,
            ),
        ];
        for (files, kind) in table {
            let folder = folder(files);
            assert_eq!(open(folder.path()).unwrap().kind, *kind, "{files:?}");
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let table: &[(Put<'_>, Option<&str>)] = &[
            (&[], None),
            (&[("notes.txt", "")], None),
            (
                &[("encoder_model.onnx", "")],
                Some("decoder_model_merged.onnx"),
            ),
            (
                &[("decoder_model_merged.onnx", "")],
                Some("encoder_model.onnx"),
            ),
            (
                &[
                    ("encoder_model.onnx", ""),
                    ("decoder_model_merged.onnx", ""),
                ],
                Some("tokenizer.json"),
            ),
            (
                &[("encoder.onnx", ""), ("decoder.onnx", "")],
                Some("joiner.onnx"),
            ),
            (
                &[("model.onnx", ""), ("config.json", "{}")],
                Some("tokens.txt"),
            ),
            (
                &[("model.onnx", ""), ("lexicon.txt", "")],
                Some("tokens.txt"),
            ),
        ];
        for (files, lacking) in table {
            let folder = folder(files);
            let error = open(folder.path()).unwrap_err();
            match (error, lacking) {
                (ModelError::Lacks { file, .. }, Some(lacking)) => assert_eq!(file, *lacking),
                (ModelError::Nothing { .. }, None) => {}
                (error, _) => panic!("{files:?}: {error}"),
            }
        }
    }

    #[test]
    fn the_smallest_form_that_can_be_run_is_taken() {
        let pair = |form: &str| format!("encoder_model{form}.onnx");
        let names = ["_fp16", "_q4", "", "_quantized"].map(pair);
        let mut files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
        files.extend([("decoder_model_merged.onnx", ""), ("tokenizer.json", "{}")]);
        let folder = folder(&files);
        let found = open(folder.path()).unwrap();
        let path = found.graph("encoder_model").unwrap();
        assert!(path.ends_with("encoder_model_quantized.onnx"), "{path:?}");
    }
}
