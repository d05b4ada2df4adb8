//! What can go wrong with ears and voices, as data, as a sentence, and with what to do about it.

use crate::core::shelf::Task;
use crate::core::words::{Lang, Word, fill};
use crate::mind::BrainError;
use crate::mind::engine::ModelError;
use std::time::Duration;

/// What of hearing and speaking it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Ears,
    Voice,
}

impl Part {
    /// What models for it do.
    pub(in crate::mind) const fn task(self) -> Task {
        match self {
            Self::Ears => Task::Ears,
            Self::Voice => Task::Voice,
        }
    }

    /// The section of the settings that is about it.
    pub(in crate::mind) const fn section(self) -> &'static str {
        match self {
            Self::Ears => "ears",
            Self::Voice => "voice",
        }
    }
}

/// Why something was not heard or not spoken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.tell(Lang::En))]
pub enum SpeechError {
    /// It does not stop to give more.
    Endless { engine: String },
    /// It is there and could not; `why` is its own last word about it.
    Failed { engine: String, why: String },
    /// These ears do not know the language that is spoken.
    Language { engine: String, language: String },
    /// Nothing here can do it; both texts are in the language it was looked for in.
    Missing { what: String, hint: String },
    /// A model on this machine cannot.
    Model(ModelError),
    /// It ended well and gave no sound.
    Mute { engine: String },
    /// What it gave is no sound that can be played.
    Odd { engine: String, why: String },
    /// A server could not be asked, or said no.
    Server { part: Part, why: BrainError },
    /// It is there and gave nothing for so long.
    Silent { engine: String, waited: Duration },
    /// The recording is longer than these ears take, in seconds.
    TooLong {
        engine: String,
        seconds: u64,
        most: u64,
    },
}

impl SpeechError {
    /// What happened, as a sentence.
    pub fn tell(&self, lang: Lang) -> String {
        let say = |word: Word, arguments: &[&str]| fill(word.text(lang), arguments);
        match self {
            Self::Endless { engine } => say(Word::SpeechEndless, &[engine]),
            Self::Failed { engine, why } => say(Word::SpeechFailed, &[engine, why]),
            Self::Language { engine, language } => {
                say(Word::SpeechEnglishOnly, &[engine, language])
            }
            Self::Missing { what, .. } => what.clone(),
            Self::Model(why) => why.tell(lang),
            Self::Mute { engine } => say(Word::SpeechMute, &[engine]),
            Self::Odd { engine, why } => say(Word::SpeechOdd, &[engine, why]),
            Self::Server { part, why } => served(*part, why, lang),
            Self::Silent { engine, waited } => {
                say(Word::SpeechSilent, &[engine, &waited.as_secs().to_string()])
            }
            Self::TooLong {
                engine,
                seconds,
                most,
            } => say(
                Word::SpeechTooLong,
                &[&seconds.to_string(), engine, &most.to_string()],
            ),
        }
    }

    /// What to do about it.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let word = match self {
            Self::Endless { .. } | Self::Failed { .. } | Self::Mute { .. } | Self::Odd { .. } => {
                return None;
            }
            Self::Language { .. } => Word::SpeechEnglishOnlyHint,
            Self::Missing { hint, .. } => return Some(hint.clone()),
            Self::Model(why) => return Some(why.hint(lang)),
            Self::Server { part, why } => return Some(advice(*part, why, lang)),
            Self::Silent { .. } => Word::SpeechSilentHint,
            Self::TooLong { .. } => Word::SpeechTooLongHint,
        };
        Some(word.text(lang).to_owned())
    }
}

/// What a model server's refusal is called where it was asked for speech.
fn served(part: Part, why: &BrainError, lang: Lang) -> String {
    let word = match (part, why) {
        (Part::Ears, BrainError::NotFound { .. }) => Word::SpeechNoEarsThere,
        (Part::Voice, BrainError::NotFound { .. }) => Word::SpeechNoVoiceThere,
        (_, BrainError::Rejected { status: 413, .. }) => Word::SpeechTooBig,
        _ => return why.tell(lang),
    };
    match why {
        BrainError::NotFound { base, .. } | BrainError::Rejected { base, .. } => {
            fill(word.text(lang), &[base])
        }
        _ => why.tell(lang),
    }
}

/// What helps, where that is another setting than it is for a brain.
fn advice(part: Part, why: &BrainError, lang: Lang) -> String {
    let word = match why {
        BrainError::KeyWanted { .. } | BrainError::KeyRefused { .. } => Word::SpeechKeyHint,
        BrainError::Rejected { status: 413, .. } => Word::SpeechTooLongHint,
        BrainError::ModelUnknown { .. } | BrainError::Rejected { .. } => Word::SpeechModelHint,
        _ => return why.hint(lang),
    };
    fill(word.text(lang), &[part.section()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_settings_of_the_part_that_was_refused() {
        let base = "http://h/v1".to_owned();
        let said = String::new();
        let table = [
            (
                BrainError::KeyWanted {
                    base: base.clone(),
                    said: said.clone(),
                },
                "the model server at http://h/v1 wants a key",
                "set `ears.key`, for instance to `env:OPENAI_API_KEY`",
            ),
            (
                BrainError::NotFound {
                    base: base.clone(),
                    said: said.clone(),
                },
                "http://h/v1 answers, but makes no words of speech there",
                "check the path of the address: it usually ends in `/v1`",
            ),
            (
                BrainError::Rejected {
                    base,
                    status: 413,
                    said,
                },
                "the recording is too large for http://h/v1",
                "say it in shorter pieces",
            ),
        ];
        for (why, told, hint) in table {
            let error = SpeechError::Server {
                part: Part::Ears,
                why,
            };
            let both = (error.to_string(), error.hint(Lang::En).unwrap());
            assert_eq!(both, (told.to_owned(), hint.to_owned()));
        }
    }
}
