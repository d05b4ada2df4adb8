//! The languages that a model knows, as far as its files tell.

use super::{Files, Kind};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;

impl Files {
    /// The languages it knows, as far as that can be told without loading it; none: any.
    pub fn languages(&self) -> Vec<String> {
        match self.kind {
            Kind::Moonshine => {
                let name = self.name();
                let last = name.rsplit('-').next().unwrap_or_default();
                let code = last.len() == 2 && last.bytes().all(|byte| byte.is_ascii_lowercase());
                vec![if code {
                    last.to_owned()
                } else {
                    "en".to_owned()
                }]
            }
            Kind::SenseVoice => ["zh", "yue", "en", "ja", "ko"].map(str::to_owned).to_vec(),
            Kind::Zipformer => self.scripts(),
            Kind::Vits => self.spoken(),
            Kind::Kokoro => vec!["en".to_owned()],
            Kind::Melo => ["zh", "en"].map(str::to_owned).to_vec(),
            Kind::Language => vec![],
            Kind::Whisper => {
                let english = self.name().split(['-', '.', '_']).any(|part| part == "en");
                english.then(|| "en".to_owned()).into_iter().collect()
            }
        }
    }

    /// What scripts its pieces are in.
    fn scripts(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("tokens.txt")).unwrap_or_default();
        let mut found = BTreeSet::new();
        for line in text.lines().take(100_000) {
            let piece = line.trim_start_matches('▁');
            match piece.chars().next() {
                Some('\u{4e00}'..='\u{9fff}') => found.insert("zh".to_owned()),
                Some('A'..='Z' | 'a'..='z') if !piece.starts_with('#') => {
                    found.insert("en".to_owned())
                }
                _ => false,
            };
        }
        found.into_iter().collect()
    }

    /// What a voice says it speaks.
    fn spoken(&self) -> Vec<String> {
        let Some(text) = self.description() else {
            return vec![];
        };
        let all = text.get("language_id_map").and_then(Value::as_object);
        if let Some(all) = all.filter(|all| !all.is_empty()) {
            return all.keys().cloned().collect();
        }
        let one = text
            .pointer("/language/code")
            .or(text.pointer("/espeak/voice"));
        let one = one.and_then(Value::as_str).unwrap_or("en");
        let code = one.split(['-', '_']).next().unwrap_or("en").to_lowercase();
        vec![if code == "cmn" { "zh".to_owned() } else { code }]
    }
}

#[cfg(test)]
mod tests {
    use super::super::open;
    use super::*;

    #[test]
    fn the_languages_are_those_of_the_pieces_the_name_or_the_description() {
        let root = tempfile::tempdir().unwrap();
        let languages = |name: &str, files: &[(&str, &str)]| {
            let folder = root.path().join(name);
            fs::create_dir_all(&folder).unwrap();
            for (name, text) in files {
                fs::write(folder.join(name), text).unwrap();
            }
            open(&folder).unwrap().languages().join(" ")
        };
        let zipformer = [
            ("encoder.onnx", ""),
            ("decoder.onnx", ""),
            ("joiner.onnx", ""),
        ];
        let pieces = |lines| [&zipformer[..], &[("tokens.txt", lines)]].concat();
        let pair = |tokens| {
            [
                ("encoder_model.onnx", ""),
                ("decoder_model_merged.onnx", ""),
                ("tokenizer.json", tokens),
            ]
        };
        let voice = |says| [("v.onnx", ""), ("v.onnx.json", says)];
        let whisper = "<|startoftranscript|>";
        assert_eq!(
            languages("a", &pieces("<blk> 0\n▁HE 1\n你 2\n#0 3\n")),
            "en zh"
        );
        assert_eq!(languages("b", &pieces("<blk> 0\n你 2\n")), "zh");
        assert_eq!(languages("moonshine-tiny", &pair("{}")), "en");
        assert_eq!(languages("moonshine-tiny-zh", &pair("{}")), "zh");
        assert_eq!(languages("whisper-base", &pair(whisper)), "");
        assert_eq!(languages("whisper-base.en", &pair(whisper)), "en");
        let cmn = r#"{"phoneme_id_map": {}, "espeak": {"voice": "cmn"}}"#;
        assert_eq!(languages("c", &voice(cmn)), "zh");
        let region = r#"{"phoneme_id_map": {}, "language": {"code": "en_GB"}}"#;
        assert_eq!(languages("d", &voice(region)), "en");
        let both = r#"{"phoneme_id_map": {}, "language_id_map": {"en": 0, "zh": 1}}"#;
        assert_eq!(languages("e", &voice(both)), "en zh");
    }
}
