//! Ears that are models on this machine: whichever of them knows best the language that is spoken.

use super::{Ears, Hearing, Partial, Recording, Words, language_code, length};
use crate::core::sound::RATE;
use crate::mind::SpeechError;
use crate::mind::engine::remote::Engine;
use crate::mind::engine::talk::{Frame, Reply};
use crate::mind::engine::{Files, Kind};
use tokio::sync::mpsc;

/// Models that hear.
#[derive(Debug)]
pub(super) struct Models {
    engines: Vec<Engine>,
}

impl Models {
    /// At least one.
    pub(super) fn new(engines: Vec<Engine>) -> Self {
        Self { engines }
    }

    /// The model for a language.
    fn best(&self, language: Option<&str>) -> Option<&Engine> {
        let fits = self.engines.iter().filter_map(|engine| {
            let files = engine.files();
            Some((fitness(files, language)?, files.bytes(), engine))
        });
        // Of two of a kind the larger one hears better.
        let best = fits.max_by_key(|(fitness, bytes, _)| (*fitness, *bytes));
        best.map(|(_, _, engine)| engine)
    }

    async fn listen(
        &self,
        mut recording: Recording,
        partials: mpsc::Sender<Partial>,
    ) -> Result<Words, SpeechError> {
        let language = recording.language.as_deref().map(language_code);
        let language = language.filter(|language| !language.is_empty());
        let Some(engine) = self.best(language.as_deref()) else {
            return Err(SpeechError::Language {
                engine: self.name(),
                language: recording.language.unwrap_or_default(),
            });
        };
        length(&recording, engine.limits(), &engine.name())?;
        let longest = engine.limits().seconds * u64::from(RATE);
        let mut job = engine.hear(language, recording.rest.is_some()).await?;
        let mut samples = std::mem::take(&mut recording.samples);
        let mut taken = 0;
        loop {
            taken += samples.len() as u64;
            for second in samples.chunks(RATE as usize) {
                job.sound(second);
            }
            samples.clear();
            let Some(rest) = recording.rest.as_mut() else {
                job.end();
                break;
            };
            tokio::select! {
                more = rest.recv() => match more {
                    Some(more) if taken <= longest => samples = more,
                    _ => recording.rest = None,
                },
                reply = job.guess() => {
                    let (text, stable) = reply?;
                    let _ = partials.try_send(Partial { text, stable });
                }
            }
        }
        loop {
            match job.reply().await? {
                Frame::Words(Reply::Guess { text, stable }) => {
                    // Guesses are for who wants them, and the next one makes up for this one.
                    let _ = partials.try_send(Partial { text, stable });
                }
                Frame::Words(Reply::Heard(heard)) => {
                    return Ok(Words {
                        text: heard.text,
                        language: heard.language,
                        confidence: heard.confidence,
                    });
                }
                Frame::Words(_) | Frame::Sound { .. } => {}
            }
        }
    }
}

/// How well a model hears a language; nothing if it does not know it.
fn fitness(files: &Files, language: Option<&str>) -> Option<u8> {
    let known = files.languages();
    let knows = |language: &str| known.is_empty() || known.iter().any(|one| one == language);
    match language {
        Some(language) if !knows(language) => None,
        // A model for one language is better at it than one for many.
        Some("en") => Some(match files.kind {
            Kind::Moonshine => 4,
            Kind::Whisper => 3,
            Kind::SenseVoice => 2,
            _ => 1,
        }),
        Some("zh" | "yue") => Some(match files.kind {
            Kind::SenseVoice => 4,
            Kind::Whisper => 3,
            _ => 2,
        }),
        _ => Some(match files.kind {
            Kind::Whisper => 4,
            Kind::SenseVoice => 3,
            Kind::Zipformer => 2,
            _ => 1,
        }),
    }
}

impl Ears for Models {
    fn name(&self) -> String {
        let names: Vec<String> = self.engines.iter().map(Engine::name).collect();
        names.join(", ")
    }

    fn hear(&self, recording: Recording, partials: mpsc::Sender<Partial>) -> Hearing<'_> {
        Box::pin(self.listen(recording, partials))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mind::engine::open;
    use crate::mind::speech::Limits;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn the_model_that_knows_a_language_best_hears_it() {
        let root = tempfile::tempdir().unwrap();
        let put = |folder: &str, files: &[(&str, &str)]| {
            let path = root.path().join(folder);
            fs::create_dir_all(&path).unwrap();
            for (name, text) in files {
                fs::write(path.join(name), text).unwrap();
            }
            let files = open(&path).unwrap();
            Engine::new(
                files,
                "x".into(),
                String::new(),
                Limits::default(),
                Duration::MAX,
            )
        };
        let two = |tokens| {
            [
                ("encoder_model.onnx", ""),
                ("decoder_model_merged.onnx", ""),
                ("tokenizer.json", tokens),
            ]
        };
        let whisper = || put("whisper-base", &two("<|startoftranscript|>"));
        let moonshine = || put("moonshine-tiny", &two("{}"));
        let sense = || put("sense-voice", &[("model.onnx", ""), ("tokens.txt", "")]);
        let table = [
            (
                vec![whisper(), moonshine(), sense()],
                Some("en"),
                Some("moonshine-tiny"),
            ),
            (
                vec![whisper(), moonshine(), sense()],
                Some("zh"),
                Some("sense-voice"),
            ),
            (
                vec![whisper(), moonshine(), sense()],
                Some("de"),
                Some("whisper-base"),
            ),
            (
                vec![whisper(), moonshine(), sense()],
                None,
                Some("whisper-base"),
            ),
            (vec![moonshine()], Some("zh"), None),
            (vec![moonshine()], None, Some("moonshine-tiny")),
            (vec![sense()], Some("de"), None),
        ];
        for (engines, language, name) in table {
            let models = Models::new(engines);
            let best = models.best(language).map(Engine::name);
            assert_eq!(best.as_deref(), name, "{language:?}");
        }
    }
}
